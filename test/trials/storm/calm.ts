/**
 * After a storm: faults are over, loads stay as they are, and the operator has to come to rest where the load says.
 *
 *   after 3 periods     the metrics' answer of the latest decision is the reference's, give or take one
 *   then                windows, brakes and pauses run out
 *   the last 5 min      nothing is written for 20 periods, and replicas are where they should be
 *
 * Invariant: the reference is worked out from the load itself, by nothing that the operator uses.
 */
import { type ObjectKey, objectKey } from "../../../src/base/ids.ts";
import { minutes, seconds } from "../../../src/base/units.ts";
import { targetKey } from "../../../src/cluster/workload.ts";
import type { DecisionRecord } from "../../../src/report/record.ts";
import type { Witness } from "../../../src/sim/invariants/witness.ts";
import { demandAt } from "../../../src/sim/kubelet/load.ts";
import type { SimulatedWorld } from "../../../src/sim/world.ts";
import { REQUEST, TARGET_PERCENT, type Weather } from "./weather.ts";

export type Calm = Readonly<{
  weather: Weather;
  simulated: SimulatedWorld;
  witness: Witness;
  /** The latest decision of each policy. */
  records: ReadonlyMap<ObjectKey, DecisionRecord>;
  complain(problem: string): void;
}>;

/** Three periods, and the kubelets' own. */
const ANSWERED = seconds(3 * 15 + 20);
/** The longest window, the budget of a contested object, and the longest pause after refusals. */
const RUNS_OUT = minutes(16);
const STILL = minutes(5);
/** The tolerance of 10 %, and what measuring adds. */
const TOLERANCE = 0.1 + 0.02;

export async function calmDown(calm: Calm): Promise<void> {
  const { weather, simulated, witness, complain } = calm;
  const { time } = simulated;
  const names = weather.workloads.map(({ blueprint }) => blueprint.target.name);
  for (const name of names) wakeFromZero(simulated, name);
  await time.advance(ANSWERED);
  for (const workload of weather.workloads) judgeAnswer(calm, workload);
  await time.advance(RUNS_OUT);
  const before = witness.writes.length;
  await time.advance(STILL);
  for (const { target, to, truth, accepted } of witness.writes.slice(before))
    if (accepted) complain(`liveness: ${target} ${truth.replicas} → ${to}, long after all was calm`);
  for (const workload of weather.workloads) judgeRest(calm, workload);
}

/** Zero replicas pause a policy until somebody ends it. */
function wakeFromZero({ model }: SimulatedWorld, name: string): void {
  if (model.replicas("default", name).wanted === 0) model.scale("default", name, 1);
}

type Workload = Weather["workloads"][number];

/** Pods' worth of load: what replicas would be without bounds, a fraction. */
function podsNeeded({ weather, simulated }: Calm, { blueprint }: Workload): number {
  const source = { seed: weather.seed, name: targetKey(blueprint.namespace, blueprint.target) };
  return demandAt(blueprint.load.cpu, simulated.time.now(), source) / (REQUEST * (TARGET_PERCENT / 100));
}

function judgeAnswer(calm: Calm, workload: Workload): void {
  const { name } = workload.blueprint.target;
  const verdict = calm.records.get(objectKey("default", name))?.verdict;
  const { wanted, ready } = calm.simulated.model.replicas("default", name);
  // While pods start, the HPA's rules for them give another answer; and samples lag behind a change.
  if (ready < wanted || hasMoved(calm, name)) return;
  if (verdict?.kind !== "planned") return calm.complain(`liveness: ${name} has no decision after 3 periods`);
  const { combined } = verdict.plan.proposal;
  if (combined.kind === "failure") return calm.complain(`liveness: ${name} has no metric after 3 periods`);
  const needed = podsNeeded(calm, workload);
  const isNear = Math.abs(needed / wanted - 1) <= TOLERANCE;
  const references = [Math.ceil(needed), ...(isNear ? [wanted] : [])];
  const isClose = references.some((count) => Math.abs(combined.upstreamReplicas - count) <= 1);
  if (!isClose)
    calm.complain(
      `liveness: ${name} needs ${needed.toFixed(1)}, and the answer is ${combined.upstreamReplicas}`,
    );
}

/** Whether the count was changed since the calm began, or shortly before. */
function hasMoved({ witness, simulated }: Calm, name: string): boolean {
  const since = simulated.time.now() - 2 * ANSWERED;
  return witness.writes.some(({ target, at }) => at > since && target.endsWith(`/${name}`));
}

function judgeRest(calm: Calm, workload: Workload): void {
  const { name } = workload.blueprint.target;
  const { horizontal } = workload.policy.spec as { horizontal: { minReplicas: number; maxReplicas: number } };
  const { minReplicas, maxReplicas } = horizontal;
  const { wanted } = calm.simulated.model.replicas("default", name);
  const needed = podsNeeded(calm, workload);
  const bounded = Math.min(Math.max(needed, minReplicas), maxReplicas);
  const isAtRest = Math.abs(bounded / wanted - 1) <= TOLERANCE || Math.abs(wanted - bounded) < 1;
  if (!isAtRest)
    calm.complain(
      `liveness: ${name} rests at ${wanted} of [${minReplicas}, ${maxReplicas}], ${needed.toFixed(1)} are needed`,
    );
}
