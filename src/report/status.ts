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
  return {
    observedGeneration: policy.generation,
    conditions: conditionsOf(record, previous.conditions),
    ...(told.horizontal === undefined ? {} : { horizontal: withHistory(told.horizontal, kept) }),
    recentActs: [...told.ownActs, ...acts, ...previous.recentActs].slice(0, ACTS_MAX),
    display: told.display,
    lastDecision: { time, summary: summaryOf(verdict) },
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

const withHistory = (horizontal: Horizontal, history: HistoryStatus | undefined): Horizontal =>
  history === undefined ? horizontal : { ...horizontal, history };

/** One sentence: what was decided, and where it was not done, why not. */
function summaryOf(verdict: DecisionRecord["verdict"]): string {
  if (verdict.kind === "not-decided") return `no decision: ${verdict.why.message}`;
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
