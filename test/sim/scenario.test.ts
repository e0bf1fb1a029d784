import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { epochMillis, millis, minutes, seconds } from "../../src/base/units.ts";
import type { Sight } from "../../src/sim/scenario/expectation.ts";
import { differenceOf } from "../../src/sim/scenario/expectation.ts";
import { demoFleet } from "../../src/sim/fleet.ts";
import { runScenario } from "../../src/sim/scenario/run.ts";
import { stage } from "../../src/sim/scenario/stage.ts";
import type { Scenario } from "../../src/sim/scenario/scenario.ts";
import { parseScenario } from "../../src/sim/scenario/scenario.ts";
import { planned } from "../report/records.ts";
import { aRecommendation, aVerdict, none } from "../report/vertical/verdicts.ts";

const STORY = `
# A story.
seed 5
nodes 2
policy   web   min=2 max=10 cpu=60% window=90s mode=Shadow
workload web   replicas=3 cpu=500m memory=1Gi start=20s   # three of them
load     web   0s: 500m   10m: 2
memory   web   steady 1Gi
at 12m   do    kill-node node-1
at 5m    do    scale web 7
expect   12m   replicas=8  because=usage-over-target
expect   20m..30m  web  replicas<=9
`;

function read(text: string): Scenario {
  const outcome = parseScenario(text);
  if (outcome.kind === "invalid") expect.fail(JSON.stringify(outcome.problems));
  return outcome.scenario;
}

function problemsOf(text: string): string[] {
  const outcome = parseScenario(text);
  return outcome.kind === "invalid" ? outcome.problems.map(({ line, message }) => `${line}: ${message}`) : [];
}

