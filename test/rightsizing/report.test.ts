import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytes, epochMillis } from "../../src/base/units.ts";
import { crossed, parseThreshold } from "../../src/rightsizing/threshold.ts";
import {
  aContainer,
  aMark,
  amounts,
  aScaler,
  aSubject,
  DAY,
  type Loaded,
  MIB,
  NOW,
  reportOn,
  steady,
} from "./subjects.ts";

describe("a row", () => {
  test("that asks for more than it needs says how much less, and what that costs", () => {
    const [workload] = reportOn([[aSubject(), steady(100, 300)]]).workloads;
    const { cpu, memory } = workload!.rows[0]!.resources;
    expect(cpu).toMatchObject({ direction: "over", request: 500, risk: { level: "low" } });
    expect(cpu.recommended).toBeGreaterThan(100);
    expect(cpu.recommended).toBeLessThan(160);
    expect(memory.direction).toBe("over");
    expect(memory.recommended).toBeGreaterThan(300 * MIB);
    const saved = ((500 - cpu.recommended!) / 1000) * 3 * 730 * 0.031611;
    expect(cpu.waste.cents).toBe(Math.round(saved * 100));
    expect(workload).toMatchObject({ risk: "low", replicas: { now: 3, mean: 3 } });
  });

  test("that asks for too little is at risk, and its increase is a figure of its own", () => {
    const report = reportOn([
      [aSubject({ containers: [aContainer({ requests: amounts(100, 4096) })] }), steady(300, 300)],
    ]);
    const [workload] = report.workloads;
    const { cpu, memory } = workload!.rows[0]!.resources;
    expect(cpu).toMatchObject({
      direction: "under",
      risk: { level: "critical", because: "median-over-request" },
    });
    expect([cpu.waste.cents, memory.increase]).toEqual([0, 0]);
    expect(report.totals.increase).toBe(cpu.increase);
    expect(report.totals.waste).toBe(memory.waste.cents);
    expect(cpu.exceeded).toEqual({ now: 1, after: 0 });
  });

  test("whose minimum alone is larger than its request fits", () => {
    const small = aSubject({ containers: [aContainer({ requests: amounts(10, 64) })] });
    const { cpu, memory } = reportOn([[small, steady(2, 20)]]).workloads[0]!.rows[0]!.resources;
    expect([cpu.direction, memory.direction]).toEqual(["fits", "fits"]);
  });

  test("of a container that was never measured knows nothing and claims nothing", () => {
    const [workload] = reportOn([[aSubject(), undefined]]).workloads;
    const [row] = workload!.rows;
    expect(row).toMatchObject({
      waste: "unknown",
      risk: "unknown",
      confidence: { level: "none" },
      advice: { kind: "none", because: "no-samples" },
    });
    expect(row!.resources.cpu).toMatchObject({
      usage: undefined,
      recommended: undefined,
      direction: "unknown",
    });
    expect(workload!.totals).toMatchObject({ waste: 0, increase: 0 });
    expect(workload!.totals.cost).toBeGreaterThan(0);
  });

  test("without requests costs nothing, and its recommendation is an increase", () => {
    const bare = aSubject({ containers: [aContainer({ requests: {} })] });
    const { cpu, memory } = reportOn([[bare, steady(100, 300)]]).workloads[0]!.rows[0]!.resources;
    expect(cpu).toMatchObject({
      direction: "unset",
      cost: 0,
      risk: { level: "medium", because: "no-request" },
    });
    expect(memory.risk).toEqual({ level: "high", because: "no-request" });
    expect(cpu.increase).toBeGreaterThan(0);
  });

  test("of a killed container is critical, and asks for more memory than it ever showed", () => {
    const pod = aSubject().pods[0]!;
    const killed = aContainer({
      requests: amounts(500, 200),
      limits: amounts(undefined, 200),
      oomKills: [{ pod, at: epochMillis(NOW - DAY), request: bytes(200 * MIB) }],
    });
    const { memory } = reportOn([[aSubject({ containers: [killed] }), steady(100, 190)]]).workloads[0]!
      .rows[0]!.resources;
    expect(memory.risk).toEqual({ level: "critical", because: "oom-killed" });
    expect(memory.recommended).toBeGreaterThan(200 * MIB);
    expect(memory.direction).toBe("under");
  });

  test("counts native sidecars, and leaves init containers out", () => {
    const containers = [
      aContainer(),
      aContainer({ name: "mesh", role: "sidecar" }),
      aContainer({ name: "migrate", role: "init" }),
    ];
    const [workload] = reportOn([[aSubject({ containers }), steady(100, 300)]]).workloads;
    expect(workload!.rows.map(({ container }) => container)).toEqual(["app", "mesh"]);
  });

  test("of a minute's history recommends, and says how little that is worth", () => {
    const [workload] = reportOn([[aSubject(), steady(100, 300)]], { days: 1 / 144 }).workloads;
    expect(workload!.rows[0]).toMatchObject({
      confidence: { level: "low" },
      risk: "unknown",
      advice: { by: "report" },
    });
  });
});

