import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { uid } from "../../src/base/ids.ts";
import { bytes, milliCores } from "../../src/base/units.ts";
import { ContainerHistory } from "../../src/usage/history/container-history.ts";
import { HALF_LIVES } from "../../src/usage/history/store.ts";
import { recommend } from "../../src/vertical/recommend.ts";
import { cpuLife, DAY, killedLife, memoryLife, MIB, minuteAt, POD } from "../usage/history/lives.ts";
import {
  aContainer,
  aContainerPolicy,
  aQuestion,
  NO_HISTORY,
  recommendOf,
  WITHOUT_MINIMUM,
} from "./questions.ts";

const busy = cpuLife(DAY, () => 100);
const both = { ...busy, memory: memoryLife(100 * MIB).memory };
const kinds = (question: Parameters<typeof recommend>[0]) =>
  recommend(question).containers.map((one) =>
    one.kind === "none" ? [one.container, one.because] : [one.container, Object.keys(one.target).join()],
  );

describe("what is recommended", () => {
  test.each([
    ["main, with samples", aContainer({ history: both }), "cpu,memory"],
    ["native sidecar", aContainer({ history: both, role: "sidecar" }), "cpu,memory"],
    ["init container", aContainer({ history: both, role: "init" }), "not-counted"],
    ["never heard of", aContainer(), "no-samples"],
    ["nothing measured yet", aContainer({ history: NO_HISTORY }), "no-samples"],
    ["no memory sample", aContainer({ history: busy }), "cpu"],
    ["killed before its first sample", aContainer({ history: killedLife(MIB) }), "memory"],
  ])("%s: %s", (_, container, answer) => {
    expect(kinds(aQuestion([container]))).toEqual([["app", answer]]);
  });

  test("containers come by name, each with the policy of its own name before `*`", () => {
    const containers = ["web", "db", "a"].map((name) => aContainer({ name, history: both }));
    const policies = [
      aContainerPolicy({ mode: "Off" }),
      aContainerPolicy({ container: "web", controlledResources: ["memory"] }),
      aContainerPolicy({ controlledResources: ["cpu"] }),
    ];
    expect(kinds(aQuestion(containers, { policies }))).toEqual([
      ["a", "cpu"],
      ["db", "cpu"],
      ["web", "memory"],
    ]);
  });

  test("a container with mode Off is left alone", () => {
    const policies = [aContainerPolicy({ mode: "Off" })];
    expect(kinds(aQuestion([aContainer({ history: both })], { policies }))).toEqual([["app", "policy-off"]]);
  });

  test("the pod's minimum is shared by its main containers that are not Off", () => {
    const history = { ...cpuLife(DAY, () => 0), memory: memoryLife(0).memory };
    const names = ["a", "b", "c", "off"];
    const containers = [
      ...names.map((name) => aContainer({ name, history })),
      aContainer({ name: "side", role: "sidecar", history }),
      aContainer({ name: "start", role: "init" }),
    ];
    const policies = [aContainerPolicy({ container: "off", mode: "Off" })];
    const { containers: found } = recommend(aQuestion(containers, { policies }));
    const targets = found.map((one) => (one.kind === "recommendation" ? one.target : one.because));
    const share = { cpu: 11, memory: 87_381_333 };
    expect(targets).toEqual([share, share, share, "policy-off", share, "not-counted"]);
  });

  test.each([
    ["minAllowed raises", { minAllowed: { cpu: milliCores(200) } }, [200, 200, 252, 126]],
    ["maxAllowed lowers", { maxAllowed: { cpu: milliCores(126) } }, [126, 125, 126, 126]],
    [
      "maxAllowed wins over minAllowed",
      { minAllowed: { cpu: milliCores(300) }, maxAllowed: { cpu: milliCores(90) } },
      [90, 90, 90, 126],
    ],
    [
      "0 caps nothing",
      { minAllowed: { cpu: milliCores(0) }, maxAllowed: { cpu: milliCores(0) } },
      [126, 125, 252, 126],
    ],
    ["another resource's caps do not count", { maxAllowed: { memory: bytes(1) } }, [126, 125, 252, 126]],
  ])("%s, and uncappedTarget stays", (_, caps, amounts) => {
    const found = recommendOf(busy, { policies: [aContainerPolicy(caps)] });
    expect([found.target.cpu, found.lowerBound.cpu, found.upperBound.cpu, found.uncappedTarget.cpu]).toEqual(
      amounts,
    );
  });

  test("the operator's maximum holds where the policy has none for the resource", () => {
    const settings = { maxAllowed: { cpu: milliCores(50), memory: bytes(64 * MIB) } };
    const policies = [aContainerPolicy({ maxAllowed: { cpu: milliCores(120) } })];
    expect(recommendOf(both, { settings, policies }).target).toEqual({ cpu: 120, memory: 64 * MIB });
  });

  test.each([
    [1, 126],
    [50, 150],
    [126, 126],
  ])("rounded up to steps of %i m: %i m", (step, target) => {
    const settings = { roundTo: { cpu: milliCores(step), memory: bytes(1) } };
    expect(recommendOf(busy, { settings }).uncappedTarget.cpu).toBe(target);
  });

  test.each([
    [{ cpuPercentile: 0.5 }, 126],
    [{ margin: 0 }, 110],
    [{ margin: 1 }, 220],
  ])("a policy's own %o counts: %i m", (recommender, target) => {
    expect(recommendOf(busy, { recommender }).target.cpu).toBe(target);
  });

  test("the request that it is compared with comes along", () => {
    const requests = { cpu: milliCores(500) };
    const [found] = recommend(aQuestion([aContainer({ history: both, requests })])).containers;
    expect(found).toMatchObject({ base: requests, confidence: 1439 / 1440 });
  });
});

