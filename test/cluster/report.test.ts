/**
 * `plimsoll report` as people run it, against a real API server with kwok's pods: usage from metrics.k8s.io that Plimsoll
 * itself serves, HPAs as somebody wrote them, and the caller's own rights.
 */
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ReportDocument } from "../../src/cli/report/document.ts";
import { type ControlPlane, endOwnControlPlane, ownControlPlane } from "./control-plane.ts";
import { until } from "./installation.ts";
import { type Prometheus, startPrometheus } from "../prometheus/start.ts";
import { aPolicy, aWorkload, inNamespace } from "./manifests.ts";
import { availableMetrics, type Installation, installMetricsApi } from "./metrics-api.ts";

const bundle = fileURLToPath(new URL("../../dist/plimsoll.mjs", import.meta.url));

let plane: ControlPlane;
let installation: Installation;
let shop: string;

beforeAll(async () => {
  plane = await ownControlPlane();
  await plane.addKwokNodes(2);
  shop = await plane.namespace("shop");
  installation = await installMetricsApi(plane);
  await plane.apply([
    aWorkload({ namespace: shop, name: "web" }, "Deployment", { replicas: 3, cpu: "15m" }),
    aWorkload({ namespace: shop, name: "db" }, "StatefulSet", { replicas: 2, cpu: "150m" }),
    anHpa("web"),
    aRecommending("db"),
  ]);
  await inNamespace(plane, shop).rolledOut("deployment/web");
  await installation.start();
  await availableMetrics(plane);
  await until("metrics of every pod", async () => {
    const { body } = await plane.request("GET", `/apis/metrics.k8s.io/v1beta1/namespaces/${shop}/pods`);
    return (body as { items: unknown[] }).items.length === 5;
  });
});
afterAll(async () => {
  await installation.remove();
  await endOwnControlPlane();
});

/** Sees what it would do, and recommends. */
const aRecommending = (name: string) => {
  const target = { apiVersion: "apps/v1", kind: "StatefulSet" };
  const policy = aPolicy({ namespace: shop, name }, { target, mode: "Shadow" });
  return { ...policy, spec: { ...policy.spec, vertical: {} } };
};

const anHpa = (name: string) => ({
  apiVersion: "autoscaling/v2",
  kind: "HorizontalPodAutoscaler",
  metadata: { name, namespace: shop },
  spec: {
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
    minReplicas: 3,
    maxReplicas: 9,
    metrics: [
      {
        type: "Resource",
        resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 60 } },
      },
    ],
  },
});

type Ended = Readonly<{ code: number; stdout: string; stderr: string }>;

const report = (...args: string[]): Promise<Ended> => reportAs(plane.kubeconfig, ...args);

const reportAs = (kubeconfig: string, ...args: string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const command = [bundle, "report", `--kubeconfig=${kubeconfig}`, ...args];
    const env = { PATH: process.env["PATH"] };
    execFile(process.execPath, command, { env, maxBuffer: 64 * 2 ** 20 }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr }),
    );
  });

async function documentOf(...args: string[]) {
  const { code, stdout, stderr } = await report("-o", "json", ...args);
  expect(code, stderr).toBe(0);
  return ReportDocument.parse(JSON.parse(stdout));
}

