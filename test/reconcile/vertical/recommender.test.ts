/**
 * A policy's recommendation: what it rests on, and when it is made anew.
 */
import { afterEach, describe, expect, test } from "vitest";
import { epochMillis, milliCores, milliUnits, minutes, seconds } from "../../../src/base/units.ts";
import { SIMULATED_SETUP } from "../../../src/cli/setup.ts";
import { keyOf } from "../../../src/cluster/object.ts";
import type { Pod } from "../../../src/cluster/pod.ts";
import type { PolicyObject } from "../../../src/cluster/workload.ts";
import { parsePolicy } from "../../../src/policy/parse.ts";
import type { ScalePolicySpec } from "../../../src/policy/policy.ts";
import { Recommender } from "../../../src/reconcile/vertical/recommender.ts";
import { verticalConditions } from "../../../src/report/vertical/conditions.ts";
import { createClock } from "../../../src/sim/clock.ts";
import { aMeta, anAutoscaler } from "../../builders.ts";
import { changed, deleted, ownedBy } from "../../view/objects.ts";
import { container, kill, podOf, Stand, WEB_UID } from "./stand.ts";

let stand: Stand;
afterEach(() => stand.end());

const targetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };
const policyOf = (spec: object, name = "web", createdAt = 0): PolicyObject => ({
  meta: aMeta({ name, createdAt: epochMillis(createdAt) }),
  spec: { targetRef, ...spec },
  status: undefined,
});

function specOf({ spec }: PolicyObject): ScalePolicySpec {
  const parsed = parsePolicy(spec);
  if (parsed.kind !== "valid") throw new Error(JSON.stringify(parsed));
  return parsed.spec;
}

function standing(pods: readonly Pod[], ...policies: readonly PolicyObject[]) {
  stand = new Stand(pods);
  for (const policy of policies) stand.cluster.pen("scalepolicies").apply(changed(policy));
  const recommender = new Recommender({
    view: stand.cluster.view,
    keeper: stand.keeper,
    histories: stand.histories,
    settings: SIMULATED_SETUP.decision,
  });
  const clock = createClock(stand.time);
  return {
    recommender,
    verdictOn: (policy: PolicyObject, spec: ScalePolicySpec) =>
      recommender.verdictOn(policy, spec, { wall: clock.wall(), mono: clock.mono() }),
  };
}

const VERTICAL = policyOf({ vertical: {} });
const SPEC = specOf(VERTICAL);
const pod = podOf("a", {
  shape: {
    containers: [{ ...container(), requests: { cpu: milliUnits(500), memory: milliUnits(268_435_456_001) } }],
    podRequests: undefined,
    overhead: {},
  },
});

