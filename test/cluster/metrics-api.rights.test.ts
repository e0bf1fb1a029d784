/**
 * Serving with exactly the rights of deploy/plimsoll.yaml: each is needed, none lacks, and the admission policy holds the
 * operator to its own two APIServices (threat S22).
 */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NAMESPACE } from "../../generate/rbac.ts";
import { getSecurely } from "../control-plane/secure-get.ts";
import { nameOf } from "../fail-safe/row.ts";
import {
  type ControlPlane,
  endOwnControlPlane,
  operatorKubeconfig,
  ownControlPlane,
} from "./control-plane.ts";
import { forbiddenCalls, unusedRights } from "./installation.ts";
import { WAIT } from "./manifests.ts";
import { availableMetrics, type Installation, installMetricsApi } from "./metrics-api.ts";

const THIS = "test/cluster/metrics-api.rights.test.ts";
const API_SERVICES = "/apis/apiregistration.k8s.io/v1/apiservices";
const OTHER = { namespace: "kube-system", name: "other", port: 443 };

let plane: ControlPlane;
let installation: Installation;
beforeAll(async () => {
  plane = await ownControlPlane();
  await plane.addKwokNodes(1);
  installation = await installMetricsApi(plane);
});
afterAll(async () => {
  await installation.remove();
  await endOwnControlPlane();
});

const anApiService = (version: string, service: object) => ({
  apiVersion: "apiregistration.k8s.io/v1",
  kind: "APIService",
  metadata: { name: `${version}.metrics.k8s.io` },
  spec: {
    group: "metrics.k8s.io", version, service, insecureSkipTLSVerify: true, groupPriorityMinimum: 100, versionPriority: 100,
  },
}); // prettier-ignore

const serviceOf = async (version: string): Promise<unknown> => {
  const { body } = await plane.request("GET", `${API_SERVICES}/${version}.metrics.k8s.io`);
  return (body as { spec?: { service: unknown } }).spec?.service;
};

/** At the secure port, past the aggregator. */
async function askDirectly(path: string, token?: string): Promise<number> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return (await getSecurely({ port: installation.port, path, headers })).status;
}

test("it announces itself, serves, takes over and gives back, and needs each right for that", async () => {
  const began = Date.now();
  const { user, tokenFile } = await operatorKubeconfig();
  const token = readFileSync(tokenFile, "utf8");
  await plane.apply(anApiService("v1beta1", OTHER));

  const first = await installation.start("--metrics-api=Always");
  await availableMetrics(plane);
  expect(await serviceOf("v1beta1")).toMatchObject({ name: "plimsoll" });
  expect(await askDirectly("/metrics", token), "nobody gave it this right").toBe(403);
  expect(await askDirectly("/metrics", "not-a-token")).toBe(401);
  expect(await askDirectly("/metrics")).toBe(403);
  expect(await first.stop()).toBe(0);

  const second = await installation.start("--metrics-api=Off");
  await expect.poll(() => serviceOf("v1"), WAIT).toBeUndefined();
  await expect.poll(() => serviceOf("v1beta1"), WAIT).toEqual(OTHER);
  expect(await second.stop()).toBe(0);
  await plane.request("DELETE", `${API_SERVICES}/v1beta1.metrics.k8s.io`);

  await expect.poll(() => unusedRights(plane.auditFor(user, began), THIS), WAIT).toEqual([]);
  expect(forbiddenCalls(plane.auditFor(user, began))).toEqual([]);
});

test("without its Service nothing is announced, and it says why", async () => {
  const path = `/api/v1/namespaces/${NAMESPACE}/services`;
  const { body } = await plane.request("GET", `${path}/plimsoll`);
  const { spec } = body as { spec: object };
  const make = () => plane.request("POST", path, { body: { metadata: { name: "plimsoll" }, spec } });
  const remove = () => plane.request("DELETE", `${path}/plimsoll`);
  await remove();
  const operator = await installation.start("--metrics-api=Auto");
  const warned = () => operator.lines.find(({ message }) => /Service that would lead to it does not exist/.test(message));
  await expect.poll(warned, WAIT).toMatchObject({ level: "warn", service: `${NAMESPACE}/plimsoll` });
  expect([await serviceOf("v1"), await serviceOf("v1beta1")]).toEqual([undefined, undefined]);
  const events = () =>
    plane.kubectl("get", "events.events.k8s.io", "-n", "default", "--field-selector=reason=NoService", "-o", "jsonpath={.items[*].note}");
  await expect.poll(events, WAIT).toContain(`Service ${NAMESPACE}/plimsoll does not exist`);
  await make();
  await expect.poll(() => serviceOf("v1"), WAIT).toMatchObject({ name: "plimsoll" });
  await remove();
  await expect.poll(() => serviceOf("v1"), WAIT).toBeUndefined();
  await make();
  expect(await operator.stop()).toBe(0);
}); // prettier-ignore

