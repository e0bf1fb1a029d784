/** deploy/plimsoll.yaml against the real API server: it installs, and it gives exactly the rights of docs/rbac.md. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { existsSync } from "node:fs";
import {
  CLUSTER_GRANTS,
  FRONT_PROXY_GRANTS,
  NAMESPACE,
  OWN_GRANTS,
  RESIZE_GRANTS,
  TARGET_GRANTS,
  TEMPLATE_GRANTS,
} from "../../generate/rbac.ts";
import { controlPlane, operatorKubeconfig } from "./control-plane.ts";
import type { ControlPlane } from "./control-plane.ts";
import {
  addReadyNodes,
  forbiddenCalls,
  grantedRights,
  installManifest,
  MANIFEST,
  may,
  mayOperator,
  rightText,
  uninstallManifest,
  until,
  unusedRights,
} from "./installation.ts";
import type { Right } from "./installation.ts";

const GRANTS = [
  CLUSTER_GRANTS, TARGET_GRANTS, RESIZE_GRANTS, TEMPLATE_GRANTS, OWN_GRANTS, FRONT_PROXY_GRANTS,
].flat(); // prettier-ignore

let plane: ControlPlane;
beforeAll(async () => {
  plane = await controlPlane();
  await addReadyNodes(plane, 2);
  await installManifest(plane);
});
afterAll(() => uninstallManifest(plane));

test("the manifest applies without a warning, and a second time changes nothing", async () => {
  const before = await versions();
  expect(before.length).toBeGreaterThan(20);
  await plane.apply(MANIFEST, "--warnings-as-errors");
  expect(await versions()).toEqual(before);
});

/** Of each object what moves when it is written: the generation, or the version where there is none. */
async function versions(): Promise<string[]> {
  const all = await plane.kubectlWith({ input: MANIFEST }, "get", "-f", "-", "-o", "json");
  type Item = { kind: string; metadata: { name: string; generation?: number; resourceVersion: string } };
  const { items } = JSON.parse(all) as { items: Item[] };
  // a quota's status counts the pods as they come
  const steady = items.filter(({ kind }) => kind !== "ResourceQuota");
  return steady.map(({ kind, metadata: { name, generation, resourceVersion } }) =>
    [kind, name, generation ?? resourceVersion].join(" "),
  );
}

test("the API server would refuse a misspelt field, and finds none", async () => {
  await plane.apply(MANIFEST, "--dry-run=server", "--validate=strict");
});

test("both replicas are admitted under the Pod Security level restricted", async () => {
  await plane.kubectl("rollout", "status", "deployment/plimsoll", "-n", NAMESPACE, "--timeout=60s");
  const pods = await plane.kubectl("get", "pods", "-n", NAMESPACE, "-o", "jsonpath={..spec.nodeName}");
  expect(new Set(pods.split(" ")).size, "replicas are on different nodes").toBe(2);
});