describe("properties", () => {
  const sample = fc.record({
    minute: fc.integer({ min: 0, max: 3 * DAY }),
    milli: fc.integer({ min: 0, max: 8000 }),
    bytes: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  });
  const samples = fc.array(sample, { minLength: 1 });
  const lived = (of: readonly { minute: number; milli: number; bytes: number }[]) => {
    const history = new ContainerHistory(HALF_LIVES);
    for (const [i, one] of of.entries()) {
      history.addCpu(uid(`${POD}-${i}`), minuteAt(one.minute), milliCores(one.milli));
      history.addMemory(uid(`${POD}-${i}`), minuteAt(one.minute), bytes(one.bytes));
    }
    return history.snapshot();
  };
  const fields = ["target", "lowerBound", "upperBound", "uncappedTarget"] as const;
  const amountsOf = (found: ReturnType<typeof recommendOf>): number[] =>
    fields.flatMap((field) => [found[field].cpu!, found[field].memory!]);

  test("more use is never answered with less", () => {
    fc.assert(
      fc.property(samples, fc.double({ min: 1, max: 4, noNaN: true }), (of, by) => {
        const more = of.map((one) => ({
          ...one,
          milli: Math.ceil(one.milli * by),
          bytes: Math.ceil(one.bytes * by),
        }));
        const before = amountsOf(recommendOf(lived(of), WITHOUT_MINIMUM));
        const after = amountsOf(recommendOf(lived(more), WITHOUT_MINIMUM));
        for (const [at, amount] of after.entries()) expect(amount).toBeGreaterThanOrEqual(before[at]!);
      }),
    );
  });

  test("every amount is whole and in 0 … 10^14, the target within its bounds", () => {
    fc.assert(
      fc.property(samples, fc.double({ min: 0.01, max: 1, noNaN: true }), (of, share) => {
        const recommender = { cpuPercentile: share, memoryPercentile: share };
        const found = recommendOf(lived(of), { recommender });
        for (const amount of amountsOf(found)) {
          expect(Number.isInteger(amount)).toBe(true);
          expect(amount >= 0 && amount <= 1e14).toBe(true);
        }
        for (const resource of ["cpu", "memory"] as const) {
          expect(found.lowerBound[resource]!).toBeLessThanOrEqual(found.target[resource]!);
          expect(found.upperBound[resource]!).toBeGreaterThanOrEqual(found.target[resource]!);
        }
        expect(found.confidence).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
