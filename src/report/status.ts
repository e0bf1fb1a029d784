/**
 * The status of a policy after a decision: a function of the record and of the status before it. What a
 * decision says nothing about stays as it was.
 *
 * Invariant: the same record on the same status gives the same status; nothing here writes it.
 */
import { timeText } from "../base/rfc3339.ts";
import type { Act, HistoryStatus, ScalePolicyStatus } from "../policy/status.ts";
import { conditionsOf } from "./conditions.ts";
import { metricsText, metricStatusOf, requestsText } from "./figures.ts";
import type { DecisionRecord, Effect } from "./record.ts";
import { requestsAndTargets, verticalSentence } from "./vertical/display.ts";
import { verticalStatusOf } from "./vertical/recommendation.ts";

const ACTS_MAX = 10;

type Planned = Extract<DecisionRecord["verdict"], { kind: "planned" }>;

export type StatusParts = Readonly<{
  record: DecisionRecord;
  /** The status computed before this one, or what the API shows when there is none in memory. */
  previous: ScalePolicyStatus | undefined;
  /** The windows' memory after this decision; undefined leaves the one that is there. */
  history: HistoryStatus | undefined;
  /** What others were seen to do since the previous record, newest first. */
  acts: readonly Act[];
  /** Whose status it is. */
  installation?: string;
}>;

const BLANK: ScalePolicyStatus = {
  observedGeneration: 0,
  conditions: [],
  recentActs: [],
  display: { metrics: "", requests: "" },
};

export function statusOf(parts: StatusParts): ScalePolicyStatus {
  const { record, previous = BLANK, history, acts, installation } = parts;
  const { verdict, at, policy } = record;
  const time = timeText(at);
  const kept = history ?? previous.horizontal?.history;
  const told = verdict.kind === "planned" ? toldBy(verdict, time, previous) : untold(previous);
  const vertical = verticalAfter(record, previous);
  return {
    observedGeneration: policy.generation,
    conditions: conditionsOf(record, previous.conditions),
    ...(told.horizontal === undefined ? {} : { horizontal: withHistory(told.horizontal, kept) }),
    ...(vertical === undefined ? {} : { vertical }),
    recentActs: [...told.ownActs, ...acts, ...previous.recentActs].slice(0, ACTS_MAX),
    display: displayAfter(record, vertical, told.display),
    lastDecision: { time, summary: summaryOf(record, vertical) },
    ...(installation === undefined ? {} : { installation }),
  };
}

type Horizontal = NonNullable<ScalePolicyStatus["horizontal"]>;
type Told = Readonly<{
  horizontal: Horizontal | undefined;
  display: ScalePolicyStatus["display"];
  ownActs: readonly Act[];
}>;

const untold = ({ horizontal, display }: ScalePolicyStatus): Told => ({ horizontal, display, ownActs: [] });

/** As in the HPA's status, `currentReplicas` is what the decision started from, not what it set. */
function toldBy({ plan, effect, question }: Planned, time: string, previous: ScalePolicyStatus): Told {
  const { from, to, proposal, sentence } = plan;
  const scaled = effect.kind === "scaled" && effect.outcome.kind === "written";
  const remembered = question.memory.lastScaleAt;
  const earlier = remembered === undefined ? previous.horizontal?.lastScaleTime : timeText(remembered);
  const lastScaleTime = scaled ? time : earlier;
  return {
    horizontal: {
      currentReplicas: from,
      desiredReplicas: to,
      ...(lastScaleTime === undefined ? {} : { lastScaleTime }),
      currentMetrics: proposal.metrics.map(metricStatusOf),
    },
    display: { metrics: metricsText(proposal.metrics), requests: requestsText(question.evidence.pods) },
    ownActs: scaled ? [{ time, what: `replicas ${from} → ${to}`, why: sentence }] : [],
  };
}

/** Where the spec does not parse, nobody knows whether it has `vertical`: what was there stays. */
function verticalAfter(
  { vertical, mode }: DecisionRecord,
  previous: ScalePolicyStatus,
): ScalePolicyStatus["vertical"] {
  if (vertical !== undefined) return verticalStatusOf(vertical, previous.vertical);
  return mode === undefined ? previous.vertical : undefined;
}

function displayAfter(
  { vertical }: DecisionRecord,
  shown: ScalePolicyStatus["vertical"],
  display: ScalePolicyStatus["display"],
): ScalePolicyStatus["display"] {
  const requests = vertical && shown && requestsAndTargets(vertical, shown);
  return requests === undefined || requests === "" ? display : { ...display, requests };
}

const withHistory = (horizontal: Horizontal, history: HistoryStatus | undefined): Horizontal =>
  history === undefined ? horizontal : { ...horizontal, history };

/** One sentence: what was decided, and where it was not done, why not. */
function summaryOf({ verdict, vertical }: DecisionRecord, shown: ScalePolicyStatus["vertical"]): string {
  if (verdict.kind === "not-decided") {
    const { reason, message } = verdict.why;
    return vertical !== undefined && shown !== undefined && reason === "HorizontalOmitted"
      ? verticalSentence(vertical, shown)
      : `no decision: ${message}`;
  }
  const { plan, effect } = verdict;
  const caveat = plan.from === plan.to ? undefined : caveatOf(effect);
  return caveat === undefined ? plan.sentence : `${plan.sentence}; not done: ${caveat}`;
}

function caveatOf(effect: Effect): string | undefined {
  switch (effect.kind) {
    case "none":
      return undefined;
    case "withheld":
      return effect.message;
    case "doubted":
      return effect.doubt.replaceAll("-", " ");
    case "scaled":
      return effect.outcome.kind === "written" ? undefined : effect.outcome.message;
  }
}
