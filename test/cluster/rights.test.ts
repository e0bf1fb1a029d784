/**
 * The operator under exactly the rights of deploy/plimsoll.yaml, doing everything it does: no call is refused, and every
 * right that it was given is used.
 */
import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NAMESPACE } from "../../generate/rbac.ts";
import { uid } from "../../src/base/ids.ts";
import { EXIT, runOperatorCommand } from "../../src/operator.ts";
import { aMeta, T0 } from "../builders.ts";
import { kubeconfigText } from "../control-plane/kubeconfig.ts";
import { controlPlane, operatorKubeconfig } from "./control-plane.ts";
import type { ControlPlane } from "./control-plane.ts";
import { startGuardedKubelet } from "./guarded-kubelet.ts";
import type { GuardedKubelet } from "./guarded-kubelet.ts";
import { forbiddenCalls, installManifest, uninstallManifest, unusedRights } from "./installation.ts";
import { aPolicy, aWorkload, inNamespace, WAIT } from "./manifests.ts";
import { startOperator } from "./operator-process.ts";
import type { OperatorProcess } from "./operator-process.ts";
import { openApi } from "./open-api.ts";
import { startFront } from "./tls-front.ts";

const THIS = "test/cluster/rights.test.ts";
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
  await repeatAnEvent(kubeconfig);
  expect(await operators[0]?.stop()).toBe(0);
  await expect.poll(leaseHolder, WAIT).not.toBeOneOf([first, ""]);

  const unused = () =>
    unusedRights(plane.auditFor(user, began), THIS).filter((right) => !right.startsWith("list "));
  // the right that the API server never sees used is the one that kubelets ask it about, as this one did
  await expect.poll(unused, WAIT).toEqual(["get nodes/metrics"]);
  expect([...(kubelet.verdicts.get(user) ?? [])]).toEqual([200]);
  expect(forbiddenCalls(plane.auditFor(user, began))).toEqual([]);
});

test("as a pod, it needs no flags but the mounted service account and the environment of a pod", async () => {
  for (const operator of operators) await operator.stop();
  const { tokenFile } = await operatorKubeconfig();
  const folder = mkdtempSync(join(plane.folder, "mount-"));
  copyFileSync(tokenFile, join(folder, "token"));
  copyFileSync(plane.certs.serverAuthority, join(folder, "ca.crt"));
  await plane.kubectl("delete", "lease", "--all", "-n", NAMESPACE);
  const { hostname, port } = new URL(plane.server);
  const stop = new AbortController();
  const ended = runOperatorCommand({
    flags: { "health-port": 0, "secure-port": 0, "log-level": "error" },
    environment: {
      KUBERNETES_SERVICE_HOST: hostname,
      KUBERNETES_SERVICE_PORT: port,
      POD_NAME: "plimsoll-0",
      POD_NAMESPACE: NAMESPACE,
    },
    signal: stop.signal,
    complain: (text) => expect.fail(text),
    serviceAccountFolder: folder,
  });
  await expect.poll(leaseHolder, WAIT).toMatch(/^plimsoll-0_/);
  stop.abort();
  expect(await ended).toBe(EXIT.fine);
  expect(await leaseHolder(), "let go at the end").toBe("");
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

  const lists = () =>
    unusedRights(plane.auditFor(user, began), THIS).filter((right) => right.startsWith("list "));
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

/** The same thing told twice: the second time patches the first, with the operator's own rights. */
async function repeatAnEvent(kubeconfig: string): Promise<void> {
  const { api, transport } = await openApi(kubeconfig, NAMESPACE);
  const path = `/apis/plimsoll.dev/v1alpha1/namespaces/${namespace}/scalepolicies/web`;
  const { metadata } = (await plane.request("GET", path)).body as {
    metadata: { uid: string; resourceVersion: string };
  };
  const policy = aMeta({
    namespace,
    name: "web",
    uid: uid(metadata.uid),
    resourceVersion: metadata.resourceVersion,
  });
  const event = {
    policy,
    type: "Normal",
    reason: "Repeated",
    action: "Decide",
    note: "told twice",
    at: T0,
  } as const;
  for (const _ of [1, 2]) expect(await api.emit(event)).toMatchObject({ kind: "written" });
  await transport.close();
}
