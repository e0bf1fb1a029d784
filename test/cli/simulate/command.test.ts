import { describe, expect, test } from "vitest";
import { minutes, milliUnits, seconds } from "../../../src/base/units.ts";
import { runSimulate, type SimulateFlags } from "../../../src/cli/simulate/command.ts";

const policy = (name: string, percent: number, more = ""): string => `
apiVersion: plimsoll.dev/v1alpha1
kind: ScalePolicy
metadata: {name: ${name}, namespace: shop}
spec:
  targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  ${more}
  horizontal:
    minReplicas: 2
    maxReplicas: 12
    metrics:
      - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: ${percent}}}}
---
`;
const DEPLOYMENT = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 4
  template:
    spec:
      containers:
        - {name: app, resources: {requests: {cpu: 250m}, limits: {cpu: 300m}}}
`;

const FLAGS: SimulateFlags = {
  filename: ["policies.yaml"],
  load: "0s: 1 10m: 3",
  trace: undefined,
  peak: undefined,
  length: minutes(40),
  seed: 1,
  output: "json",
  requests: { cpu: milliUnits(500) },
  limits: {},
  replicas: undefined,
  startup: seconds(10),
};

async function run(files: Readonly<Record<string, string>>, flags: Partial<SimulateFlags> = {}) {
  let printed = "";
  let told = "";
  const code = await runSimulate(
    { ...FLAGS, ...flags },
    {
      readText: (name) =>
        Promise.resolve(
          files[name] === undefined
            ? { kind: "unreadable", message: `${name} is not there` }
            : { kind: "text", text: files[name] },
        ),
      print: (more) => void (printed += more),
      complain: (more) => void (told += more),
      signal: new AbortController().signal,
      progressShown: false,
    },
  );
  return { code, printed, told };
}

type Printed = Readonly<{
  policy: string;
  replicas: { min: number; max: number };
  coreHours: number;
  censoredMinutes: number;
  increases: number;
}>;
const printedOf = ({ printed }: { printed: string }): readonly Printed[] => JSON.parse(printed) as Printed[];

describe("plimsoll simulate", () => {
  test("follows the load: 2.4 cores are eight pods at 60 % of 500m", async () => {
    const [web] = printedOf(await run({ "policies.yaml": policy("web", 60) }, { load: "0s: 1 10m: 2.4" }));
    expect(web).toMatchObject({ policy: "web", replicas: { min: 2, max: 8 } });
  });

  test("puts several policies side by side: the higher mark costs less", async () => {
    const both = printedOf(await run({ "policies.yaml": policy("calm", 50) + policy("tight", 80) }));
    expect(both.map((one) => one.policy)).toEqual(["calm", "tight"]);
    expect(both[1]!.coreHours).toBeLessThan(both[0]!.coreHours);
  });

  test("prints the same to the last byte for the same seed", async () => {
    const files = { "policies.yaml": policy("web", 60) };
    const load = "noisy 2 spread=0.3";
    const first = await run(files, { load });
    expect((await run(files, { load })).printed).toBe(first.printed);
    expect((await run(files, { load, seed: 2 })).printed).not.toBe(first.printed);
  });

  test("takes requests, limits and replicas from the workload's manifest, and counts what limits hide", async () => {
    const files = { "policies.yaml": policy("web", 60) + DEPLOYMENT };
    const [web] = printedOf(await run(files, { load: "0s: 1 10m: 9" }));
    expect(web!.replicas).toMatchObject({ min: 4, max: 12 });
    // 12 pods may use 3.6 cores, and 9 are asked for from the tenth minute on.
    expect(web!.censoredMinutes).toBeCloseTo(30, 0);
  });

  test("a policy in Shadow is simulated as if it acted", async () => {
    const [web] = printedOf(await run({ "policies.yaml": policy("web", 60, "mode: Shadow") }));
    expect(web!.increases).toBeGreaterThan(0);
  });

  test("runs a trace to its end", async () => {
    const files = { "policies.yaml": policy("web", 60), "t.csv": "0,1\n1800,2\n3600,1\n" };
    const { printed } = await run(files, { load: undefined, trace: "t.csv", length: undefined });
    expect(JSON.parse(printed)).toMatchObject([
      { hours: 1, demandCoreHours: expect.closeTo(1.5, 1) as number },
    ]);
  });

  test("prints a table that says what it rests on", async () => {
    const { printed } = await run({ "policies.yaml": policy("web", 60) }, { output: "table" });
    expect(printed).toMatchSnapshot();
  });

  test.each([
    ["neither load nor trace", policy("web", 60), { load: undefined }, "--load or --trace"],
    ["both", policy("web", 60), { trace: "t.csv" }, "--load or --trace"],
    ["a load that cannot be read", policy("web", 60), { load: "dayly low=1" }, "--load: "],
    ["no policy", DEPLOYMENT, {}, "no ScalePolicy"],
    ["a policy that is not valid", policy("web", 0), {}, "spec.horizontal.metrics[0]"],
    [
      "a policy without replicas",
      policy("web", 60).replace(/ {2}horizontal:[^-]*-[^-]*/, ""),
      {},
      "no horizontal",
    ],
    [
      "a trace that is not there",
      policy("web", 60),
      { load: undefined, trace: "t.csv" },
      "t.csv is not there",
    ],
  ])("with %s it ends with 2 and says what to write", async (_, text, flags, words) => {
    const { code, told, printed } = await run({ "policies.yaml": text }, flags);
    expect([code, printed]).toEqual([2, ""]);
    expect(told).toContain(words);
  });
});