describe("one look", () => {
  test("finds every workload with its usage, requests, and the pair that belongs to an HPA", async () => {
    const { workloads, history, problems } = await documentOf("-n", shop);
    expect(workloads.map(({ kind, name, replicas }) => [kind, name, replicas.now])).toEqual([
      ["StatefulSet", "db", 2],
      ["Deployment", "web", 3],
    ]);
    const [db, web] = workloads;
    expect(db).toMatchObject({ risk: "critical", pairs: [] });
    expect(db!.containers[0]!.cpu).toMatchObject({ request: 100, limit: null, direction: "under" });
    expect(db!.containers[0]!.cpu.usage?.max).toBeGreaterThan(140);
    expect(web).toMatchObject({
      pairs: [{ scaler: { kind: "HorizontalPodAutoscaler", name: "web" }, averageUtilization: { now: 60 } }],
      findings: [{ kind: "min-too-high", spareReplicas: 2 }],
    });
    expect(web!.containers[0]!.cpu.recommended).toBe(67);
    expect(history).toMatchObject({ source: "metrics.k8s.io" });
    expect(problems).toEqual([]);
  });

  test("of the whole cluster has other namespaces, too, and those of its system", async () => {
    const { workloads, groups } = await documentOf("-A", "--group-by", "namespace");
    expect(new Set(workloads.map(({ namespace }) => namespace)).size).toBeGreaterThan(1);
    expect(groups.map(({ name }) => name)).toContain(shop);
  });

  test("narrows by the labels of workloads", async () => {
    await plane.kubectl("label", "deployment/web", "-n", shop, "team=front", "--overwrite");
    const { workloads } = await documentOf("-n", shop, "-l", "team=front");
    expect(workloads.map(({ name }) => name)).toEqual(["web"]);
  });

  test.each(["table", "yaml", "csv", "html", "markdown"])("prints %s", async (format) => {
    const { code, stdout, stderr } = await report("-n", shop, "-o", format);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("web");
    expect(stdout).toContain(shop);
  });
});

test("where a policy shows a recommendation, it counts, for the operator saw more than one look", async () => {
  await until("the report to say what the policy shows", async () => {
    const { workloads } = await documentOf("-n", shop);
    const db = workloads.find(({ name }) => name === "db")!.containers[0]!;
    const shown = await shownCpu();
    return shown !== undefined && db.advisedBy === "operator" && `${db.cpu.recommended}m` === shown;
  });
});

/** What the status of the policy recommends for its container. */
async function shownCpu(): Promise<string | undefined> {
  const { body } = await plane.request(
    "GET",
    `/apis/plimsoll.dev/v1alpha1/namespaces/${shop}/scalepolicies/db`,
  );
  const { status } = body as {
    status?: { vertical?: { recommendation?: { containerRecommendations: { target: { cpu: string } }[] } } };
  };
  return status?.vertical?.recommendation?.containerRecommendations[0]?.target.cpu;
}

describe("with a Prometheus", () => {
  let prometheus: Prometheus;
  beforeAll(async () => {
    const now = Math.floor(Date.now() / 1000);
    const told = { namespace: shop, container: "app", from: now - 3 * 86_400, to: now, every: 60 };
    prometheus = await startPrometheus([
      { ...told, pod: "db-0", cores: () => 0.15, bytes: () => 50 * 2 ** 20 },
      { ...told, pod: "db-1", cores: () => 0.15, bytes: () => 50 * 2 ** 20 },
    ]);
  });
  afterAll(() => prometheus?.stop());

  test("it has days of history, and says since when and what it has nothing of", async () => {
    const args = ["-n", shop, "--prometheus-address", prometheus.address];
    const { workloads, history } = await documentOf(...args);
    const db = workloads.find(({ name }) => name === "db")!.containers[0]!;
    expect(db.confidence).toMatchObject({ level: "medium" });
    expect(db.cpu).toMatchObject({
      request: 100,
      direction: "under",
      risk: { because: "median-over-request" },
    });
    expect(db.cpu.usage).toMatchObject({ p50: 150, max: 150 });
    expect(db.memory).toMatchObject({ direction: "fits", risk: { level: "low" } });
    expect(workloads.find(({ name }) => name === "web")!.containers[0]).toMatchObject({
      adviceMissing: "no-samples",
    });
    expect(history.source).toBe(`Prometheus at ${prometheus.address}`);
    expect(Date.parse(history.to!) - Date.parse(history.from!)).toBeGreaterThan(2.9 * 86_400_000);
    const { stdout } = await report(...args, "--width", "120");
    expect(stdout).toContain("3 d since");
  });

  test("KRR's figures come from it", async () => {
    const args = ["-n", shop, "--compat", "krr", "--prometheus-address", prometheus.address];
    const { stdout } = await report(...args, "-o", "json");
    const { scans } = JSON.parse(stdout) as { scans: { recommended: object }[] };
    expect(scans[0]?.recommended).toMatchObject({
      requests: { cpu: { value: expect.closeTo(0.15, 2) as number, severity: "GOOD" } },
      limits: { cpu: { value: null } },
    });
    expect((await report(...args)).stdout).toMatch(/points - [A-F]\n$/);
  });
});

