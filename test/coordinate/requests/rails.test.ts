/**
 * Every vertical rail, on both sides of each of its thresholds.
 */
import { describe, expect, test } from "vitest";
import { minutes } from "../../../src/base/units.ts";
import { REQUEST_RAILS } from "../../../src/coordinate/requests/rails.ts";
import {
  ago, amounts, aRecommendation, aState, aTemplateState, becomes, mebi, named, planFor, resources,
} from "./questions.ts"; // prettier-ignore

const AS_IT_IS = "as it is";
const reasonOf = (parts: Parameters<typeof planFor>[0]) => planFor(parts).applying.reason;

test("the rails run in the order of the design, each with a rule and what it answers", () => {
  expect(REQUEST_RAILS.map(({ name }) => name)).toEqual([
    "no-samples-no-answer",
    "significance",
    "memory-floor",
    "headroom",
    "oom-up-now",
    "qos-and-ratio",
    "fits",
    "few-pods",
    "windows-and-budget",
    "template-rarely",
  ]);
  for (const { rule, answers } of REQUEST_RAILS)
    expect([rule, answers].every((text) => text.endsWith("."))).toBe(true);
});

describe("no-samples-no-answer", () => {
  test.each([
    { when: "a month of history", confidence: 30, to: "250m 256Mi" },
    { when: "a day", confidence: 1, to: "250m 256Mi" },
    { when: "a minute less than a day", confidence: 0.9993, to: AS_IT_IS },
    { when: "an hour", confidence: 1 / 24, to: AS_IT_IS },
  ])("$when: $to", ({ confidence, to }) => {
    expect(becomes({ proposed: [aRecommendation(amounts(250, 256), { confidence })] })).toBe(to);
  });

  test("says what there is of history, and what it waits for", () => {
    expect(planFor({ proposed: [aRecommendation(amounts(250, 256), { confidence: 0.5 })] }).applying).toEqual(
      {
        status: "False",
        reason: "TooLittleHistory",
        message: "0.50 days of history, and nothing is written before there is one day",
      },
    );
  });

  test("a container without samples keeps what it has, and the others are written", () => {
    const none = { kind: "none", container: "new", because: "no-samples" } as const;
    const plan = planFor({
      containers: [aState(), aState({ name: "new" })],
      proposed: [aRecommendation(amounts(250, 256)), none],
    });
    expect(plan.changes).toEqual([named("app", resources(amounts(250, 256)))]);
    expect(plan.moves).toContainEqual({
      rail: "no-samples-no-answer",
      container: "new",
      why: "nothing was measured yet",
    });
  });
});

describe("significance", () => {
  test.each([
    { cpu: 451, memory: 512, over: {}, to: AS_IT_IS },
    { cpu: 450, memory: 512, over: {}, to: "450m 512Mi" },
    { cpu: 549, memory: 512, over: {}, to: AS_IT_IS },
    { cpu: 550, memory: 512, over: {}, to: "550m 512Mi" },
    { cpu: 480, memory: 470, over: {}, to: AS_IT_IS },
    { cpu: 500, memory: 460, over: {}, to: "500m 460Mi" },
    { cpu: 480, memory: 512, over: { outsideSince: ago(11.9) }, to: AS_IT_IS },
    { cpu: 480, memory: 512, over: { outsideSince: ago(12) }, to: "480m 512Mi" },
    { cpu: 430, memory: 512, over: { turns: { cpu: { at: ago(23.9), to: "higher" } } }, to: AS_IT_IS },
    { cpu: 400, memory: 512, over: { turns: { cpu: { at: ago(23.9), to: "higher" } } }, to: "400m 512Mi" },
    { cpu: 430, memory: 512, over: { turns: { cpu: { at: ago(24), to: "higher" } } }, to: "430m 512Mi" },
    { cpu: 430, memory: 512, over: { turns: { cpu: { at: ago(1), to: "lower" } } }, to: "430m 512Mi" },
  ] as const)("500m 512Mi, recommended $cpu m $memory Mi, $over: $to", ({ cpu, memory, over, to }) => {
    expect(becomes({ target: amounts(cpu, memory), state: over })).toBe(to);
  });

  test("what is too small a change is named with its numbers", () => {
    expect(planFor({ target: amounts(480, 512) }).applying).toMatchObject({
      reason: "InsignificantChange",
      message: "cpu 500m → 480m is too small a change",
    });
  });
});

