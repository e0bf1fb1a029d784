/**
 * metrics.k8s.io through the real aggregation layer, in a cluster that has Plimsoll and nothing else: what people and
 * other components' own programs make of it.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NAMESPACE } from "../../generate/rbac.ts";
import { type Peer, startHpaController, startVpaRecommender } from "../control-plane/peers.ts";
import { type ControlPlane, endOwnControlPlane, ownControlPlane } from "./control-plane.ts";
import { uninstallManifest, until } from "./installation.ts";
import { aWorkload, inNamespace, WAIT } from "./manifests.ts";
import { availableMetrics, type Installation, installMetricsApi } from "./metrics-api.ts";
import type { OperatorProcess } from "./operator-process.ts";

const API = "/apis/metrics.k8s.io";
const PODS = `${API}/v1beta1/namespaces`;

let plane: ControlPlane;
let installation: Installation;
let operator: OperatorProcess;
let namespace: string;
let nodes: readonly string[];

beforeAll(async () => {
  plane = await ownControlPlane();
  nodes = await plane.addKwokNodes(2);
  namespace = await plane.namespace("metrics");
  installation = await installMetricsApi(plane);
  for (const [name, cpu] of [["web", "150m"], ["db", "40m"]] as const)
    await plane.apply([aWorkload({ namespace, name }, "Deployment", { replicas: 2, cpu })]);
  for (const name of ["web", "db"]) await inNamespace(plane, namespace).rolledOut(`deployment/${name}`);
  operator = await installation.start();
  await availableMetrics(plane);
  // kubectl fails while there is nothing to print
  const printed = () => rows("top", "pods", "-n", namespace).catch(() => []);
  await until("metrics of every pod", async () => (await printed()).length === 4);
}); // prettier-ignore
afterAll(async () => {
  await installation.remove();
  await endOwnControlPlane();
});

/** What kubectl prints, in words, without the line of names. */
async function rows(...args: string[]): Promise<string[][]> {
  const text = await plane.kubectl(...args, "--no-headers");
  return text.split("\n").filter((line) => line.trim() !== "").map((line) => line.trim().split(/\s+/));
} // prettier-ignore

/** kwok's figures are off by the few milliseconds between two scrapes. */
const near = (milli: number) =>
  expect.stringMatching(new RegExp(`^(${[-3, -2, -1, 0, 1, 2, 3].map((off) => milli + off).join("|")})m$`));

describe("kubectl top", () => {
  test("nodes prints what each uses, and of how much", async () => {
    const printed = await rows("top", "nodes", "-l", "type=kwok");
    for (const node of nodes)
      expect(printed).toContainEqual([node, expect.stringMatching(/^\d+m$/), "0%", expect.stringMatching(/^\d+Mi$/), "0%"]);
    expect(await rows("top", "node", nodes[0] ?? "")).toHaveLength(1);
    await expect(plane.kubectl("top", "node", "nope")).rejects.toThrow(/NotFound.*"nope" not found/);
  }); // prettier-ignore

  test("pods -A --containers --sort-by=cpu puts what uses most first", async () => {
    const printed = (await rows("top", "pods", "-A", "--containers", "--sort-by=cpu")).filter(([in_]) => in_ === namespace);
    expect(printed.map(([, pod = "", container]) => [pod.split("-")[0], container])).toEqual([
      ["web", "app"], ["web", "app"], ["db", "app"], ["db", "app"],
    ]);
    expect(printed.map(([, , , cpu]) => cpu)).toEqual([near(150), near(150), near(40), near(40)]);
  }); // prettier-ignore

  test("--sum adds up", async () => {
    const printed = await rows("top", "pods", "-n", namespace, "--sum", "-l", "app=web");
    expect(printed).toHaveLength(4);
    const total = Number(printed[3]?.[0]?.replace("m", ""));
    expect(Math.abs(total - 300)).toBeLessThan(5);
  });

  test.each([
    { what: "a label", args: ["-l", "app=db"], apps: ["db", "db"] },
    { what: "a set of labels", args: ["-l", "app in (web,api),app!=db"], apps: ["web", "web"] },
    { what: "a label that none has", args: ["-l", "app=none"], apps: [] },
  ])("selects by $what", async ({ args, apps }) => {
    const printed = await rows("top", "pods", "-n", namespace, ...args);
    expect(printed.map(([pod = ""]) => pod.split("-")[0])).toEqual(apps);
  });

  test("selects by name, and by no other field, as with metrics-server", async () => {
    const [[pod = ""] = []] = await rows("top", "pods", "-n", namespace, "-l", "app=web");
    const byField = (selector: string) => rows("top", "pods", "-n", namespace, "--field-selector", selector);
    expect((await byField(`metadata.name=${pod}`)).map(([name]) => name)).toEqual([pod]);
    await expect(byField("spec.nodeName=nowhere")).rejects.toThrow(/BadRequest.*"spec.nodeName"/);
  });

  test("of one pod prints it, and of one that is not there says so", async () => {
    const [[pod = ""] = []] = await rows("top", "pods", "-n", namespace, "-l", "app=web");
    expect(await rows("top", "pod", pod, "-n", namespace)).toEqual([[pod, near(150), expect.stringMatching(/^\d+Mi$/)]]);
    await expect(plane.kubectl("top", "pod", "nope", "-n", namespace)).rejects.toThrow(/"nope" not found/);
  }); // prettier-ignore
});