describe("the operator's service account", () => {
  test.each(grantedRights())("may $verb $resource of $group", async (right) => {
    expect(await mayOperator(plane, right)).toBe(true);
  });

  test("has no right without a test that needs it", () => {
    for (const { test: file } of GRANTS) expect(existsSync(file), file).toBe(true);
  });

  const elsewhere = "kube-system";
  test.each<Right>([
    { verb: "get", group: "", resource: "secrets" },
    { verb: "list", group: "", resource: "secrets" },
    { verb: "get", group: "", resource: "nodes/proxy" },
    { verb: "get", group: "", resource: "nodes/stats" },
    { verb: "create", group: "", resource: "pods" },
    { verb: "delete", group: "", resource: "pods" },
    { verb: "create", group: "", resource: "pods/exec" },
    { verb: "create", group: "", resource: "pods/eviction" },
    { verb: "patch", group: "", resource: "pods" },
    { verb: "update", group: "", resource: "pods/resize" },
    { verb: "get", group: "apps", resource: "deployments" },
    { verb: "update", group: "apps", resource: "deployments" },
    { verb: "patch", group: "apps", resource: "deployments" },
    { verb: "patch", group: "apps", resource: "statefulsets" },
    { verb: "patch", group: "apps", resource: "deployments/scale" },
    { verb: "update", group: "apps", resource: "replicasets/scale" },
    { verb: "update", group: "plimsoll.dev", resource: "scalepolicies" },
    { verb: "delete", group: "plimsoll.dev", resource: "scalepolicies" },
    { verb: "create", group: "", resource: "serviceaccounts/token" },
    { verb: "impersonate", group: "", resource: "users" },
    { verb: "bind", group: "rbac.authorization.k8s.io", resource: "clusterroles" },
    { verb: "escalate", group: "rbac.authorization.k8s.io", resource: "clusterroles" },
    { verb: "create", group: "coordination.k8s.io", resource: "leases", namespace: elsewhere },
    {
      verb: "update",
      group: "coordination.k8s.io",
      resource: "leases",
      namespace: elsewhere,
      name: "plimsoll",
    },
    {
      verb: "update",
      group: "coordination.k8s.io",
      resource: "leases",
      namespace: NAMESPACE,
      name: "another",
    },
  ])("may not $verb $resource of $group", async (right) => {
    expect(await mayOperator(plane, right)).toBe(false);
  });

  test("calls the API server with them, and a call without one is seen", async () => {
    const began = Date.now();
    const { kubeconfig, user } = await operatorKubeconfig();
    const list = (what: string): Promise<string> => plane.kubectlWith({ kubeconfig }, "get", what, "-A");
    await list("pods");
    await expect(list("secrets")).rejects.toThrow(/Forbidden/);
    const secrets = expect.stringMatching(/^list .*\/secrets.*: 403$/);
    await expect.poll(() => forbiddenCalls(plane.auditFor(user, began))).toContainEqual(secrets);
    const unused = unusedRights(plane.auditFor(user, began));
    expect(unused).not.toContain("list pods");
    expect(unused).toContain("watch pods");
  });

  test("is served with priority: calls as workload-high, its Lease as leader-election", async () => {
    const leases = `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases/plimsoll`;
    const { tokenFile } = await operatorKubeconfig();
    await expect.poll(() => levelOf("/api/v1/pods", tokenFile)).toBe(await uidOfLevel("workload-high"));
    await expect.poll(() => levelOf(leases, tokenFile)).toBe(await uidOfLevel("leader-election"));
  });

  test("gains the scale of a custom kind from a labelled ClusterRole", async () => {
    const right = { verb: "update", group: "argoproj.io", resource: "rollouts/scale" };
    expect(await mayOperator(plane, right)).toBe(false);
    const metadata = { name: "rollout-scale", labels: { "plimsoll.dev/aggregate-to-targets": "true" } };
    const rules = [{ apiGroups: ["argoproj.io"], resources: ["rollouts/scale"], verbs: ["get", "update"] }];
    await plane.apply({ apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata, rules });
    await until(rightText(right), () => mayOperator(plane, right));
    await plane.kubectl("delete", "clusterrole", "rollout-scale");
  });
});

describe("people", () => {
  const policies = { group: "plimsoll.dev", resource: "scalepolicies" };
  test.each([
    ["view", ["get", "list", "watch"], ["create", "update", "delete"]],
    ["edit", ["get", "create", "update", "patch", "delete"], []],
    ["admin", ["get", "create", "update", "patch", "delete"], []],
  ])("with the role %s may %j policies, and not %j", async (role, allowed, refused) => {
    const namespace = await plane.namespace("people");
    const user = `person-with-${role}`;
    await plane.kubectl(
      "create",
      "rolebinding",
      user,
      `--clusterrole=${role}`,
      `--user=${user}`,
      "-n",
      namespace,
    );
    const mayVerb = (verb: string): Promise<boolean> =>
      may(plane, { user }, { ...policies, verb, namespace });
    for (const verb of allowed) await until(`${role} may ${verb}`, () => mayVerb(verb));
    for (const verb of refused) expect(await mayVerb(verb), `${role} may ${verb}`).toBe(false);
    const status = { verb: "patch", group: "plimsoll.dev", resource: "scalepolicies/status", namespace };
    expect(await may(plane, { user }, status)).toBe(false);
  });
});

async function uidOfLevel(name: string): Promise<string> {
  return plane.kubectl("get", "prioritylevelconfiguration", name, "-o", "jsonpath={.metadata.uid}");
}

/** The priority level that the API server put a GET on. */
async function levelOf(path: string, tokenFile: string): Promise<unknown> {
  const { headers } = await plane.request("GET", path, { tokenFile });
  return headers["x-kubernetes-pf-prioritylevel-uid"];
}