describe("memory-floor", () => {
  const state = { present: resources(amounts(500, 512), amounts(undefined, 1024)) };
  test.each([
    { peak: 100, to: "250m 256Mi / 1024Mi" },
    { peak: 300, to: "250m 330Mi / 1024Mi" },
    { peak: undefined, to: "250m 512Mi / 1024Mi" },
    { peak: 600, to: "250m 660Mi / 1320Mi" },
  ])("the highest usage of a day is $peak Mi: $to", ({ peak, to }) => {
    const memoryPeak = peak === undefined ? undefined : mebi(peak);
    expect(becomes({ state: { ...state, memoryPeak } })).toBe(to);
  });

  test("maxAllowed is the user's word, also under a peak", () => {
    const policy = { maxAllowed: amounts(undefined, 550) };
    expect(becomes({ policy, state: { memoryPeak: mebi(600) } })).toBe("250m 550Mi");
  });

  test.each([
    { when: "by a tenth", over: {}, to: "250m 256Mi / 921.6Mi" },
    { when: "not within an hour", over: { memoryLimitLoweredAt: ago(0.99) }, to: "250m 256Mi / 1024Mi" },
    { when: "again after an hour", over: { memoryLimitLoweredAt: ago(1) }, to: "250m 256Mi / 921.6Mi" },
    { when: "not under 1.2 × the peak", over: { memoryPeak: mebi(800) }, to: "250m 880Mi / 1760Mi" },
    {
      when: "not after an OOM kill, though the request may",
      over: { ooms: [{ at: ago(23), needed: mebi(200) }] },
      to: "250m 256Mi / 1024Mi",
    },
    { when: "not without a known peak", over: { memoryPeak: undefined }, to: "250m 512Mi / 1024Mi" },
  ])("where it may be lowered, a limit of 1024Mi goes down $when", ({ over, to }) => {
    expect(becomes({ policy: { allowMemoryLimitDecrease: true }, state: { ...state, ...over } })).toBe(to);
  });

  test("a limit ends at its ratio", () => {
    const present = resources(amounts(500, 512), amounts(undefined, 530));
    const base = resources(amounts(500, 512), amounts(undefined, 1024));
    const parts = { policy: { allowMemoryLimitDecrease: true }, state: { present, base } };
    expect(becomes({ ...parts, target: amounts(250, 256) })).toBe("250m 256Mi / 512Mi");
  });

  test("says before, after and why", () => {
    const { moves } = planFor({ state: { memoryPeak: mebi(300) } });
    expect(moves).toContainEqual({
      rail: "memory-floor",
      container: "app",
      before: resources(amounts(250, 256)),
      after: resources(amounts(250, 330)),
      why: "memory 256Mi → 330Mi: the highest usage of 24 h is 300Mi",
    });
  });
});

describe("headroom", () => {
  const own = { resource: "cpu", by: "this policy's horizontal" } as const;
  test("a resource that is followed by utilization is not written, and the other one is", () => {
    expect(becomes({ followed: [] })).toBe("250m 256Mi");
    expect(becomes({ followed: [own] })).toBe("500m 256Mi");
    const foreign = { resource: "memory", by: "HorizontalPodAutoscaler shop/web" } as const;
    expect(becomes({ followed: [foreign] })).toBe("250m 512Mi");
    expect(planFor({ followed: [own, foreign] }).applying).toEqual({
      status: "False",
      reason: "NeedsCoordination",
      message:
        "this policy's horizontal follows cpu, HorizontalPodAutoscaler shop/web follows memory by utilization; recommended: cpu 500m → 250m, memory 512Mi → 256Mi",
    });
  });
});

