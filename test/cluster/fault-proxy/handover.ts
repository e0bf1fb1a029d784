/**
 * One process that leads and one that stands by, and what passes between them when the first ends.
 *
 * Invariant: times are from the proxy's own clock, of requests that the API server accepted.
 */
import { AT_REST } from "../manifests.ts";
import { countsWritten, grantsOf, writesOf } from "./writers.ts";
import { eventually, type Started, type World } from "./world.ts";

export type Pair = Readonly<{ world: World; leader: Started; standby: Started }>;

/** Milliseconds from the signal. */
export type Handover = Readonly<{ toLease: number; toDecision: number }>;

const isReady = async (operator: Started): Promise<boolean> => {
  const ready = await operator.get("/readyz").catch(() => undefined);
  return ready?.status === 200;
};

export const leads = ({ world }: Pick<Pair, "world">, { user }: Started): boolean =>
  grantsOf(world.proxy.log).at(-1)?.user === user;

export async function startPair(world: World): Promise<Pair> {
  const leader = await world.start();
  await eventually("the first leads", () => leads({ world }, leader));
  return { world, leader, standby: await startStandby(world) };
}

async function startStandby(world: World): Promise<Started> {
  const standby = await world.start();
  await eventually("the second stands by", () => isReady(standby));
  return standby;
}

/** A workload that is at rest and has been looked at. */
export async function settle(world: World, name: string, max = 4): Promise<void> {
  await world.workload(name, AT_REST, { max });
  await eventually(
    `${name} is at rest`,
    async () => (await world.here.condition(name, "ScalingActive"))?.status === "True",
  );
}

/** Ends the leader while load comes, and starts another standby. */
export async function handOver(
  { world, leader, standby }: Pair,
  { signal, name }: Readonly<{ signal: "SIGKILL" | "SIGTERM"; name: string }>,
): Promise<Readonly<{ handover: Handover; next: Pair }>> {
  await settle(world, name);
  const startedAt = performance.now();
  const ended = leader.stop(signal);
  await Promise.all([ended, world.here.load(name, "95m")]);
  await eventually("the standby raises it", () => countsWritten(world.proxy.log, name).includes(4));
  const grant = grantsOf(world.proxy.log).find(({ user, at }) => user === standby.user && at > startedAt);
  const first = writesOf(world.proxy.log).find(
    ({ user, seenAt }) => user === standby.user && seenAt > startedAt,
  );
  if (grant === undefined || first === undefined) throw new Error("it raised a workload without a Lease");
  const handover = { toLease: grant.at - startedAt, toDecision: first.seenAt - startedAt };
  return { handover, next: { world, leader: standby, standby: await startStandby(world) } };
}