describe("the operator's own recommendation", () => {
  const shown = {
    kind: "recommendation" as const,
    container: "app",
    target: amounts(222, 444),
    lowerBound: {},
    upperBound: {},
    uncappedTarget: {},
    base: {},
    confidence: 3,
  };
  test.each([
    { when: "it saw more days", days: 1, by: "operator", cpu: 222 },
    { when: "nothing was measured", days: undefined, by: "operator", cpu: 222 },
    { when: "it saw fewer days", days: 8, by: "report", cpu: undefined },
  ])("counts when $when: $by", ({ days, by, cpu }) => {
    const load = days === undefined ? undefined : steady(100, 300);
    const report = reportOn([[aSubject({ shown: [shown] }), load]], { days: days ?? 1 });
    const [row] = report.workloads[0]!.rows;
    expect(row!.advice).toMatchObject({ by });
    if (cpu !== undefined) expect(row!.resources.cpu.recommended).toBe(cpu);
  });
});

describe("where someone scales on a utilization", () => {
  const scaled = aSubject({ scalers: [aScaler()] });

  test("the recommendation is a pair, with the headroom of who adds pods", () => {
    const [workload] = reportOn([[scaled, steady(100, 300)]]).workloads;
    expect(workload!.pairs).toMatchObject([{ resource: "cpu", target: { now: 60, after: 89 }, carry: 300 }]);
    expect(workload!.rows[0]!.resources.cpu.recommended).toBe(335);
    const saved = ((500 - 335) / 1000) * 3 * 730 * 0.031611;
    expect(workload!.rows[0]!.resources.cpu.waste.cents).toBe(Math.round(saved * 100));
  });

  test("a resource that nobody scales on is recommended alone", () => {
    const [workload] = reportOn([[scaled, steady(100, 300)]]).workloads;
    expect(workload!.rows[0]!.resources.memory.direction).toBe("over");
    expect(workload!.pairs.map(({ resource }) => resource)).toEqual(["cpu"]);
  });

  test("there is no pair once the operator keeps the base", () =>
    expect(reportOn([[{ ...scaled, annotated: true }, steady(100, 300)]]).workloads[0]!.pairs).toEqual([]));

  test("of two metrics on one container the one that asks for more counts", () => {
    const scaler = aScaler({ marks: [aMark({ percent: 60 }), aMark({ percent: 70, container: "app" })] });
    const [workload] = reportOn([[aSubject({ scalers: [scaler] }), steady(100, 300)]]).workloads;
    expect(workload!.pairs.map(({ requests }) => requests[0]?.amount)).toEqual([335, 390]);
    expect(workload!.rows[0]!.resources.cpu.recommended).toBe(390);
  });

  test("pods that a min keeps are priced as a figure of their own", () => {
    const idle = aSubject({ replicas: 6, scalers: [aScaler({ minReplicas: 6 })] });
    const { totals, workloads } = reportOn([[idle, steady(100, 300)]]);
    expect(workloads[0]!.findings).toMatchObject([{ kind: "min-too-high", spareReplicas: 4 }]);
    const perPod = 0.5 * 730 * 0.031611 + 730 * 0.004237;
    expect(Math.abs(totals.idleReplicas - perPod * 4 * 100)).toBeLessThan(2);
  });
});

describe("the order", () => {
  test("puts risk first, then what costs most, then names", () => {
    const names = reportOn([
      [
        aSubject({ name: "calm", containers: [aContainer({ requests: amounts(120, 330) })] }),
        steady(100, 300),
      ],
      [aSubject({ name: "wasteful" }), steady(100, 300)],
      [aSubject({ name: "more-wasteful", replicas: 9 }), steady(100, 300)],
      [
        aSubject({ name: "at-risk", containers: [aContainer({ requests: amounts(50, 1024) })] }),
        steady(100, 300),
      ],
    ]).workloads.map(({ workload }) => workload.name);
    expect(names).toEqual(["at-risk", "more-wasteful", "wasteful", "calm"]);
  });
});

