/**
 * The operator under exactly the rights of deploy/plimsoll.yaml, doing everything it does: no call is refused, and every
 * right that it was given is used.
 */
import { readFileSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NAMESPACE } from "../../generate/rbac.ts";
import { kubeconfigText } from "../control-plane/kubeconfig.ts";
import { controlPlane, operatorKubeconfig } from "./control-plane.ts";
import type { ControlPlane } from "./control-plane.ts";
import { startGuardedKubelet } from "./guarded-kubelet.ts";
import type { GuardedKubelet } from "./guarded-kubelet.ts";
import { forbiddenCalls, installManifest, uninstallManifest, unusedRights } from "./installation.ts";
import { aPolicy, aWorkload, inNamespace, WAIT } from "./manifests.ts";
import { startOperator } from "./operator-process.ts";
import type { OperatorProcess } from "./operator-process.ts";
import { startFront } from "./tls-front.ts";

/** What neither test can see in use: only an event repeated within minutes is patched (contract-report.test.ts). */
const USED_ELSEWHERE = ["patch events (events.k8s.io)"];
const TARGETS = [
  { kind: "Deployment", name: "web" },
  { kind: "StatefulSet", name: "db" },
] as const;

let plane: ControlPlane;
let namespace: string;
let kubelet: GuardedKubelet;
const operators: OperatorProcess[] = [];

beforeAll(async () => {
  plane = await controlPlane();
  await installManifest(plane);
  // the test's own processes take the place of the pods, which kwok only pretends to run
  await plane.kubectl("scale", "deployment/plimsoll", "-n", NAMESPACE, "--replicas=0");
  // one that another test left behind would not have to be made
  await plane.kubectl("delete", "lease", "--all", "-n", NAMESPACE);
  namespace = await plane.namespace("rights");
  await plane.addKwokNodes(2);
  kubelet = await startGuardedKubelet(plane);
});
afterAll(async () => {
  for (const operator of operators) await operator.stop();
  kubelet.close();
  await uninstallManifest(plane);
});

test("two replicas scale, report and hand over with the rights of the manifest, and need each of them", async () => {
  const began = Date.now();
  const { kubeconfig, user } = await operatorKubeconfig();
  await startReplica(kubeconfig);
  await expect.poll(leaseHolder, WAIT).not.toBe("");
  const first = await leaseHolder();
  await startReplica(kubeconfig);

  const { rolledOut, load, replicas, condition } = inNamespace(plane, namespace);
  for (const { kind, name } of TARGETS) {
    const [place, target] = [
      { namespace, name },
      { apiVersion: "apps/v1", kind },
    ];
    await plane.apply([aWorkload(place, kind), aPolicy(place, { target })]);
    await rolledOut(`${kind}/${name}`);
    await load(name, "150m");
    await expect.poll(() => replicas(`${kind}/${name}`), WAIT).toBeGreaterThan(2);
    await expect.poll(() => condition(name, "Ready"), WAIT).toMatchObject({ status: "True" });
  }
  expect(await operators[0]?.stop()).toBe(0);
  await expect.poll(leaseHolder, WAIT).not.toBeOneOf([first, ""]);

  const unused = () =>
    unusedRights(plane.auditFor(user, began)).filter((right) => !right.startsWith("list "));
  // the right that the API server never sees used is the one that kubelets ask it about, as this one did
  await expect.poll(unused, WAIT).toEqual(["get nodes/metrics", ...USED_ELSEWHERE]);
  expect([...(kubelet.verdicts.get(user) ?? [])]).toEqual([200]);
  expect(forbiddenCalls(plane.auditFor(user, began))).toEqual([]);
});

test("where the API server does not stream lists, everything is listed by pages, with the rights for it", async () => {
  const began = Date.now();
  const { tokenFile, user } = await operatorKubeconfig();
  const front = await startFront(plane, {
    before: "apiserver",
    decide: (asked) => Promise.resolve(refusal(asked)),
  });
  const server = `https://127.0.0.1:${front.port}`;
  const kubeconfig = join(plane.folder, "front.kubeconfig");
  const authority = readFileSync(plane.certs.serverAuthority, "utf8");
  writeFileSync(kubeconfig, kubeconfigText(server, authority, { tokenFile }));
  await startReplica(kubeconfig);

  const lists = () => unusedRights(plane.auditFor(user, began)).filter((right) => right.startsWith("list "));
  await expect.poll(lists, WAIT).toEqual([]);
  expect(forbiddenCalls(plane.auditFor(user, began))).toEqual([]);
  expect(await operators.at(-1)?.stop()).toBe(0);
  front.close();
});

/** What an API server says to WatchList when it does not know it (Kubernetes 1.33 as it comes). */
function refusal({ url = "" }: IncomingMessage) {
  if (!url.includes("sendInitialEvents")) return undefined;
  const message =
    "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled";
  const causes = [{ reason: "FieldValueForbidden", field: "sendInitialEvents", message }];
  const status = { kind: "Status", apiVersion: "v1", status: "Failure", reason: "Invalid", code: 422 };
  return { status: 422, body: { ...status, message, details: { causes } } };
}

async function startReplica(kubeconfig: string): Promise<void> {
  const args = [
    `--leader-elect-resource-namespace=${NAMESPACE}`,
    "--kubelet-use-node-status-port=false",
    `--kubelet-port=${kubelet.port}`,
  ];
  operators.push(await startOperator(plane, { kubeconfig, args }));
}

function leaseHolder(): Promise<string> {
  return plane.kubectl("get", "lease/plimsoll", "-n", NAMESPACE, "-o", "jsonpath={.spec.holderIdentity}");
}
