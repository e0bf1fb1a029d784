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
import { type Millis, millis, minutes, seconds } from "../../../src/base/units.ts";
import { targetKey } from "../../../src/cluster/workload.ts";
import type { DecisionRecord } from "../../../src/report/record.ts";
import type { Observation } from "../../../src/sim/invariants/observed.ts";
import type { Witness } from "../../../src/sim/invariants/witness.ts";
import type { SimulatedWorld } from "../../../src/sim/world.ts";
import { podsNeeded } from "./reference.ts";
import type { Weather } from "./weather.ts";

export type Calm = Readonly<{
  weather: Weather;
  simulated: SimulatedWorld;
  witness: Witness;
  /** The latest decision of each policy. */
  records: ReadonlyMap<ObjectKey, DecisionRecord>;
  tell(observation: Observation): void;
}>;

/** Three periods, and the kubelets' own. */
const answeredIn = ({ resolution }: Weather): Millis => millis(3 * resolution + seconds(20));
/** The longest window, the budget of a contested object, and the longest pause after refusals. */
const RUNS_OUT = minutes(16);
/** Twenty periods. */
const stillFor = ({ resolution }: Weather): Millis => millis(20 * resolution);

export async function calmDown(calm: Calm): Promise<void> {
  const { weather, simulated } = calm;
  const { time } = simulated;
  const names = weather.workloads.map(({ blueprint }) => blueprint.target.name);
  for (const name of names) wakeFromZero(simulated, name);
  await time.advance(answeredIn(weather));
  for (const workload of weather.workloads) tellAnswer(calm, workload);
  await time.advance(RUNS_OUT);
  const since = time.now();
  await time.advance(stillFor(weather));
  for (const workload of weather.workloads) tellRest(calm, workload, since);
}

/** Zero replicas pause a policy until somebody ends it. */
function wakeFromZero({ model }: SimulatedWorld, name: string): void {
  if (model.replicas("default", name).wanted === 0) model.scale("default", name, 1);
}

type Workload = Weather["workloads"][number];

/** How far what is measured is from the load: pods are not all alike, and kubelets measure at moments of their own. */
const MEASURING = 0.02;

/** What the load asks of this many pods, now. */
const neededOf = (
  { weather: { seed }, simulated }: Calm,
  workload: Workload,
  { replicas, measured = 1 }: Readonly<{ replicas: number; measured?: number }>,
): number => podsNeeded(workload, { seed, at: simulated.time.now(), replicas, measured });

type Bounds = Readonly<{ minReplicas: number; maxReplicas: number }>;
const boundsOf = ({ policy }: Workload): Bounds => (policy.spec as { horizontal: Bounds }).horizontal;

/** Whole replicas, within bounds, for a load that is measured a little too low or too high. */
function rightCounts(calm: Calm, workload: Workload, replicas: number): readonly number[] {
  const { minReplicas, maxReplicas } = boundsOf(workload);
  return [1 - MEASURING, 1, 1 + MEASURING].map((measured) => {
    const needed = neededOf(calm, workload, { replicas, measured });
    return Math.min(Math.max(Math.ceil(needed), minReplicas), maxReplicas);
  });
}

function tellAnswer(calm: Calm, workload: Workload): void {
  const { name } = workload.blueprint.target;
  const { wanted, ready } = calm.simulated.model.replicas("default", name);
  // While pods start, the HPA's rules for them give another answer; and samples lag behind a change.
  if (ready < wanted || hasMoved(calm, name)) return;
  const policy = objectKey("default", name);
  const answer = answerIn(calm.records.get(policy));
  calm.tell({
    kind: "answer",
    policy,
    needed: neededOf(calm, workload, { replicas: wanted }),
    wanted,
    answer,
  });
}

/** Of the metrics alone, or why there is none. */
function answerIn(record: DecisionRecord | undefined): number | string {
  if (record?.verdict.kind !== "planned") return "no decision";
  const { combined } = record.verdict.plan.proposal;
  return combined.kind === "failure" ? "no metric" : combined.upstreamReplicas;
}

/** Whether the count was changed since the calm began, or shortly before. */
function hasMoved({ weather, witness, simulated }: Calm, name: string): boolean {
  const since = simulated.time.now() - 2 * answeredIn(weather);
  return witness.writes.some(({ target, at }) => at > since && target.endsWith(`/${name}`));
}

function tellRest(calm: Calm, workload: Workload, since: Millis): void {
  const { namespace, target } = workload.blueprint;
  const { wanted } = calm.simulated.model.replicas("default", target.name);
  const key = targetKey(namespace, target);
  const writes = calm.witness.writes.filter(
    ({ at, accepted, target: of }) => at >= since && accepted && of === key,
  );
  calm.tell({
    kind: "rest",
    policy: objectKey("default", target.name),
    needed: neededOf(calm, workload, { replicas: wanted }),
    wanted,
    right: rightCounts(calm, workload, writes[0]?.truth.replicas ?? wanted),
    ...boundsOf(workload),
    writes,
  });
}