describe("a scenario", () => {
  test("is read whole", () => {
    const scenario = read(STORY);
    expect(scenario).toMatchObject({ seed: 5, nodes: 2, ends: minutes(30) });
    expect(scenario.policies).toEqual([
      {
        kind: "ScalePolicy",
        metadata: { namespace: "default", name: "web" },
        spec: {
          targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
          mode: "Shadow",
          horizontal: {
            minReplicas: 2,
            maxReplicas: 10,
            metrics: [
              {
                type: "Resource",
                resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 60 } },
              },
            ],
            behavior: { scaleDown: { stabilizationWindowSeconds: 90 } },
          },
        },
      },
    ]);
    expect(scenario.workloads).toMatchObject([
      {
        how: "settled",
        blueprint: {
          namespace: "default",
          replicas: 3,
          startup: seconds(20),
          containers: [{ requests: { cpu: 500, memory: 1024 ** 3 * 1000 }, limits: {} }],
          load: {
            cpu: {
              kind: "step",
              points: [
                { at: 0, level: 0.5 },
                { at: minutes(10), level: 2 },
              ],
            },
            memory: { kind: "steady", level: 1024 ** 3 },
          },
        },
      },
    ]);
    expect(scenario.actions.map(({ at }) => at)).toEqual([minutes(5), minutes(12)]);
    expect(scenario.expectations).toMatchObject([
      { line: 11, from: minutes(12), to: minutes(12), about: "default/web" },
      {
        line: 12,
        from: minutes(20),
        to: minutes(30),
        checks: [{ field: "replicas", operator: "<=", value: "9" }],
      },
    ]);
  });

  test("gives a workload further containers, which take their share from the first", () => {
    const text =
      "workload web cpu=400m\ncontainer web proxy sidecar cpu=100m share=0.25\ncontainer web migrate init";
    expect(read(text).workloads[0]?.blueprint.containers).toMatchObject([
      { name: "app", share: 0.75, requests: { cpu: 400 } },
      { name: "proxy", role: "sidecar", share: 0.25, requests: { cpu: 100 } },
      { name: "migrate", role: "init", share: 0 },
    ]);
  });

  test("says who stands by, when it is calm, and what memory a pod has that does nothing", () => {
    const { standby, calmFrom, ends, workloads } = read(
      "workload web memory-base=16Mi\nstandby\ncalm 24m15s584ms",
    );
    expect({ standby, calmFrom, ends }).toEqual({ standby: true, calmFrom: 1_455_584, ends: 1_455_584 });
    expect(workloads[0]?.blueprint.load.memoryBase).toBe(16 * 1024 ** 2);
    expect(read("workload web")).toMatchObject({ standby: false, calmFrom: undefined });
    const stormy = "workload web\npolicy web\nfault 20m..25m silent-node node-1\ncalm 24m";
    expect(problemsOf(stormy)).toEqual(["4: a fault lasts longer: it is calm when all of them are over"]);
  });

  test("says what a stock HPA makes of it, and how that is known", () => {
    expect(read("workload web\nstock oracle 5m..6m replicas>=3").stock).toMatchObject([
      { mark: "oracle", from: minutes(5), to: minutes(6), about: "default/web", checks: [{ value: "3" }] },
    ]);
  });

  test("takes a policy's spec as users write it", () => {
    const spec = read(`policy shop/web\n  targetRef: {kind: Deployment}\n  horizontal:\n    maxReplicas: 4`)
      .policies[0];
    expect(spec).toEqual({
      kind: "ScalePolicy",
      metadata: { namespace: "shop", name: "web" },
      spec: { targetRef: { kind: "Deployment" }, horizontal: { maxReplicas: 4 } },
    });
  });

  test.each([
    ["wokload web", '1: "wokload" begins no line; write one of seed, nodes'],
    ["workload", "1: `workload` needs a name"],
    ["workload web replicas=many", '1: "many" is not a whole number; write one such as 3'],
    ["workload web cpu=half", '1: "half" is not an amount; write one such as 500m, 2 or 1Gi'],
    ["workload web start=10", '1: "10" is not a duration; write one such as 90s or 10m'],
    ["workload web size=3", "1: `size` is not a setting here, or is said twice; there are cpu, memory"],
    ["workload web replicas=3 replicas=4", "1: `replicas` is not a setting here, or is said twice"],
    ["workload web please", '1: "please" is not expected here'],
    ["\n\nload web steady 1", "3: no workload default/web; add `workload default/web …`"],
    ["workload web\nload web", "2: a load needs points such as `0s: 500m 10m: 2`"],
    ["workload web\nload web 10m 2", '2: "10m" begins no point; write pairs such as `10m: 500m`'],
    ["workload web\nload web 10m: 2 5m: 1", "2: points come in the order of time"],
    ["workload web\nat 5m scale web 3", "2: write `at TIME do ACTION`"],
    ["workload web\nat 5m do explode", '2: "explode" is not an action; there are restart-operator, scale'],
    ["workload web\nexpect 5m", "2: `expect` needs something to check, such as replicas=3"],
    [
      "workload web\nexpect 5m web mood=good",
      '2: "mood=good" is no check; write FIELD=VALUE with one of replicas',
    ],
    ["workload a\nworkload b\nexpect 5m replicas=1", "3: there is not exactly one workload; name the one"],
    ["workload a\nexpect 5m b replicas=1", "2: no workload default/b"],
    ["policy web\n  {", "1: the spec beneath is not YAML"],
    ["container web proxy", "1: no workload default/web; add `workload default/web …`"],
    [
      "workload web\nstock 5m replicas=3",
      "2: write how it is known: `stock MARK TIME …` with recorded, oracle",
    ],
  ])("that says %j is refused with its line and a way out", (text, problem) => {
    expect(problemsOf(text)[0]).toContain(problem);
  });

  test("of any text is either read or refused with a line, and never anything else", () => {
    const word = fc.oneof(
      fc.constantFrom(
        "policy",
        "workload",
        "load",
        "memory",
        "at",
        "expect",
        "do",
        "scale",
        "web",
        "5m",
        "0s:",
        "#",
      ),
      fc.constantFrom(
        "replicas=3",
        "cpu=60%",
        "steady",
        "daily",
        "1..2",
        "\n",
        "\n  ",
        "a/b",
        "kill-node",
        "=",
        "1e9",
      ),
      fc.string({ maxLength: 6 }),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 30 }), (words) => {
        const outcome = parseScenario(words.join(" "));
        if (outcome.kind === "invalid")
          for (const { line } of outcome.problems) expect(line).toBeGreaterThan(0);
      }),
    );
  });

  test("with several mistakes names them all", () => {
    expect(problemsOf("seed x\nnodes y\nworkload web start=z")).toHaveLength(3);
  });
});

