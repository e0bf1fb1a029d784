/**
 * Follows every kind into the cluster's caches and says how that goes.
 *
 * Invariant: while this runs, every kind is being followed, whatever becomes of the others; trouble is
 * counted each time and logged once, when it begins, changes or ends.
 */
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Meter } from "../base/meter.ts";
import { elapsed, seconds } from "../base/units.ts";
import type { Cluster } from "./cluster.ts";
import { type ClusterSource, type Kind, KINDS, type LostObject, type Trouble } from "./port.ts";

export type ClusterPorts = Readonly<{
  cluster: Cluster;
  source: ClusterSource;
  clock: Clock;
  log: Log;
  meter: Meter;
}>;

/** How often the gauges are set: below the usual scrape intervals of 15–60 s. */
const GAUGE_PERIOD = seconds(5);

/** Resolves when `signal` aborts. */
export async function runCluster(ports: ClusterPorts, signal: AbortSignal): Promise<void> {
  await Promise.all([...KINDS.map((kind) => follow(kind, ports, signal)), runGauges(ports, signal)]);
}

async function follow(kind: Kind, ports: ClusterPorts, signal: AbortSignal): Promise<void> {
  const { cluster, source, clock, log, meter } = ports;
  const pen = cluster.pen(kind);
  const diary = createDiary(kind, log);
  await source.follow(
    kind,
    {
      apply: pen.apply,
      hear() {
        pen.hear(clock.mono());
        diary.well();
      },
      trouble(what) {
        meter.count("plimsoll_watch_restarts_total", { kind, problem: what.problem });
        diary.ill(what);
      },
      lose(what) {
        meter.count("plimsoll_watch_lost_objects_total", { kind });
        diary.lost(what);
      },
    },
    signal,
  );
}

/** Remembers what was last logged of a kind, so that a retry is no news. */
function createDiary(kind: Kind, log: Log) {
  let problem: string | undefined;
  let lost: string | undefined;
  return {
    ill(what: Trouble): void {
      if (what.problem === problem) return;
      problem = what.problem;
      const { message, retryIn } = what;
      log("warn", "a kind cannot be followed; what is known of it ages", {
        kind,
        problem,
        detail: message,
        retryIn,
      });
    },
    well(): void {
      if (problem === undefined) return;
      log("info", "a kind is followed again", { kind, after: problem });
      problem = undefined;
    },
    lost({ message }: LostObject): void {
      if (message === lost) return;
      lost = message;
      log("warn", "an object could not be read and is left out", { kind, message });
    },
  };
}

/** Sizes and ages, also of kinds that no event changes. A kind that was never heard has no age. */
async function runGauges(
  { cluster, clock, meter }: Pick<ClusterPorts, "cluster" | "clock" | "meter">,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    for (const kind of KINDS) {
      const reader = cluster.view.of[kind];
      const heardAt = reader.heardAt();
      meter.set("plimsoll_cache_objects", reader.count(), { kind });
      if (heardAt !== undefined)
        meter.set("plimsoll_cache_age_seconds", elapsed(heardAt, clock.mono()) / 1000, { kind });
    }
    await clock.sleep(GAUGE_PERIOD, signal);
  }
}