describe("oom-up-now", () => {
  const oom = (hours: number, needed = 700) => ({ at: ago(hours), needed: mebi(needed) });
  test.each([
    { when: "one kill", ooms: [oom(0.1)], to: "250m 700Mi" },
    { when: "one that asked for less than there is", ooms: [oom(0.1, 200)], to: "250m 256Mi" },
    { when: "three in an hour", ooms: [oom(0.9), oom(0.5, 800), oom(0.1, 900)], to: "250m 900Mi" },
    {
      when: "a fourth in an hour",
      ooms: [oom(0.9), oom(0.6, 800), oom(0.5, 900), oom(0.1, 1000)],
      to: "250m 900Mi",
    },
    {
      when: "a fourth after an hour",
      ooms: [oom(1.1), oom(0.6, 800), oom(0.5, 900), oom(0.1, 1000)],
      to: "250m 1000Mi",
    },
  ])("$when: $to", ({ ooms, to }) => {
    expect(becomes({ state: { ooms } })).toBe(to);
  });

  test("goes past what only waits, with the memory alone", () => {
    const state = { ooms: [oom(0.1)] };
    const closed = [{ schedule: "0 2 * * *", duration: minutes(60), timeZone: "UTC" }];
    const waiting = [
      { apply: { windows: closed } },
      { fleet: { podsResized: 10 } },
      { apply: { mode: "Template" }, workload: { readyPods: 1, template: aTemplateState() } },
      { apply: { mode: "Template" }, workload: { template: aTemplateState({ writtenAt: ago(1) }) } },
      { proposed: [aRecommendation(amounts(250, 256), { confidence: 0.1 })] },
    ] as const;
    for (const parts of waiting) expect(becomes({ ...parts, state })).toBe("500m 700Mi");
  });

  test("does not go past maxAllowed, the largest node, or a limit that is not ours to raise", () => {
    const state = { ooms: [oom(0.1)] };
    expect(becomes({ state, policy: { maxAllowed: amounts(undefined, 600) } })).toBe("250m 600Mi");
    const nodes = [{ cpu: amounts(8000).cpu!, memory: mebi(640) }];
    expect(becomes({ state, room: { nodes } })).toBe("250m 576Mi");
    const limited = { ...state, present: resources(amounts(500, 512), amounts(undefined, 600)) };
    expect(becomes({ state: limited, policy: { controlledValues: "RequestsOnly" } })).toBe(
      "250m 600Mi / 600Mi",
    );
    expect(becomes({ state: limited })).toBe("250m 700Mi / 820.3Mi");
  });

  test("says when it has given up", () => {
    const ooms = [oom(0.9, 300), oom(0.6, 300), oom(0.5, 300), oom(0.1, 2000)];
    expect(planFor({ target: amounts(500, 512), state: { ooms } }).applying).toMatchObject({
      reason: "OomLoop",
      message: "4 OOM kills: more than 3 within an hour are not answered",
    });
  });
});

