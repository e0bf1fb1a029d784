/**
 * The second half of a round: what was recommended of requests is carried out, where the policy says so and
 * the first half has not scaled.
 *
 * Invariant: no round writes both replicas and requests; a policy that may not write says who may, or why
 * not.
 */
import type { Doubt } from "../../actuate/doubt.ts";
import { keyOf } from "../../cluster/object.ts";
import type { PolicyObject } from "../../cluster/workload.ts";
import type { RequestPlan } from "../../coordinate/requests/plan.ts";
import type { ScalePolicySpec } from "../../policy/policy.ts";
import type { VerticalSpec } from "../../policy/vertical/spec.ts";
import type { DecisionRecord } from "../../report/record.ts";
import type { Applier, ApplyRound } from "../vertical/applier-driver.ts";
import { calmAfter } from "../vertical/ask-requests.ts";
import { doubtOfBasis } from "./basis-doubt.ts";
import type { Recorded, Round } from "./driver.ts";
import { targetOf } from "./standing.ts";
import { cachedTarget } from "./target.ts";

export type RequestParts = Readonly<{ applier: Applier }>;
type Applying = RequestPlan["applying"];
type Writing = ScalePolicySpec & Readonly<{ vertical: VerticalSpec }>;

export async function withRequests(round: Round, recorded: Recorded): Promise<Recorded> {
  const { record, spec } = recorded;
  if (spec === undefined || !writesRequests(spec) || record.vertical === undefined) return recorded;
  const held = whyHeld(round, spec, record);
  if (held !== undefined) return told(recorded, held);
  const target = cachedTarget(round.parts.sources.view, round.policy, spec.target);
  if (target.kind !== "cached") return told(recorded, withheld("ApplyUnsupported", UNSUPPORTED));
  const { workload } = target;
  const { applying, acts } = await round.parts.applier.apply({
    policy: round.policy,
    spec,
    verdict: record.vertical,
    workload,
    calm: calmOf(round, spec),
    managedPods: managedPods(round, record.vertical.podCount),
    doubt: () => doubtAbout(round),
    wish: () => ({ within: round.parts.leadership.timeLeft(), signal: round.parts.signal }),
  });
  return { ...told(recorded, applying), acts: [...acts, ...recorded.acts] };
}

const UNSUPPORTED =
  "requests of such a target are recommended only: InPlace and Template are for Deployments and StatefulSets";

const writesRequests = (spec: ScalePolicySpec): spec is Writing =>
  spec.vertical !== undefined && spec.vertical.apply.mode !== "Off";

function told(recorded: Recorded, applying: Applying): Recorded {
  const { record } = recorded;
  if (record.vertical === undefined) return recorded;
  return { ...recorded, record: { ...record, vertical: { ...record.vertical, applying } } };
}

/** Who may not write at all, or not in this round. */
function whyHeld({ parts, policy }: Round, spec: Writing, { verdict }: DecisionRecord): Applying | undefined {
  if (spec.mode !== "Active")
    return withheld("ApplyWithheld", `mode is ${spec.mode}: no workload is written`);
  const installation = parts.states.others.at(policy.meta.uid, parts.clock.mono());
  if (installation !== undefined)
    return withheld("ApplyWithheld", `another installation (Lease ${installation}) works on this policy too`);
  const keeper = keeperOfRequests({ parts, policy }, spec);
  if (keeper !== undefined && keeper.meta.uid !== policy.meta.uid)
    return withheld(
      "ApplyWithheld",
      `ScalePolicy ${keyOf(keeper)} is older and writes requests of this target`,
    );
  if (verdict.kind === "planned" && verdict.effect.kind === "scaled")
    return withheld("NotCalm", "replicas were changed in this very round");
  return undefined;
}

function keeperOfRequests({ parts, policy }: Pick<Round, "parts" | "policy">, spec: Writing) {
  const writes = (object: PolicyObject): boolean => {
    const parsed = parts.states.parse(object);
    if (object.meta.deleting || parsed.kind !== "valid") return false;
    return parsed.spec.mode === "Active" && writesRequests(parsed.spec);
  };
  return parts.sources.view.policiesTargeting(targetOf(policy, spec)).find(writes);
}

const withheld = (reason: string, message: string): Applying => ({ status: "False", reason, message });

function calmOf({ parts, state, now }: Round, { horizontal }: Writing): ApplyRound["calm"] {
  if (horizontal === undefined) return { kind: "calm" };
  const { downscaleStabilization } = parts.sources.settings.horizontal;
  const window = horizontal.behavior?.scaleDown.stabilizationWindow ?? downscaleStabilization;
  return calmAfter(state.memory?.scaleEvents.at(-1)?.at, { now: now.wall, window });
}

/** Replicas that are scaled, or at least the pods of this target. */
const managedPods = ({ parts, key, now }: Round, podCount: number): number =>
  Math.max(podCount, parts.fleet.activity(key, now.mono).managedReplicas);

/**
 * As before a write of replicas; one of requests counts in the pace as a decrease, which waits for increases.
 */
function doubtAbout(round: Round): Doubt | undefined {
  const { parts, policy, now } = round;
  const mono = parts.clock.mono();
  const doubt = doubtOfBasis(round);
  if (doubt !== undefined) return doubt;
  if (parts.states.missing.presenceOf(policy.meta, mono) !== "known") return "policy-not-found";
  const asDecrease = { from: 1, to: 0, decidedAt: now.mono };
  if (parts.stalls.forbids(asDecrease, mono)) return "just-stalled";
  return parts.pace.spend(asDecrease, mono) ? undefined : "too-many-writes-at-once";
}
