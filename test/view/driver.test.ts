import { expect, onTestFinished, test } from "vitest";
import type { Log } from "../../src/base/log.ts";
import type { Meter } from "../../src/base/meter.ts";
import { epochMillis, millis, seconds } from "../../src/base/units.ts";
import { createCluster } from "../../src/cluster/cluster.ts";
import { runCluster } from "../../src/cluster/driver.ts";
import { type ClusterSource, type Kind, KINDS, type Kinds, type Listener } from "../../src/cluster/port.ts";
import { createClock, VirtualTime } from "../../src/sim/clock.ts";
import { aPod, listing } from "./objects.ts";

/** The driver over a source that says what the test says, in time that the test moves. */
function startCluster() {
  const time = new VirtualTime(epochMillis(0));
  const listeners: { [K in Kind]?: Listener<Kinds[K]> } = {};
  const source: ClusterSource = {
    follow(kind, listener, signal) {
      Object.assign(listeners, { [kind]: listener });
      return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    },
  };
  const lines: string[] = [];
  const log: Log = (level, message, fields) =>
    lines.push(
      [level, message, fields?.["kind"], fields?.["problem"] ?? fields?.["after"] ?? ""].join(" | "),
    );
  const series = new Map<string, number>();
  const name = (key: string, labels = {}): string => [key, ...Object.values(labels)].join(" ");
  const meter: Meter = {
    count: (key, labels, by = 1) => series.set(name(key, labels), (series.get(name(key, labels)) ?? 0) + by),
    set: (key, value, labels) => series.set(name(key, labels), value),
    observe: () => undefined,
    forget: () => undefined,
  };
  const cluster = createCluster();
  const end = new AbortController();
  const ended = runCluster({ cluster, source, clock: createClock(time), log, meter }, end.signal);
  onTestFinished(() => end.abort());
  const pods = (): Listener<Kinds["pods"]> => listeners.pods!;
  return { time, listeners, pods, lines, series, cluster, end, ended };
}

test("every kind is followed into its cache, until the end", async () => {
  const { listeners, pods, cluster, end, ended } = startCluster();
  expect(Object.keys(listeners).toSorted()).toEqual(KINDS.toSorted());
  listing("10", [aPod()]).forEach((event) => pods().apply(event));
  expect(cluster.view.of.pods.count()).toBe(1);
  expect(cluster.view.of.nodes.synced()).toBe(false);
  end.abort();
  await ended;
});

test("trouble is counted each time, and logged when it begins, changes and ends", () => {
  const { pods, lines, series } = startCluster();
  const ill = (problem: string): void => pods().trouble({ kind: "pods", problem, retryIn: millis(800) });
  pods().hear();
  ill("unreachable");
  ill("unreachable");
  ill("throttled");
  pods().hear();
  pods().hear();
  ill("unreachable");
  expect(series.get("plimsoll_watch_restarts_total pods unreachable")).toBe(3);
  expect(series.get("plimsoll_watch_restarts_total pods throttled")).toBe(1);
  const cannot = "warn | a kind cannot be followed; what is known of it ages | pods";
  expect(lines).toEqual([
    `${cannot} | unreachable`,
    `${cannot} | throttled`,
    "info | a kind is followed again | pods | throttled",
    `${cannot} | unreachable`,
  ]);
});

test("lost objects are counted each, and one that is lost again and again is logged once", () => {
  const { pods, lines, series } = startCluster();
  for (const message of ["no name", "no name", "no uid"]) pods().lose?.({ kind: "pods", message });
  expect(series.get("plimsoll_watch_lost_objects_total pods")).toBe(3);
  expect(lines).toHaveLength(2);
});

test("the age of a cache grows while nothing is heard, and a kind never heard has none", async () => {
  const { time, pods, series } = startCluster();
  pods().hear();
  await time.advance(seconds(42));
  expect(series.get("plimsoll_cache_age_seconds pods")).toBe(40);
  expect(series.has("plimsoll_cache_age_seconds nodes")).toBe(false);
  expect(series.get("plimsoll_cache_objects pods")).toBe(0);
  pods().hear();
  await time.advance(seconds(5));
  expect(series.get("plimsoll_cache_age_seconds pods")).toBe(3);
});