describe("qos-and-ratio", () => {
  const guaranteed = resources(amounts(500, 512), amounts(500, 512));
  test("a Guaranteed pod stays one: limits follow, and a limit that is held holds its request", () => {
    expect(becomes({ state: { present: guaranteed } })).toBe("250m 512Mi / 250m 512Mi");
    expect(becomes({ state: { present: guaranteed }, target: amounts(800, 900) })).toBe(
      "800m 900Mi / 800m 900Mi",
    );
    const policy = { controlledValues: "RequestsOnly" } as const;
    expect(becomes({ state: { present: guaranteed }, policy })).toBe(AS_IT_IS);
  });

  test("a Burstable pod does not become Guaranteed", () => {
    const burstable = resources(amounts(250, 256), amounts(500, 512));
    const policy = { controlledValues: "RequestsOnly" } as const;
    const parts = { policy, state: { present: burstable }, target: amounts(500, 512) };
    expect(planFor(parts).applying).toMatchObject({
      reason: "QosClassKept",
      message: "the pods would be Guaranteed and are Burstable",
    });
  });

  test("a BestEffort pod is left alone, even when it is killed", () => {
    const state = { present: resources({}), ooms: [{ at: ago(0.1), needed: mebi(700) }] };
    expect(planFor({ state }).applying).toMatchObject({ status: "False", reason: "BestEffort" });
  });

  test.each([
    { controlledValues: "RequestsAndLimits", target: amounts(800, 512), to: "800m 512Mi / 1600m 1024Mi" },
    { controlledValues: "RequestsOnly", target: amounts(800, 512), to: "800m 512Mi / 1000m 1024Mi" },
    { controlledValues: "RequestsOnly", target: amounts(1200, 512), to: "1000m 512Mi / 1000m 1024Mi" },
  ] as const)("$controlledValues, $target: $to", ({ controlledValues, target, to }) => {
    const present = resources(amounts(500, 512), amounts(1000, 1024));
    expect(becomes({ policy: { controlledValues }, state: { present }, target })).toBe(to);
  });

  test("the ratio is that of the base, whatever was written since", () => {
    const base = resources(amounts(500, 512), amounts(1000));
    const present = resources(amounts(300, 512), amounts(599));
    expect(becomes({ state: { base, present }, target: amounts(400, 512) })).toBe("400m 512Mi / 800m");
  });
});

describe("fits", () => {
  const node = (cpu: number, memory: number) => ({ cpu: amounts(cpu).cpu!, memory: mebi(memory) });
  test.each([
    { nodes: [node(2000, 8192)], to: "1800m 2048Mi" },
    { nodes: [node(2000, 8192), node(4000, 1024)], to: "1800m 2048Mi" },
    { nodes: [node(3000, 8192)], to: "2000m 2048Mi" },
    { nodes: [node(2000, 2048)], to: "1800m 1843.2Mi" },
    { nodes: [], to: AS_IT_IS },
  ])("of nodes $nodes, recommended 2000m 2048Mi: $to", ({ nodes, to }) => {
    expect(becomes({ room: { nodes }, target: amounts(2000, 2048), state: { memoryPeak: mebi(100) } })).toBe(
      to,
    );
  });

  test("names what is in the way", () => {
    const target = amounts(2000, 512);
    expect(reasonOf({ room: { nodes: [] }, target })).toBe("NodeSizeUnknown");
    const { moves } = planFor({ room: { nodes: [node(2000, 8192)] }, target });
    expect(moves.map(({ why }) => why)).toEqual(["the largest node for this pod has room for cpu 1800m"]);
  });

  test("a decrease needs no room", () => {
    expect(becomes({ room: { nodes: [] } })).toBe("250m 256Mi");
    expect(becomes({ room: { nodes: [node(100, 64)] } })).toBe("250m 256Mi");
  });

  test("containers share what there is, in proportion to what each would gain", () => {
    const two = [aState(), aState({ name: "proxy", present: resources(amounts(100, 64)) })];
    const proposed = [
      aRecommendation(amounts(1500, 512)),
      aRecommendation(amounts(600, 64), { container: "proxy" }),
    ];
    const parts = { containers: two, proposed, room: { nodes: [node(1500, 8192)] } };
    expect([becomes(parts), becomes(parts, "proxy")]).toEqual(["1000m 512Mi", "350m 64Mi"]);
  });

  test.each([
    { limitRanges: { container: { min: {}, max: amounts(400), default: {} } }, to: "400m 512Mi / 400m" },
    { limitRanges: { container: { min: amounts(700), max: {}, default: {} } }, to: "700m 512Mi / 700m" },
    { limitRanges: { pod: { min: {}, max: amounts(600), default: {} } }, to: "600m 512Mi / 600m" },
  ])("a LimitRange $limitRanges, recommended 650m: $to", ({ limitRanges, to }) => {
    const present = resources(amounts(500, 512), amounts(500));
    expect(becomes({ room: { limitRanges }, state: { present }, target: amounts(650, 512) })).toBe(to);
  });

  test.each([
    { mode: "InPlace", left: 800, to: "700m 512Mi" },
    { mode: "InPlace", left: 799, to: AS_IT_IS },
    { mode: "Template", left: 1500, to: "700m 512Mi" },
    { mode: "Template", left: 1499, to: AS_IT_IS },
  ] as const)("quota leaves $left m for four pods from 500m to 700m, $mode: $to", ({ mode, left, to }) => {
    const parts = {
      apply: { mode },
      room: { quotaLeft: resources(amounts(left)) },
      target: amounts(700, 512),
    };
    expect(becomes(parts)).toBe(to);
    if (to === AS_IT_IS) expect(reasonOf(parts)).toBe("QuotaTooSmall");
  });

  test.each([
    { pendingFor: 2.9, wroteAgo: 10, to: "250m 256Mi" },
    { pendingFor: 3, wroteAgo: 10, to: "400m 512Mi" },
    { pendingFor: 10, wroteAgo: 5, to: "250m 256Mi" },
  ])(
    "a pod Pending for $pendingFor min, $wroteAgo min after our write: $to",
    ({ pendingFor, wroteAgo, to }) => {
      const before = [named("app", resources(amounts(400, 512)))];
      const room = { pendingSince: ago(pendingFor / 60) };
      expect(becomes({ room, lastWrite: { at: ago(wroteAgo / 60), before } })).toBe(to);
    },
  );

  test("going back does not wait for anything", () => {
    const before = [named("app", resources(amounts(400, 512)))];
    const parts = { room: { pendingSince: ago(0.1) }, lastWrite: { at: ago(0.2), before } };
    const template = { workload: { readyPods: 0, template: aTemplateState({ writtenAt: ago(0.2) }) } };
    expect(becomes({ ...parts, ...template, apply: { mode: "Template" } })).toBe("400m 512Mi");
  });
});