describe("a recommendation", () => {
  test("is the VPA's, of what the newest pod's containers used, beside what they ask for", async () => {
    const { verdictOn } = standing([pod], VERTICAL);
    await stand.pass(minutes(30), [pod], { app: [250, 300] });
    const verdict = verdictOn(VERTICAL, SPEC);
    expect(verdict?.podCount).toBe(1);
    // spec/vertical.md: a constant 250m gives 296m, a single peak of 300 Mi gives 380258472 bytes.
    expect(verdict?.proposal.containers).toMatchObject([
      {
        kind: "recommendation",
        container: "app",
        target: { cpu: 296, memory: 380_258_472 },
        base: { cpu: 500, memory: 268_435_457 },
      },
    ]);
  });

  test("is none where nothing was measured, and none for a spec without vertical", async () => {
    const { verdictOn } = standing([pod], VERTICAL);
    await stand.pass(minutes(1));
    expect(verdictOn(VERTICAL, SPEC)?.proposal.containers).toEqual([
      { kind: "none", container: "app", because: "no-samples" },
    ]);
    const without = policyOf({ horizontal: { maxReplicas: 2 } });
    expect(verdictOn(without, specOf(without))).toBeUndefined();
  });

  test("of a target that never had a pod has no container", async () => {
    const { verdictOn } = standing([], VERTICAL);
    await stand.pass(minutes(1));
    expect(verdictOn(VERTICAL, SPEC)).toMatchObject({ podCount: 0, proposal: { containers: [] } });
  });

  test("lasts a minute: decisions within it get the same one", async () => {
    const { verdictOn } = standing([pod], VERTICAL);
    await stand.pass(minutes(5), [pod]);
    const first = verdictOn(VERTICAL, SPEC);
    await stand.pass(seconds(45), [pod]);
    expect(verdictOn(VERTICAL, SPEC)).toBe(first);
    await stand.pass(seconds(15), [pod]);
    expect(verdictOn(VERTICAL, SPEC)).not.toBe(first);
  });

  test("is made anew for an edit, for another template, and after a kill", async () => {
    const { verdictOn, recommender } = standing([pod], VERTICAL);
    await stand.pass(minutes(5), [pod]);
    const first = verdictOn(VERTICAL, SPEC);
    const edited = { ...SPEC };
    const second = verdictOn(VERTICAL, edited);
    expect(second).not.toBe(first);
    const next = podOf("b", { version: 2, shape: { ...pod.shape } });
    stand.put(next);
    await stand.pass(seconds(20));
    const third = verdictOn(VERTICAL, edited);
    expect(third).not.toBe(second);
    stand.put({ ...next, meta: { ...next.meta, resourceVersion: "3" }, oomKills: [kill(1e9 * 1000)] });
    recommender.outdate(keyOf(VERTICAL));
    const [before, after] = [third, verdictOn(VERTICAL, edited)].map(
      (verdict) => verdict?.proposal.containers[0],
    );
    const memory = (one: typeof before): number =>
      one?.kind === "recommendation" ? (one.target.memory ?? 0) : 0;
    expect(memory(after)).toBeGreaterThan(memory(before));
  });

  test("names whoever scales on a utilization of what it would change", async () => {
    const both = policyOf({ horizontal: { maxReplicas: 5 }, vertical: {} });
    const { verdictOn } = standing([pod], both);
    stand.cluster
      .pen("horizontalpodautoscalers")
      .apply(changed(anAutoscaler({ followsUtilizationOf: ["memory"] })));
    await stand.pass(minutes(5), [pod]);
    const verdict = verdictOn(both, specOf(both));
    expect(verdict?.followed).toMatchObject([{ metric: { resource: "cpu" }, tolerance: 0.1 }]);
    expect(verdict?.applying).toMatchObject({
      reason: "ApplyModeOff",
      message: expect.stringContaining("horizontal scales on a utilization of cpu and memory"),
    });
  });

  test("is refused for one run of a CronJob, with the name to write", () => {
    const run = policyOf({
      targetRef: { apiVersion: "batch/v1", kind: "Job", name: "backup-29381760" },
      vertical: {},
    });
    const { verdictOn } = standing([], run);
    expect(verdictOn(run, specOf(run))?.unsupported).toContain("name the CronJob as the target");
  });

  test("of a CronJob outlives its runs", async () => {
    const owner = { ...ownedBy("Job", "backup-29381760"), apiVersion: "batch/v1" };
    const ran = podOf("run", { owner });
    const cron = policyOf({
      targetRef: { apiVersion: "batch/v1", kind: "CronJob", name: "backup" },
      vertical: {},
    });
    const { verdictOn } = standing([ran], cron);
    await stand.pass(minutes(3), [ran]);
    stand.remove("run");
    await stand.pass(minutes(60));
    expect(verdictOn(cron, specOf(cron))).toMatchObject({
      podCount: 0,
      unsupported: undefined,
      proposal: { containers: [{ kind: "recommendation", container: "app" }] },
    });
  });
});

test("confidence is low until there is a day of history, and never keeps a recommendation back", async () => {
  const { verdictOn } = standing([pod], VERTICAL);
  const reasonAfter = async (span: number): Promise<string | undefined> => {
    await stand.pass(span, [pod]);
    const verdict = verdictOn(VERTICAL, SPEC);
    expect(verdict?.proposal.containers[0]?.kind).toBe("recommendation");
    const conditions = verdict && verticalConditions(verdict);
    return conditions?.find(({ type }) => type === "LowConfidence")?.reason;
  };
  expect(await reasonAfter(minutes(5))).toBe("HistoryTooShort");
  expect(await reasonAfter(minutes(23 * 60))).toBe("HistoryTooShort");
  expect(await reasonAfter(minutes(2 * 60))).toBe("HistoryLongEnough");
});

describe("how fast a history fades", () => {
  const halfLives = async (): Promise<number | undefined> => {
    await stand.pass(minutes(11), [pod]);
    return stand.histories.checkpoint(WEB_UID).get("app")?.halfLives.cpu;
  };
  const fading = (name: string, cpuHalfLife: string, createdAt: number) =>
    policyOf({ vertical: { recommender: { cpuHalfLife } } }, name, createdAt);

  test("is the oldest policy's to say, and the default's when that is gone", async () => {
    const [older, younger] = [fading("older", "48h", 1), fading("younger", "1h", 2)];
    const { verdictOn } = standing([pod], older, younger);
    await stand.pass(minutes(2), [pod]);
    for (const policy of [older, younger]) verdictOn(policy, specOf(policy));
    expect(await halfLives()).toBe(minutes(48 * 60));
    for (const name of ["older", "younger"]) stand.cluster.pen("scalepolicies").apply(deleted(name, 9));
    expect(await halfLives()).toBe(minutes(24 * 60));
  });
});

test("minimums and caps are the operator's", async () => {
  const { verdictOn } = standing([pod], VERTICAL);
  await stand.pass(minutes(5), [pod], { app: [1, 1] });
  expect(verdictOn(VERTICAL, SPEC)?.proposal.containers[0]).toMatchObject({
    target: { cpu: milliCores(25), memory: 250 * 2 ** 20 },
  });
});