describe("kubectl", () => {
  test("get prints the table, with the columns of metrics-server", async () => {
    const text = await plane.kubectl("get", "podmetrics", "-n", namespace);
    expect(text.split("\n")[0]?.split(/\s+/).slice(0, 4)).toEqual(["NAME", "CPU", "MEMORY", "WINDOW"]);
    expect(text.trim().split("\n")).toHaveLength(5);
  });

  test.each(["podmetrics", "nodemetrics", "podmetrics.containers.usage", "podmetrics.window"])("explains %s", async (what) => {
    // kube-apiserver looks for documents when it gets round to it
    const explained = () => plane.kubectl("explain", what).catch((trouble: unknown) => String(trouble));
    await expect.poll(explained, { ...WAIT, timeout: 100_000 }).toMatch(/^GROUP/);
    const text = await explained();
    expect(text).toMatch(/GROUP:\s+metrics.k8s.io/);
    expect(text).toMatch(/DESCRIPTION:\n\s+\w/);
  }); // prettier-ignore

  test("F56 finds both versions, and each answers", async () => {
    expect((await plane.request("GET", API)).body).toMatchObject({
      versions: [{ version: "v1" }, { version: "v1beta1" }], preferredVersion: { version: "v1" },
    }); // prettier-ignore
    for (const version of ["v1", "v1beta1"])
      expect(await plane.request("GET", `${API}/${version}/nodes`)).toMatchObject({ status: 200, body: { apiVersion: `metrics.k8s.io/${version}` } });
  }); // prettier-ignore

  test("is warned of nothing, and the API server has merged our OpenAPI", async () => {
    await until("merged OpenAPI", async () =>
      JSON.stringify((await plane.request("GET", "/openapi/v2")).body).includes("io.k8s.metrics.pkg.apis.metrics.v1.PodMetrics"),
    );
    const { body } = await plane.request("GET", "/openapi/v3");
    expect((body as { paths: object }).paths).toHaveProperty(["apis/metrics.k8s.io/v1beta1"]);
  }); // prettier-ignore
});

describe("people", () => {
  const asUser = (user: string, ...args: string[]) =>
    plane.kubectlWith({ kubeconfig: plane.kubeconfigFor({ name: user, groups: ["team,a"] }) }, ...args);

  test("see what their roles let them, by their own names", async () => {
    await expect(asUser("alice", "top", "pods", "-n", namespace)).rejects.toThrow(
      /Forbidden.*pods.metrics.k8s.io is forbidden: User "alice" cannot list resource "pods"/,
    );
    await plane.kubectl("create", "rolebinding", "alice-views", "-n", namespace, "--clusterrole=view", "--user=alice");
    await until("the role", () => asUser("alice", "top", "pods", "-n", namespace).then(() => true, () => false));
    await expect(asUser("alice", "top", "pods", "-A")).rejects.toThrow(/Forbidden/);
    await expect(asUser("alice", "top", "nodes")).rejects.toThrow(/Forbidden/);
  }); // prettier-ignore

  test("in a group whose name holds another's are in that one group", async () => {
    await plane.kubectl("create", "rolebinding", "team-views", "-n", namespace, "--clusterrole=view", "--group=team");
    await expect(asUser("bob", "top", "pods", "-n", namespace)).rejects.toThrow(/Forbidden/);
    await plane.kubectl("create", "rolebinding", "comma-views", "-n", namespace, "--clusterrole=view", "--group=team,a");
    await until("the role", () => asUser("bob", "top", "pods", "-n", namespace).then(() => true, () => false));
  }); // prettier-ignore
});