describe("few-pods", () => {
  test.each([
    { mode: "Template", readyPods: 2, restartsFor: [], to: "250m 256Mi" },
    { mode: "Template", readyPods: 1, restartsFor: [], to: AS_IT_IS },
    { mode: "InPlace", readyPods: 1, restartsFor: [], to: "250m 256Mi" },
    { mode: "InPlace", readyPods: 1, restartsFor: ["memory"], to: AS_IT_IS },
  ] as const)(
    "$mode with $readyPods ready, a restart for $restartsFor: $to",
    ({ mode, readyPods, restartsFor, to }) => {
      const parts = { apply: { mode }, workload: { readyPods }, state: { restartsFor } };
      const template = mode === "Template" ? { template: aTemplateState() } : {};
      expect(becomes({ ...parts, workload: { readyPods, ...template } })).toBe(to);
    },
  );

  test("says how many there are and how many it needs", () => {
    expect(
      planFor({ apply: { mode: "Template", minReplicas: 3 }, workload: { readyPods: 1 } }).applying,
    ).toMatchObject({
      reason: "TooFewPods",
      message: "1 pod ready, and restarting needs 3 (apply.minReplicas)",
    });
  });
});

describe("windows-and-budget", () => {
  /** T0 is a Wednesday, 12:00 UTC. */
  test.each([
    { schedule: "0 12 * * *", hours: 1, timeZone: "UTC", to: "250m 256Mi" },
    { schedule: "0 13 * * 1-5", hours: 2, timeZone: "Europe/Berlin", to: "250m 256Mi" },
    { schedule: "0 11 * * *", hours: 1, timeZone: "UTC", to: AS_IT_IS },
    { schedule: "0 13 * * *", hours: 2, timeZone: "UTC", to: AS_IT_IS },
    { schedule: "0 12 * * 6,0", hours: 1, timeZone: "UTC", to: AS_IT_IS },
  ])("$schedule in $timeZone for $hours h: $to", ({ schedule, hours, timeZone, to }) => {
    const windows = [{ schedule, duration: minutes(60 * hours), timeZone }];
    expect(becomes({ apply: { windows } })).toBe(to);
  });

  test("says when the next one opens", () => {
    const windows = [{ schedule: "0 2 * * *", duration: minutes(60), timeZone: "UTC" }];
    expect(planFor({ apply: { windows } }).applying).toMatchObject({
      reason: "OutsideWindow",
      message: "no change window is open, the next opens at 2026-11-26T02:00:00Z",
    });
  });

  test.each([
    { managedPods: 100, podsResized: 9, to: "250m 256Mi" },
    { managedPods: 100, podsResized: 10, to: AS_IT_IS },
    { managedPods: 2000, podsResized: 19, to: "250m 256Mi" },
    { managedPods: 2000, podsResized: 20, to: AS_IT_IS },
  ])("$podsResized of $managedPods pods resized within 10 min: $to", ({ to, ...fleet }) => {
    expect(becomes({ fleet })).toBe(to);
  });

  test.each([
    { workloads: 20, rolling: 0, to: "250m 256Mi" },
    { workloads: 20, rolling: 1, to: AS_IT_IS },
    { workloads: 300, rolling: 2, to: "250m 256Mi" },
    { workloads: 300, rolling: 3, to: AS_IT_IS },
  ])("$rolling of $workloads workloads roll by our act: $to", ({ to, ...fleet }) => {
    expect(becomes({ fleet, apply: { mode: "Template" } })).toBe(to);
  });

  const why = "replicas were changed 2m ago";
  test.each([
    { calm: { kind: "calm" }, to: "250m 700Mi" },
    { calm: { kind: "restless", why, quietHour: true }, to: "250m 700Mi" },
    { calm: { kind: "restless", why, quietHour: false }, to: "500m 700Mi" },
  ] as const)("$calm: cpu down and memory up are $to", ({ calm, to }) => {
    expect(becomes({ calm, target: amounts(250, 700) })).toBe(to);
  });
});