describe("groups", () => {
  const loaded: Loaded = [
    [aSubject({ namespace: "a", name: "one", labels: { team: "red" } }), steady(100, 300)],
    [aSubject({ namespace: "b", name: "two", labels: { team: "blue" }, replicas: 6 }), steady(100, 300)],
    [aSubject({ namespace: "b", name: "three" }), steady(100, 300)],
  ];
  test.each([
    { by: { kind: "namespace" } as const, names: ["b", "a"] },
    { by: { kind: "label", key: "team" } as const, names: ["blue", "(none)", "red"] },
    { by: { kind: "label", key: "constructor" } as const, names: ["(none)"] },
    { by: undefined, names: [] },
  ])("by $by: $names", ({ by, names }) =>
    expect(reportOn(loaded, { days: 1, groupBy: by }).groups.map(({ name }) => name)).toEqual(names),
  );
});

test("rows add up to workloads, groups and totals, to the cent, and risk takes nothing off waste", () =>
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          cpu: fc.integer({ min: 10, max: 3000 }),
          memory: fc.integer({ min: 32, max: 4096 }),
          used: fc.integer({ min: 1, max: 3000 }),
          replicas: fc.integer({ min: 0, max: 9 }),
          namespace: fc.constantFrom("a", "b", "c"),
        }),
        { minLength: 1, maxLength: 5 },
      ),
      (drawn) => {
        const loaded: Loaded = drawn.map(({ cpu, memory, used, replicas, namespace }, at) => [
          aSubject({
            namespace,
            name: `w${at}`,
            replicas,
            containers: [aContainer({ requests: amounts(cpu, memory) }), aContainer({ name: "side" })],
          }),
          steady(used, used),
        ]);
        const { workloads, groups, totals } = reportOn(loaded, { days: 0.1, groupBy: { kind: "namespace" } });
        for (const what of ["cost", "waste", "increase", "idleReplicas"] as const) {
          const sum = (of: readonly { totals: typeof totals }[]) =>
            of.reduce((all, one) => all + one.totals[what], 0);
          expect(sum(workloads)).toBe(totals[what]);
          expect(sum(groups)).toBe(totals[what]);
        }
        const rows = workloads.flatMap((one) =>
          one.rows.flatMap(({ resources }) => [resources.cpu, resources.memory]),
        );
        expect(rows.reduce((sum, { waste }) => sum + waste.cents, 0)).toBe(totals.waste);
        expect(rows.reduce((sum, { increase }) => sum + increase, 0)).toBe(totals.increase);
        for (const { waste, increase, cost } of rows) {
          expect(waste.cents === 0 || increase === 0).toBe(true);
          expect(waste.cents).toBeLessThanOrEqual(cost);
        }
        expect(groups.flatMap((group) => group.workloads)).toHaveLength(workloads.length);
      },
    ),
    { numRuns: 30 },
  ));

describe("a threshold", () => {
  const report = reportOn([
    [aSubject({ name: "wasteful" }), steady(100, 300)],
    [aSubject({ name: "unknown" }), undefined],
    [
      aSubject({ name: "at-risk", containers: [aContainer({ requests: amounts(99, 400) })] }),
      steady(95, 300),
    ],
  ]);

  test.each([
    { limit: "risk=critical", sentences: [] },
    { limit: "risk=medium", sentences: [] },
    { limit: "waste=10", sentences: [/^waste of \d+\.\d\d a month is over 10$/] },
    { limit: "waste=10000", sentences: [] },
    { limit: "waste=5%", sentences: [/^waste is \d+\.\d % of what is requested, over 5 %$/] },
    { limit: "waste=99.5%", sentences: [] },
  ])("$limit", ({ limit, sentences }) =>
    expect(crossed(report, [parseThreshold(limit)!])).toEqual(
      sentences.map((one) => expect.stringMatching(one)),
    ),
  );

  test("of risk counts the workloads that cross it, never the unknown ones", () => {
    const risky = reportOn([
      [aSubject({ containers: [aContainer({ requests: amounts(50, 1024) })] }), steady(100, 300)],
      [aSubject({ name: "unknown" }), undefined],
    ]);
    expect(crossed(risky, [parseThreshold("risk=high")!])).toEqual(["1 at risk high or worse"]);
  });

  test.each([
    "risk=unknown",
    "risk=low",
    "risk=",
    "waste=",
    "waste=-1",
    "waste=1e3",
    "risk=high%",
    "cost=3",
    "",
    "waste=5 %",
  ])("%j is none", (text) => expect(parseThreshold(text)).toBeUndefined());
});
