/** How live agreement is scored, on changes and wishes that are written down here. */
import { expect, test } from "vitest";
import { epochMillis } from "../../src/base/units.ts";
import { aMeta, T0 } from "../builders.ts";
import { scoreLive } from "./live.ts";
import type { Change } from "./recording.ts";
import type { Tick } from "./ticks.ts";

const at = (seconds: number) => epochMillis(T0 + seconds * 1000);

/** The policy's status shows this at that second. */
function shown(seconds: number, currentReplicas: number, desiredReplicas: number): Change {
  const horizontal = { currentReplicas, desiredReplicas, currentMetrics: [] };
  const status = {
    observedGeneration: 1,
    conditions: [],
    recentActs: [],
    display: { metrics: "", requests: "" },
    horizontal,
  };
  const object = { meta: aMeta({ namespace: "shop", name: "web" }), spec: {}, status };
  return { at: at(seconds), kind: "scalepolicies", event: { kind: "changed", object, resourceVersion: "1" } };
}

/** The HPA looks at that second, and writes when `to` differs. */
function sync(seconds: number, from: number, to = from): Tick {
  const reading = { uid: aMeta().uid, replicas: from, observedReplicas: from, selector: "app=web" };
  const wrote = to === from ? undefined : { replicas: to, at: at(seconds) };
  return {
    namespace: "shop",
    name: "web",
    reading,
    samples: [],
    at: at(seconds),
    before: at(seconds),
    wrote,
    told: undefined,
  };
}

const END = sync(100, 4);
const changes = (...list: Change[]) => ({ changes: list, exchanges: [] });

test("a change that was wished before it counts in both directions, with its delay", () => {
  const score = scoreLive(changes(shown(10, 4, 6), shown(19, 6, 6)), [sync(18, 4, 6), END]);
  expect(score).toEqual({ hpaChanges: 1, wishedToo: 1, wishes: 1, followed: 1, delays: [8] });
});

test("a wish for the other direction is no match", () => {
  const score = scoreLive(changes(shown(10, 4, 2), shown(19, 4, 4)), [sync(18, 4, 6), END]);
  expect(score).toMatchObject({ hpaChanges: 1, wishedToo: 0, wishes: 1, followed: 0, delays: [] });
});

test("a wish that ended long before the change, or began long after it, is no match", () => {
  const score = scoreLive(changes(shown(10, 4, 6), shown(12, 4, 4), shown(60, 4, 6)), [sync(36, 4, 6), END]);
  expect(score).toMatchObject({ hpaChanges: 1, wishedToo: 0, wishes: 2, followed: 0 });
});

test("a wish that the HPA had no time to follow is not counted against it", () => {
  const score = scoreLive(changes(shown(90, 4, 6)), [END]);
  expect(score).toMatchObject({ wishes: 0, followed: 0 });
});

test("workloads are scored apart", () => {
  const other: Tick = { ...sync(18, 4, 6), name: "worker" };
  const score = scoreLive(changes(shown(10, 4, 6), shown(19, 6, 6)), [other, END]);
  expect(score).toMatchObject({ hpaChanges: 1, wishedToo: 0, wishes: 1, followed: 0 });
});