describe("with its own token, whoever stole it may not", () => {
  const asOperator = async (...args: string[]): Promise<string> =>
    plane.kubectlWith({ kubeconfig: (await operatorKubeconfig()).kubeconfig }, ...args);
  const create = async (object: object): Promise<string> =>
    plane.kubectlWith(
      { kubeconfig: (await operatorKubeconfig()).kubeconfig, input: JSON.stringify(object) },
      "create", "-f", "-",
    ); // prettier-ignore
  const patch = (name: string, body: object) =>
    asOperator("patch", "apiservice", name, "--type=merge", "-p", JSON.stringify(body));

  test("announce another API", async () => {
    const another = { ...anApiService("v1", { namespace: NAMESPACE, name: "plimsoll", port: 443 }), metadata: { name: "v1.evil.example.com" } };
    const spec = { ...another.spec, group: "evil.example.com" };
    await expect(create({ ...another, spec })).rejects.toThrow(/the operator has APIServices .* and no others/);
  }); // prettier-ignore

  test("point the metrics API elsewhere", async () => {
    await expect(create(anApiService("v1", OTHER))).rejects.toThrow(/points APIServices to Service .* only/);
    await plane.apply(anApiService("v1", { namespace: NAMESPACE, name: "plimsoll", port: 443 }));
    await expect(patch("v1.metrics.k8s.io", { spec: { service: OTHER } })).rejects.toThrow(/points APIServices to Service .* only/);
    const annotations = { "plimsoll.dev/replaced": JSON.stringify({ service: OTHER }) };
    await expect(patch("v1.metrics.k8s.io", { metadata: { annotations }, spec: { service: OTHER } })).rejects.toThrow(/only/);
  }); // prettier-ignore

  test("remove or change what is another's", async () => {
    await plane.apply(anApiService("v1", OTHER));
    await expect(asOperator("delete", "apiservice", "v1.metrics.k8s.io")).rejects.toThrow(
      /removes only those/,
    );
    await expect(patch("v1.metrics.k8s.io", { spec: { versionPriority: 7 } })).rejects.toThrow(/only/);
    await plane.request("DELETE", `${API_SERVICES}/v1.metrics.k8s.io`);
  });

  test("read any other Secret, or whom others believe", async () => {
    for (const args of [
      ["get", "secrets", "-n", NAMESPACE],
      ["get", "secret", "another", "-n", NAMESPACE],
      ["get", "secrets", "-A"],
      ["get", "configmaps", "-n", "kube-system"],
      ["get", "clusterroles"],
      ["get", "apiservices"],
    ])
      await expect(asOperator(...args), args.join(" ")).rejects.toThrow(/Forbidden/);
  });
});

const DEPLOYMENT = "/apis/apps/v1/namespaces/default/deployments/web";
const POD = "/api/v1/namespaces/default/pods/web-1";
/** What is worth stealing a token for. */
const PROBES: readonly Readonly<{ what: string; method: string; path: string; body?: object }>[] = [
  {
    what: "another image in a Deployment",
    method: "PATCH",
    path: DEPLOYMENT,
    body: { spec: { template: { spec: { containers: [{ name: "app", image: "evil" }] } } } },
  },
  {
    what: "a Deployment's replicas past the scale subresource",
    method: "PATCH",
    path: DEPLOYMENT,
    body: { spec: { replicas: 0 } },
  },
  {
    what: "a new Deployment",
    method: "POST",
    path: "/apis/apps/v1/namespaces/default/deployments",
    body: {},
  },
  { what: "a new pod", method: "POST", path: "/api/v1/namespaces/default/pods", body: {} },
  { what: "the end of a pod", method: "DELETE", path: POD },
  { what: "a command in a pod", method: "POST", path: `${POD}/exec?command=sh&stdin=true` },
  {
    what: "a container beside those of a pod",
    method: "PATCH",
    path: `${POD}/ephemeralcontainers`,
    body: {},
  },
  { what: "a way through a kubelet", method: "GET", path: "/api/v1/nodes/any/proxy/run/default/web-1/app" },
  {
    what: "a change of a node",
    method: "PATCH",
    path: "/api/v1/nodes/any",
    body: { spec: { unschedulable: true } },
  },
  { what: "all Secrets", method: "GET", path: "/api/v1/secrets" },
  {
    what: "a Secret of another namespace",
    method: "GET",
    path: "/api/v1/namespaces/kube-system/secrets/any",
  },
  {
    what: "a token of another service account",
    method: "POST",
    path: "/api/v1/namespaces/kube-system/serviceaccounts/default/token",
    body: { spec: {} },
  },
  {
    what: "a token of its own that lasts",
    method: "POST",
    path: `/api/v1/namespaces/${NAMESPACE}/serviceaccounts/plimsoll/token`,
    body: { spec: {} },
  },
  {
    what: "a role with every right",
    method: "POST",
    path: "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
    body: {},
  },
  {
    what: "a webhook that sees every Secret",
    method: "POST",
    path: "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
    body: {},
  },
  {
    what: "a policy of its own making",
    method: "POST",
    path: "/apis/plimsoll.dev/v1alpha1/namespaces/default/scalepolicies",
    body: {},
  },
];

describe(nameOf("S22"), () => {
  test.each(PROBES)("S22 whoever has the operator's token: $what is refused", async ({ method, path, body }) => {
    const { tokenFile } = await operatorKubeconfig();
    const { status, body: told } = await plane.request(method, path, { tokenFile, ...(body && { body }) });
    expect(status, JSON.stringify(told)).toBe(403);
    expect(told).toMatchObject({ reason: "Forbidden", message: expect.stringContaining("system:serviceaccount:plimsoll-system:plimsoll") });
  });
}); // prettier-ignore
