/**
 * Makes a policy's recommendation from what its target's containers have used, and keeps it for a while:
 * histories change once a minute, decisions come more often.
 *
 * Invariant: what is returned rests on a history no older than `LASTS`, and on the policy and the template as
 * they are now.
 */
import type { ObjectKey, Uid } from "../../base/ids.ts";
import { elapsed, type MonoMillis, seconds } from "../../base/units.ts";
import { keyOf } from "../../cluster/object.ts";
import type { PodShape } from "../../cluster/pod.ts";
import type { ClusterView } from "../../cluster/view.ts";
import { type PolicyObject, targetKey } from "../../cluster/workload.ts";
import type { HorizontalSpec, ScalePolicySpec } from "../../policy/policy.ts";
import type { VerticalSpec } from "../../policy/vertical/spec.ts";
import type { FollowedUtilization, VerticalVerdict } from "../../report/record.ts";
import type { HistoryStore } from "../../usage/history/store.ts";
import { cronJobOf } from "../../usage/workload-of.ts";
import { recommend } from "../../vertical/recommend.ts";
import type { Moment } from "../round/ask.ts";
import type { DecisionSettings } from "../settings.ts";
import { whyNotApplied } from "./applying.ts";
import { askVertical } from "./ask-vertical.ts";
import { type HistoryKeeper, keeperOfHistory, type Member } from "./history-driver.ts";

/** As often as the VPA's recommender. */
const LASTS = seconds(60);
/** What is only waiting for first samples is looked at again sooner. */
const NOTHING_LASTS = seconds(5);

export type RecommenderParts = Readonly<{
  view: ClusterView;
  keeper: Pick<HistoryKeeper, "member">;
  histories: Pick<HistoryStore, "snapshots" | "useHalfLives">;
  settings: DecisionSettings;
}>;

/** What is written, the round says (round/requests-driver.ts). */
const UNDECIDED: VerticalVerdict["applying"] = {
  status: "False",
  reason: "ApplyWithheld",
  message: "nothing was decided about writing requests in this round",
};

type WithVertical = ScalePolicySpec & Readonly<{ vertical: VerticalSpec }>;

type Made = Readonly<{
  verdict: VerticalVerdict;
  at: MonoMillis;
  policy: Uid;
  spec: ScalePolicySpec;
  shape: PodShape | undefined;
}>;

export class Recommender {
  readonly #parts: RecommenderParts;
  readonly #made = new Map<ObjectKey, Made>();

  constructor(parts: RecommenderParts) {
    this.#parts = parts;
  }

  /** undefined where the spec has no `vertical`. */
  verdictOn(policy: PolicyObject, spec: ScalePolicySpec, now: Moment): VerticalVerdict | undefined {
    if (!hasVertical(spec)) return undefined;
    const key = keyOf(policy);
    const workload = targetKey(policy.meta.namespace, spec.target);
    const member = this.#parts.keeper.member(workload);
    const known = this.#made.get(key);
    if (known !== undefined && this.#stillHolds(known, { policy, spec, member, now })) return known.verdict;
    const keepsHistory = keeperOfHistory(this.#parts.view, workload)?.meta.uid === policy.meta.uid;
    if (keepsHistory && member !== undefined) this.#fade(member, spec, now);
    const verdict = this.#make(workload, spec, { member, now });
    this.#made.set(key, {
      verdict,
      at: now.mono,
      policy: policy.meta.uid,
      spec,
      shape: member?.newest.shape,
    });
    return verdict;
  }

  /** Something happened that should not wait for the next minute. */
  outdate(policy: ObjectKey): void {
    this.#made.delete(policy);
  }

  clear(): void {
    this.#made.clear();
  }

  #stillHolds(
    made: Made,
    {
      policy,
      spec,
      member,
      now,
    }: Readonly<{
      policy: PolicyObject;
      spec: ScalePolicySpec;
      member: Member | undefined;
      now: Moment;
    }>,
  ): boolean {
    // A spec is parsed once for each generation, so the same object is the same spec.
    const isOfThese = made.policy === policy.meta.uid && made.spec === spec;
    const hasAny = made.verdict.proposal.containers.some(({ kind }) => kind === "recommendation");
    const lasts = hasAny ? LASTS : NOTHING_LASTS;
    return isOfThese && made.shape === member?.newest.shape && elapsed(made.at, now.mono) < lasts;
  }

  #fade({ uid }: Member, { vertical: { recommender } }: WithVertical, now: Moment): void {
    const { cpuHalfLife: cpu, memoryHalfLife: memory } = recommender;
    this.#parts.histories.useHalfLives(uid, { cpu, memory }, now.wall);
  }

  #make(
    workload: ObjectKey,
    spec: WithVertical,
    { member, now }: Readonly<{ member: Member | undefined; now: Moment }>,
  ): VerticalVerdict {
    const { histories, settings, view } = this.#parts;
    const question = askVertical({
      now: now.wall,
      spec: spec.vertical,
      settings: settings.vertical,
      shape: member?.newest.shape,
      histories: member === undefined ? new Map() : histories.snapshots(member.uid),
    });
    const proposal = recommend(question);
    const followed = followedBy(spec.horizontal, settings);
    const followers = { own: followed, foreign: view.autoscalersTargeting(workload) };
    return {
      question,
      proposal,
      podCount: member?.podCount ?? 0,
      unsupported: whyUnsupported(spec),
      followed,
      applying: whyNotApplied(spec.vertical, proposal, followers) ?? UNDECIDED,
    };
  }
}

const hasVertical = (spec: ScalePolicySpec): spec is WithVertical => spec.vertical !== undefined;

function followedBy(
  horizontal: HorizontalSpec | undefined,
  { horizontal: { tolerance } }: DecisionSettings,
): readonly FollowedUtilization[] {
  return (horizontal?.metrics ?? [])
    .filter(({ target }) => target.kind === "utilization")
    .map((metric) => ({ metric, tolerance: horizontal?.behavior?.scaleUp.tolerance ?? tolerance }));
}

function whyUnsupported({ target }: ScalePolicySpec): string | undefined {
  const cronJob = cronJobOf(target);
  if (cronJob === undefined) return undefined;
  return `Job ${target.name} is one run of CronJob ${cronJob}: name the CronJob as the target`;
}