test("sampled for a while it has more samples, and says how long, with progress on standard error", async () => {
  const { code, stdout, stderr } = await report("-n", shop, "-o", "json", "--sample", "16s");
  expect(code).toBe(0);
  expect(stderr).toContain("sampling metrics.k8s.io");
  const { workloads, history } = ReportDocument.parse(JSON.parse(stdout));
  const db = workloads.find(({ name }) => name === "db");
  expect(db?.containers[0]?.cpu.usage?.samples).toBe(4);
  expect(db?.containers[0]?.confidence.level).toBe("low");
  expect(Date.parse(history.to ?? "")).toBeGreaterThan(Date.parse(history.from ?? ""));
});

describe("exit codes", () => {
  test("1 when a threshold is crossed, and the report is printed all the same", async () => {
    const { code, stdout, stderr } = await report("-n", shop, "--threshold", "risk=high");
    expect(code).toBe(1);
    expect(stdout).toContain("db");
    expect(stderr).toBe("plimsoll report: 1 at risk high or worse\n");
  });

  test("2 for wrong usage", async () => {
    const { code, stderr } = await report("-n", shop, "-A");
    expect(code).toBe(2);
    expect(stderr).toContain("exclude each other");
  });

  test("3 where the cluster cannot be reached", async () => {
    const file = join(plane.folder, "nowhere.yaml");
    const text = `apiVersion: v1
kind: Config
current-context: a
contexts: [{name: a, context: {cluster: a, user: a}}]
clusters: [{name: a, cluster: {server: "http://127.0.0.1:9"}}]
users: [{name: a, user: {}}]
`;
    writeFileSync(file, text);
    const { code, stderr } = await reportAs(file, "-n", shop);
    expect(code).toBe(3);
    expect(stderr).toContain("127.0.0.1:9");
  });

  test("3 where a Prometheus that was named cannot be reached", async () => {
    const { code, stderr } = await report("-n", shop, "--prometheus-address", "http://127.0.0.1:9");
    expect(code).toBe(3);
    expect(stderr).toContain("Prometheus");
  });
});

describe("with few rights", () => {
  test("it reports on what may be read, and says what lacks", async () => {
    await plane.kubectl("create", "serviceaccount", "reader", "-n", shop);
    const verbs = ["--verb=get,list", "--resource=pods,pods.metrics.k8s.io"];
    await plane.kubectl("create", "role", "reader", "-n", shop, ...verbs);
    await plane.kubectl(
      "create",
      "rolebinding",
      "reader",
      "-n",
      shop,
      "--role=reader",
      `--serviceaccount=${shop}:reader`,
    );
    const { kubeconfig } = await plane.serviceAccountKubeconfig(shop, "reader");
    const { code, stdout } = await reportAs(kubeconfig, "-n", shop, "-o", "json");
    expect(code).toBe(0);
    const { workloads, problems } = ReportDocument.parse(JSON.parse(stdout));
    expect(workloads.map(({ kind, name }) => `${kind}/${name}`)).toEqual([
      "StatefulSet/db",
      "Deployment/web",
    ]);
    expect(problems).toContainEqual(expect.stringContaining("horizontalpodautoscalers cannot be read"));
    const other = await reportAs(kubeconfig, "-A");
    expect(other.code).toBe(3);
    expect(other.stderr).toContain("forbidden");
  });
});

test("KRR's shapes come from samples, too, and too few of them are said to be that", async () => {
  const { code, stdout } = await report("-n", shop, "--compat", "krr", "-o", "json");
  expect(code).toBe(0);
  const { scans, score } = JSON.parse(stdout) as {
    scans: { object: { name: string }; recommended: { info: { cpu: string } } }[];
    score: number;
  };
  expect(scans.map(({ object, recommended }) => [object.name, recommended.info.cpu])).toEqual([
    ["db", "Not enough data"],
    ["web", "Not enough data"],
  ]);
  expect(score).toBe(100);
});
