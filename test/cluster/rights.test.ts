/**
 * The operator under exactly the rights of deploy/plimsoll.yaml, doing everything it does: no call is refused, and every
 * right that it was given is used.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { NAMESPACE } from "../../generate/rbac.ts";
import { controlPlane, operatorKubeconfig } from "./control-plane.ts";
import type { ControlPlane } from "./control-plane.ts";
import { forbiddenCalls, installManifest, uninstallManifest, unusedRights } from "./manifest.ts";
import { startOperator } from "./operator-process.ts";
import type { OperatorProcess } from "./operator-process.ts";

/** Rights that this test cannot see in use, and where they are needed instead. */
const USED_ELSEWHERE: Readonly<Record<string, RegExp>> = {
  "API servers that do not stream lists: contract-cluster-source.test.ts": /^list /,
  "the kubelet asks for it, and kwok's does not: docs/rbac.md": /^get nodes\/metrics$/,
  "only a repeated event is patched: contract-report.test.ts": /^patch events /,
};
const WAIT = { timeout: 60_000, interval: 500 };
const TARGETS = [
  { kind: "Deployment", name: "web" },
  { kind: "StatefulSet", name: "db" },
] as const;

let plane: ControlPlane;
let namespace: string;
const operators: OperatorProcess[] = [];

beforeAll(async () => {
  plane = await controlPlane();
  await installManifest(plane);
  // the test's own processes take the place of the pods, which kwok only pretends to run
  await plane.kubectl("scale", "deployment/plimsoll", "-n", NAMESPACE, "--replicas=0");
  namespace = await plane.namespace("rights");
  await plane.addKwokNodes(2);
});
afterAll(async () => {
  for (const operator of operators) await operator.stop();
  await uninstallManifest(plane);
});

test("two replicas scale, report and hand over with the rights of the manifest, and need each of them", async () => {
  const { kubeconfig, user } = await operatorKubeconfig();
  for (let replica = 0; replica < 2; replica++)
    operators.push(
      await startOperator(plane, { kubeconfig, args: [`--leader-elect-resource-namespace=${NAMESPACE}`] }),
    );
  await plane.apply(TARGETS.flatMap((target) => [workload(target), policy(target)]));
  for (const { kind, name } of TARGETS) {
    await plane.kubectl("rollout", "status", `${kind}/${name}`, "-n", namespace, "--timeout=60s");
    await plane.setUsage({ namespace, selector: `app=${name}`, cpu: "150m" });
    await expect.poll(() => replicasOf(kind, name), WAIT).toBeGreaterThan(2);
  }
  await expect.poll(() => readyOf("web"), WAIT).toBe("True");

  const holder = await leaseHolder();
  await operators[0]?.stop();
  await operators[1]?.get("/readyz");
  await expect.poll(async () => (await leaseHolder()) !== "" || holder === "", WAIT).toBe(true);

  const elsewhere = Object.values(USED_ELSEWHERE);
  const unused = () =>
    unusedRights(plane.auditFor(user)).filter((right) => !elsewhere.some((pattern) => pattern.test(right)));
  await expect.poll(unused, WAIT).toEqual([]);
  expect(forbiddenCalls(plane.auditFor(user))).toEqual([]);
});

type Target = (typeof TARGETS)[number];

function workload({ kind, name }: Target): object {
  const labels = { app: name };
  const container = { name: "main", image: "none", resources: { requests: { cpu: "100m" } } };
  return {
    apiVersion: "apps/v1",
    kind,
    metadata: { name, namespace },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
      ...(kind === "StatefulSet" && { serviceName: name, podManagementPolicy: "Parallel" }),
    },
  };
}

function policy({ kind, name }: Target): object {
  return {
    apiVersion: "plimsoll.dev/v1alpha1",
    kind: "ScalePolicy",
    metadata: { name, namespace },
    spec: {
      targetRef: { apiVersion: "apps/v1", kind, name },
      horizontal: { minReplicas: 2, maxReplicas: 6 },
    },
  };
}

async function replicasOf(kind: string, name: string): Promise<number> {
  return Number(
    await plane.kubectl("get", `${kind}/${name}`, "-n", namespace, "-o", "jsonpath={.spec.replicas}"),
  );
}

function readyOf(name: string): Promise<string> {
  const path = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}';
  return plane.kubectl("get", `scalepolicy/${name}`, "-n", namespace, "-o", path);
}

function leaseHolder(): Promise<string> {
  return plane.kubectl("get", "lease/plimsoll", "-n", NAMESPACE, "-o", "jsonpath={.spec.holderIdentity}");
}