describe("template-rarely", () => {
  const template = (over: Parameters<typeof aTemplateState>[0]) => ({
    apply: { mode: "Template" } as const,
    workload: { template: aTemplateState(over) },
  });
  test.each([
    { over: {}, reason: "Applying" },
    { over: { writtenAt: ago(11.9) }, reason: "TooSoon" },
    { over: { writtenAt: ago(12) }, reason: "Applying" },
    { over: { gitOps: "Argo CD" }, reason: "ManagedByGitOps" },
    { over: { gitOps: "Argo CD", requestsIgnored: true }, reason: "Applying" },
    { over: { reverted: true }, reason: "Reverted" },
    { over: { annotation: "unreadable" }, reason: "BaseUnknown" },
  ] as const)("$over: $reason", ({ over, reason }) => {
    expect(reasonOf(template(over))).toBe(reason);
  });

  test.each([
    { rollout: { kind: "in-progress", updated: 1, replicas: 4 }, reason: "WorkloadRolling" },
    { rollout: { kind: "stuck", since: ago(1) }, reason: "WorkloadRolling" },
    { rollout: { kind: "settled" }, reason: "Applying" },
  ] as const)("a rollout that is $rollout.kind: $reason", ({ rollout, reason }) => {
    expect(reasonOf({ apply: { mode: "Template" }, workload: { rollout, template: aTemplateState() } })).toBe(
      reason,
    );
  });

  test("an OOM kill does not wait 12 h, and does not write against GitOps either", () => {
    const state = { ooms: [{ at: ago(0.1), needed: mebi(700) }] };
    expect(becomes({ ...template({ writtenAt: ago(1) }), state })).toBe("500m 700Mi");
    expect(becomes({ ...template({ gitOps: "Flux" }), state })).toBe(AS_IT_IS);
  });

  test("pods are resized whoever keeps the template", () => {
    expect(becomes({ workload: { template: aTemplateState({ gitOps: "Argo CD" }) } })).toBe("250m 256Mi");
  });
});