describe("an expectation", () => {
  const record = {
    ...planned(),
    vertical: aVerdict({ answered: [aRecommendation(), none("proxy", "no-samples")] }),
  };
  const conditions = ["Ready:Active", "LowConfidence:HistoryTooShort"];
  const requests = { least: 500, most: 500, rollouts: 0 };
  const sight: Sight = { replicas: 4, pods: 5, ready: 3, writes: 1, requests, record, conditions };
  const differenceFor = (checks: string): string | undefined => {
    const [expectation] = read(`workload web\nexpect 1m ${checks}`).expectations;
    return differenceOf(expectation!, sight);
  };

  test.each([
    "replicas=4",
    "pods>=5 ready<=3",
    "writes=1",
    "desired=6",
    "because=usage-over-target",
    "effect=scaled",
    "cpu-target=240 memory-target<=305",
    "recommends=app lacks=proxy:no-samples",
    "condition=LowConfidence:HistoryTooShort condition=Ready:Active",
  ])("of %s is met", (checks) => expect(differenceFor(checks)).toBeUndefined());

  test.each([
    ["replicas=8", "replicas is 4, not 8"],
    ["replicas<=3 pods=5 ready=9", "replicas is 4, not <=3; ready is 3, not 9"],
    ["rail=behavior", "rail is unknown, not behavior"],
  ])("of %s says what differs: %s", (checks, difference) => {
    expect(differenceFor(checks)).toBe(difference);
  });

  test("about a decision that was never taken is not met", () => {
    const [expectation] = read("workload web\nexpect 1m desired=6").expectations;
    expect(differenceOf(expectation!, { ...sight, record: undefined })).toBe("desired is unknown, not 6");
  });
});

describe("running a scenario", () => {
  test("does the actions at their moments and reports each unmet expectation with its line", async () => {
    const scenario = read(
      [
        "workload web replicas=2",
        "at 1m do scale web 5",
        "expect 59s replicas=2",
        "expect 2m replicas=5 ready=5",
        "expect 3m replicas=7",
      ].join("\n"),
    );
    const idle = (_: unknown, __: unknown, signal: AbortSignal): Promise<void> =>
      new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
    expect(await runScenario(scenario, idle)).toEqual([{ line: 5, message: "at 3m replicas is 5, not 7" }]);
  });

  test("restarts the operator over the same world, one at a time", async () => {
    const scenario = read(
      "workload web\nat 1m do restart-operator\nat 2m do restart-operator\nexpect 3m replicas=1",
    );
    const story: string[] = [];
    const problems = await runScenario(scenario, async ({ clock }, _, signal) => {
      const start = clock.mono();
      story.push("start");
      await clock.sleep(minutes(60), signal);
      await clock.sleep(millis(100), new AbortController().signal);
      story.push(`stop after ${Math.round((clock.mono() - start) / 1000)} s`);
    });
    expect(problems).toEqual([]);
    expect(story).toEqual([
      "start",
      "stop after 60 s",
      "start",
      "stop after 60 s",
      "start",
      "stop after 60 s",
    ]);
  });
});

describe("the demo's fleet", () => {
  test("has a policy for every workload, and a mark that its first replicas are near", () => {
    const fleet = demoFleet(1);
    const names = ({ namespace, name }: { namespace?: string; name: string }): string =>
      `${namespace}/${name}`;
    expect(fleet.policies.map(({ metadata }) => names(metadata)).toSorted()).toEqual(
      fleet.workloads
        .map(({ blueprint }) => names({ namespace: blueprint.namespace, name: blueprint.target.name }))
        .toSorted(),
    );
    expect(fleet.workloads.length).toBeGreaterThanOrEqual(30);
  });

  test("fits on its nodes, with all pods ready from the start", async () => {
    const { model, time } = stage(demoFleet(1));
    await time.advance(seconds(5));
    for (const { blueprint } of demoFleet(1).workloads) {
      const counts = model.replicas(blueprint.namespace, blueprint.target.name);
      expect(counts).toEqual({
        wanted: blueprint.replicas,
        pods: blueprint.replicas,
        ready: blueprint.replicas,
      });
    }
  });

  test("begins on a Monday morning", () => {
    expect(stage(demoFleet(1)).time.wall()).toBe(epochMillis(Date.UTC(2026, 2, 2, 8)));
  });
});
