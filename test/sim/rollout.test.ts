import fc from "fast-check";
import { expect, test } from "vitest";
import type { RolloutCounts } from "../../src/sim/controllers/rollout.ts";
import { nextStep, pausedStep } from "../../src/sim/controllers/rollout.ts";

const set = (replicas: number, ready = replicas) => ({ replicas, ready });

test.each<{ when: string; counts: RolloutCounts; newest: number; older: number[] }>([
  { when: "nothing to do", counts: { wanted: 4, newest: set(4), older: [] }, newest: 4, older: [] },
  { when: "scaled", counts: { wanted: 6, newest: set(4), older: [] }, newest: 6, older: [] },
  { when: "scaled down", counts: { wanted: 2, newest: set(4), older: [set(0)] }, newest: 2, older: [0] },
  { when: "surge first", counts: { wanted: 4, newest: set(0), older: [set(4)] }, newest: 1, older: [4] },
  {
    when: "one may be unavailable",
    counts: { wanted: 4, newest: set(1, 0), older: [set(4)] },
    newest: 1,
    older: [3],
  },
  {
    when: "room under the surge",
    counts: { wanted: 4, newest: set(1), older: [set(3)] },
    newest: 2,
    older: [3],
  },
  {
    when: "sick ones go first",
    counts: { wanted: 4, newest: set(1, 0), older: [set(2, 1), set(2)] },
    newest: 1,
    older: [1, 2],
  },
  {
    when: "a new template that never gets ready keeps the old",
    counts: { wanted: 4, newest: set(2, 0), older: [set(3)] },
    newest: 2,
    older: [3],
  },
  {
    when: "a single pod is replaced by surge",
    counts: { wanted: 1, newest: set(0), older: [set(1)] },
    newest: 1,
    older: [1],
  },
  {
    when: "and goes when its successor is ready",
    counts: { wanted: 1, newest: set(1), older: [set(1)] },
    newest: 1,
    older: [0],
  },
])("$when", ({ counts, newest, older }) => {
  expect(nextStep(counts)).toEqual({ newest, older });
});

test("never more pods than the surge allows, and never fewer ready ones than the unavailability allows", () => {
  const counts = fc
    .tuple(fc.nat({ max: 40 }), fc.nat({ max: 40 }))
    .map(([a, b]) => set(Math.max(a, b), Math.min(a, b)));
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      counts,
      fc.array(counts, { maxLength: 3 }),
      (wanted, newest, older) => {
        const step = nextStep({ wanted, newest, older });
        const before = newest.replicas + older.reduce((sum, each) => sum + each.replicas, 0);
        const after = step.newest + step.older.reduce((sum, each) => sum + each, 0);
        expect(after).toBeLessThanOrEqual(Math.max(before, wanted + Math.ceil(wanted / 4)));
        const readyAfter =
          Math.min(newest.ready, step.newest) +
          older.reduce((sum, each, at) => sum + Math.min(each.ready, step.older[at]!), 0);
        const readyBefore = newest.ready + older.reduce((sum, each) => sum + each.ready, 0);
        if (older.some(({ replicas }) => replicas > 0) && newest.replicas <= wanted)
          expect(readyAfter).toBeGreaterThanOrEqual(Math.min(readyBefore, wanted - Math.floor(wanted / 4)));
      },
    ),
  );
});

test.each([
  { wanted: 8, newest: 2, older: 6 },
  { wanted: 10, newest: 2, older: 8 },
  { wanted: 4, newest: 2, older: 2 },
])(
  "a paused rollout of 2 new and 6 old pods that is scaled to $wanted moves nothing on",
  ({ wanted, newest, older }) => {
    expect(pausedStep({ wanted, newest: set(2), older: [set(6)] })).toEqual({ newest, older: [older] });
  },
);