describe("components of others", () => {
  test("a real HPA scales by our figures", async () => {
    const { replicas, load } = inNamespace(plane, namespace);
    const hpa: Peer = await startHpaController(plane, {
      args: ["--horizontal-pod-autoscaler-sync-period=2s", "--horizontal-pod-autoscaler-cpu-initialization-period=1s"],
    });
    await plane.kubectl("autoscale", "deployment", "web", "-n", namespace, "--cpu=60%", "--min=2", "--max=8");
    // each pod uses 150 % of its request, however many there are
    await expect.poll(() => replicas("deployment/web"), WAIT).toBe(8);
    await load("web", "10m");
    const path = `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers/web`;
    await expect.poll(async () => JSON.stringify((await plane.request("GET", path)).body), WAIT).toMatch(/"averageUtilization":(9|1\d)\b/);
    await hpa.stop();
    await plane.kubectl("delete", "hpa", "web", "-n", namespace);
  }); // prettier-ignore

  test("a real VPA recommender recommends by our figures", async () => {
    const recommender = await startVpaRecommender(plane, { args: ["--recommender-interval=2s"] });
    const targetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "db" };
    await plane.apply({
      apiVersion: "autoscaling.k8s.io/v1", kind: "VerticalPodAutoscaler", metadata: { name: "db", namespace },
      spec: { targetRef, updatePolicy: { updateMode: "Off" } },
    });
    const recommended = () =>
      plane.kubectl("get", "vpa", "db", "-n", namespace, "-o", "jsonpath={.status.recommendation.containerRecommendations[0].target.cpu}");
    await expect.poll(recommended, WAIT).toMatch(/^\d+m$/);
    await recommender.stop();
    await plane.kubectl("delete", "crd", "verticalpodautoscalers.autoscaling.k8s.io", "verticalpodautoscalercheckpoints.autoscaling.k8s.io");
  }); // prettier-ignore
});

describe("on the secure port itself", () => {
  test("the certificate is one that kube-apiserver verifies: nothing is skipped", async () => {
    const { items } = (await plane.request("GET", "/apis/apiregistration.k8s.io/v1/apiservices")).body as {
      items: { metadata: { name: string; ownerReferences?: object[] }; spec: Record<string, unknown> }[];
    };
    const ours = items.filter(({ spec }) => spec["group"] === "metrics.k8s.io");
    expect(ours).toHaveLength(2);
    for (const { metadata, spec } of ours) {
      expect(spec["insecureSkipTLSVerify"]).toBeUndefined();
      expect(spec["caBundle"]).toMatch(/^LS0t/);
      expect(metadata.ownerReferences).toMatchObject([{ kind: "ClusterRole", name: "plimsoll" }]);
    }
  });

  test("the figures tell of what was served", async () => {
    const { text } = await operator.get("/metrics");
    expect(text).toMatch(/plimsoll_api_requests_total\{resource="pods",verb="list",code="200"\} \d+/);
    expect(text).toMatch(/metrics_server_api_metric_freshness_seconds_count [1-9]/);
    expect(text).toContain("plimsoll_metrics_api_registered 1");
  });

  test("is reached by the kubelet's probes on the other one, without a certificate", async () => {
    expect(await operator.get("/readyz")).toEqual({ status: 200, text: "ok" });
    expect((await operator.get("/metricsz")).status).toBe(404);
  });
});

test("namespaces end although there is not one figure: discovery needs none", async () => {
  await operator.stop();
  operator = await installation.start("--kubelet-use-node-status-port=false", "--kubelet-port=1");
  await until(
    "both versions available",
    async () => (await plane.request("GET", `${API}/v1`)).status === 200,
  );
  const doomed = await plane.namespace("doomed");
  await plane.apply([aWorkload({ namespace: doomed, name: "web" }, "Deployment")]);
  expect((await plane.request("GET", `${PODS}/${doomed}/pods`)).status).toBeOneOf([200, 503]);
  await plane.kubectl("delete", "namespace", doomed, "--timeout=50s");
  expect((await plane.request("GET", `/api/v1/namespaces/${doomed}`)).status).toBe(404);
});

test("uninstalled, it leaves no APIService, and namespaces end", async () => {
  await uninstallManifest(plane);
  await operator.stop();
  await until("no APIService of ours", async () => (await plane.request("GET", `${API}/v1`)).status === 404);
  const listed = await plane.kubectl("get", "apiservices", "-o", "name");
  expect(listed).not.toContain("metrics.k8s.io");
  expect((await plane.request("GET", `/api/v1/namespaces/${NAMESPACE}`)).status).toBe(404);
});
