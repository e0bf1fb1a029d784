/**
 * Plays a story with the whole operator, every invariant judged at every write, and tells how it went.
 *
 * Invariant: counts and writes are the model's, not what the operator says of them.
 */
import { type ObjectKey, objectKey } from "../../../src/base/ids.ts";
import { type Millis, seconds } from "../../../src/base/units.ts";
import type { ScalePolicyStatus } from "../../../src/policy/status.ts";
import { INVARIANTS } from "../../../src/sim/invariants/invariants.ts";
import type { Observation } from "../../../src/sim/invariants/observed.ts";
import { type RightfulLag, Witness } from "../../../src/sim/invariants/witness.ts";
import type { SimulatedWorld } from "../../../src/sim/world.ts";
import { smallWorld } from "../../sim/stage.ts";
import type { Processes } from "../../../src/sim/processes.ts";
import { createFleet } from "../storm/fleet.ts";
import type { Story } from "./story.ts";

export type Count = Readonly<{ at: Millis; replicas: number }>;

export type Played = Readonly<{
  /** Everything that can be seen of the end, times left out. */
  end: unknown;
  /** spec.replicas of `web` over time, oldest first. */
  counts: readonly Count[];
  /** When somebody else than before held the Lease. */
  handovers: readonly Millis[];
  /** What was broken. */
  problems: readonly string[];
  writes: Witness["writes"];
}>;

export type Stage = Readonly<{ simulated: SimulatedWorld; fleet: Processes }>;

export type Mishap = Readonly<{
  /** What the processes see instead of the world. */
  through?(simulated: SimulatedWorld): SimulatedWorld;
  /** How old a view may rightly be, by what is done to it; default: as long as a watch takes. */
  lag?: RightfulLag;
  standby?: boolean;
  /** Called before the first process starts. */
  begin?(stage: Stage): void;
}>;

const LAG: RightfulLag = () => seconds(5);
const RESOLUTION = seconds(15);

export async function play(story: Story, mishap: Mishap = {}): Promise<Played> {
  const { through = (same) => same, lag = LAG, standby = false, begin } = mishap;
  const simulated = smallWorld();
  const { model, time } = simulated;
  const problems: string[] = [];
  const judge = (seen: Observation): void => {
    for (const { name, judge: verdict } of INVARIANTS) {
      const judgement = verdict(seen);
      if (typeof judgement === "object") problems.push(`at ${time.now()} ${name}: ${judgement.broken}`);
    }
  };
  const witness = new Witness(simulated, { lag, resolution: RESOLUTION, tell: judge });
  const { processes: fleet } = createFleet(
    through(simulated),
    { witness, resolution: RESOLUTION },
    (level, message, facts) => {
      if (level === "error") problems.push(`${message} ${JSON.stringify(facts)}`);
    },
  );
  story.prepare(model);
  const counts = followCounts(simulated);
  const handovers = followLease(simulated);
  begin?.({ simulated, fleet });
  fleet.start();
  if (standby) fleet.start();
  for (const { at, act } of story.acts) time.at(at, () => act(model));
  await time.advanceTo(story.length);
  const end = lookAt(simulated);
  await fleet.end();
  return { end, counts, handovers, problems, writes: witness.writes };
}

function followCounts({ truth, time }: SimulatedWorld): readonly Count[] {
  const counts: Count[] = [];
  truth((change) => {
    if (change.kind !== "deployments" && change.kind !== "statefulsets") return;
    const replicas = change.object?.replicas ?? 0;
    if (counts.at(-1)?.replicas !== replicas) counts.push({ at: time.now(), replicas });
  });
  return counts;
}

function followLease({ world, time }: SimulatedWorld): readonly Millis[] {
  const handovers: Millis[] = [];
  let last = "";
  void world.api.watchLease(({ record: { holder } }) => {
    if (holder !== "" && holder !== last) handovers.push(time.now());
    last = holder === "" ? last : holder;
  }, new AbortController().signal);
  return handovers;
}

const POLICIES: readonly ObjectKey[] = ["web", "web-rival"].map((name) => objectKey("default", name));

function lookAt({ model, truth }: SimulatedWorld): unknown {
  const view = truth();
  return {
    replicas: model.replicas("default", "web"),
    policies: POLICIES.flatMap((key) => view.of.scalepolicies.get(key) ?? []).map(({ meta, status }) => {
      const { conditions, horizontal } = status as ScalePolicyStatus;
      return {
        name: meta.name,
        conditions: conditions.map(({ type, status: is, reason }) => `${type} ${is} ${reason}`),
        current: horizontal?.currentReplicas,
        desired: horizontal?.desiredReplicas,
      };
    }),
  };
}
