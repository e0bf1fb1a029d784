/** Plans of requests as a whole: what is changed, what is left alone, and what is said. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { milliCores, type ResourceName } from "../../../src/base/units.ts";
import { makeRequestPlan } from "../../../src/coordinate/requests/make-request-plan.ts";
import type { ContainerResources } from "../../../src/coordinate/requests/plan.ts";
import { qosOf } from "../../../src/coordinate/requests/qos.ts";
import {
  ago, amounts, aRecommendation, aRequestQuestion, aState, becomes, mebi, named, planFor, resources,
} from "./questions.ts"; // prettier-ignore

test("mode Off changes nothing, whatever is recommended", () => {
  expect(planFor({ apply: { mode: "Off" } })).toEqual({
    changes: [],
    moves: [],
    applying: {
      status: "False",
      reason: "ApplyModeOff",
      message: "apply.mode is Off: requests are recommended, nothing is written",
    },
    sentence: "apply.mode is Off: requests are recommended, nothing is written",
  });
});

test("a plan that may be written says from what to what", () => {
  expect(planFor({})).toEqual({
    changes: [named("app", resources(amounts(250, 256)))],
    moves: [],
    applying: { status: "True", reason: "Applying", message: "app: cpu 500m → 250m, memory 512Mi → 256Mi" },
    sentence: "app: cpu 500m → 250m, memory 512Mi → 256Mi",
  });
});

test("requests that are as recommended are left alone", () => {
  expect(planFor({ target: amounts(500, 512) }).applying).toEqual({
    status: "True",
    reason: "AsRecommended",
    message: "requests are as recommended",
  });
});

describe("what is written", () => {
  test.each([
    { what: "a container whose mode is Off", policy: { mode: "Off" }, role: "main" },
    { what: "a sidecar", policy: {}, role: "sidecar" },
    { what: "an init container", policy: {}, role: "init" },
  ] as const)("never $what", ({ policy, role }) => {
    const none = { kind: "none", container: "app", because: "policy-off" } as const;
    const proposed = "mode" in policy ? [none] : undefined;
    expect(becomes({ policy, state: { role }, ...(proposed && { proposed }) })).toBe("as it is");
  });

  test("only the resources that are recommended", () => {
    expect(becomes({ target: amounts(250) })).toBe("250m 512Mi");
  });

  test("pods that carry something else follow, once we have written", () => {
    const state = { present: resources(amounts(250, 256)), others: [resources(amounts(500, 512))] };
    expect(becomes({ state })).toBe("as it is");
    const lastWrite = { at: ago(30), before: [] };
    expect(becomes({ state, lastWrite })).toBe("250m 256Mi");
    expect(planFor({ state, lastWrite }).sentence).toBe("app: cpu 500m → 250m, memory 512Mi → 256Mi");
  });
});

/** Amounts that a pod may have: CPU in millicores, memory in Mi, a limit at or above its request or none. */
const aPart = (max: number) =>
  fc.tuple(fc.integer({ min: 1, max }), fc.option(fc.integer({ min: 0, max }), { nil: undefined }));
const aQuestion = fc.record({
  cpu: aPart(4000),
  memory: aPart(8000),
  target: fc.tuple(fc.integer({ min: 1, max: 8000 }), fc.integer({ min: 1, max: 16_000 })),
  peak: fc.option(fc.integer({ min: 1, max: 8000 }), { nil: undefined }),
  ooms: fc.array(fc.tuple(fc.double({ min: 0, max: 24, noNaN: true }), fc.integer({ min: 1, max: 20_000 })), {
    maxLength: 5,
  }),
  requestsOnly: fc.boolean(),
  mayLower: fc.boolean(),
  node: fc.tuple(fc.integer({ min: 1, max: 8000 }), fc.integer({ min: 1, max: 16_000 })),
});

const limitOf = ([request, more]: readonly [number, number | undefined]): number | undefined =>
  more === undefined ? undefined : request + more;

/** Above nothing and not above its limit. */
function expectSound({ requests, limits }: ContainerResources, name: ResourceName): void {
  expect(requests[name]).toBeGreaterThan(0);
  expect(requests[name]! <= (limits[name] ?? Infinity)).toBe(true);
}

test("requests stay finite, positive and under their limits, and the QoS class stays (I7)", () => {
  fc.assert(
    fc.property(aQuestion, ({ cpu, memory, target, peak, ooms, requestsOnly, mayLower, node }) => {
      const present = resources(amounts(cpu[0], memory[0]), amounts(limitOf(cpu), limitOf(memory)));
      const question = aRequestQuestion({
        policy: {
          controlledValues: requestsOnly ? "RequestsOnly" : "RequestsAndLimits",
          allowMemoryLimitDecrease: mayLower,
        },
        target: amounts(...target),
        state: {
          present,
          memoryPeak: peak === undefined ? undefined : mebi(peak),
          ooms: ooms.map(([hours, needed]) => ({ at: ago(hours), needed: mebi(needed) })),
        },
        room: { nodes: [{ cpu: milliCores(node[0]), memory: mebi(node[1]) }] },
      });
      const { changes, applying } = makeRequestPlan(question);
      const isApplying = changes.length > 0 || applying.reason === "AsRecommended";
      expect(applying.status === "True").toBe(isApplying);
      for (const change of changes) {
        expect(qosOf([change])).toBe(qosOf([present]));
        for (const name of ["cpu", "memory"] as const) expectSound(change, name);
        for (const name of ["cpu", "memory"] as const) {
          const room = Math.max(present.requests[name]!, question.room.nodes[0]![name]! * 0.9);
          expect(change.requests[name]!).toBeLessThanOrEqual(room + 1);
        }
        if (!mayLower) expect(change.limits.memory ?? 0).toBeGreaterThanOrEqual(present.limits.memory ?? 0);
      }
    }),
    { numRuns: 2000 },
  );
});

test("the same question gets the same plan", () => {
  const question = aRequestQuestion({
    containers: [aState(), aState({ name: "proxy" })],
    proposed: [
      aRecommendation(amounts(250, 256)),
      aRecommendation(amounts(900, 900), { container: "proxy" }),
    ],
  });
  expect(makeRequestPlan(question)).toEqual(makeRequestPlan(structuredClone(question)));
});
