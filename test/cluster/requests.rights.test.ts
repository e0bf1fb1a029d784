/**
 * Writing requests with exactly the rights of deploy/plimsoll.yaml: each mode needs its verbs, a template needs a
 * RoleBinding of its namespace, and a stolen token changes nothing but requests (threat S22).
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TemplateBasis } from "../../src/actuate/request-port.ts";
import { resizablePod } from "../../src/actuate/requests/resizable-pod.ts";
import { isLackOfRights } from "../../src/actuate/requests/wave.ts";
import { NAME, NAMESPACE, RESIZE_ROLE, TEMPLATE_ROLE } from "../../generate/rbac.ts";
import { createShared } from "../../src/real/apiserver/watch/trim/meta.ts";
import { trimPod } from "../../src/real/apiserver/watch/trim/pod.ts";
import { succeed } from "../control-plane/api-request.ts";
import { aRequestWish } from "../contract/resize-port.suite.ts";
import { amounts, named, resources } from "../coordinate/requests/questions.ts";
import { controlPlane, type ControlPlane, operatorKubeconfig } from "./control-plane.ts";
import {
  forbiddenCalls,
  installManifest,
  mayOperator,
  uninstallManifest,
  unusedRights,
  until,
} from "./installation.ts";
import { aWorkload, WAIT } from "./manifests.ts";
import { openApi } from "./open-api.ts";

const THIS = "test/cluster/requests.rights.test.ts";
const WEB = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };
const once = { ...aRequestWish(), dryRun: false };
const WANTED = {
  containers: [named("app", resources(amounts(150, 64)))],
  annotation: '{"app":{"cpu":{"base":"100m","set":"150m"}}}',
};

let plane: ControlPlane;
let namespace: string;
let operator: Awaited<ReturnType<typeof openApi>>;

beforeAll(async () => {
  plane = await controlPlane();
  await installManifest(plane);
  await plane.addKwokNodes(2);
  namespace = await plane.namespace("requests");
  operator = await openApi((await operatorKubeconfig()).kubeconfig, NAMESPACE);
});
afterAll(async () => {
  await operator.transport.close();
  await uninstallManifest(plane);
});

/** As docs/rbac.md says. */
const bindTemplates = (to: string): Promise<string> =>
  plane.kubectl(
    "create", "rolebinding", TEMPLATE_ROLE, `--clusterrole=${TEMPLATE_ROLE}`, `--serviceaccount=${NAMESPACE}:${NAME}`, "-n", to,
  ); // prettier-ignore

async function deployed(name: string, to = namespace): Promise<void> {
  const object = aWorkload({ namespace: to, name }, "Deployment", { replicas: 1 });
  Object.assign(object.spec.template.metadata.annotations, { "test.plimsoll.dev/resize": "granted" });
  await plane.apply(object);
}

async function aRunningPod(app: string, at = namespace) {
  const path = `/api/v1/namespaces/${at}/pods?labelSelector=app%3D${app}`;
  const look = async () => {
    const { items } = (await succeed(plane.request, "GET", path)) as { items: Record<string, unknown>[] };
    const pod = items[0] === undefined ? undefined : trimPod({ ...items[0] }, createShared());
    const status = items[0]?.["status"] as { containerStatuses?: { resources?: object }[] } | undefined;
    return status?.containerStatuses?.[0]?.resources === undefined ? undefined : pod;
  };
  await expect.poll(look, WAIT).toBeDefined();
  return resizablePod((await look())!);
}

async function basisOf(name: string, to = namespace): Promise<TemplateBasis> {
  const read = await operator.api.readTemplate(to, { ...WEB, name });
  return read.kind === "read" ? read.value : expect.fail(read.message);
}

test("InPlace needs the one right it has, Template those that a RoleBinding gives", async () => {
  const began = Date.now();
  const { user } = await operatorKubeconfig();
  await deployed("web");
  const pod = await aRunningPod("web");
  expect(await operator.api.resizePod(pod.basis, WANTED.containers, aRequestWish())).toMatchObject({
    kind: "written",
  });

  await bindTemplates(namespace);
  await until("the binding", () =>
    mayOperator(plane, { verb: "patch", group: "apps", resource: "deployments", namespace }),
  );
  await plane.apply(aWorkload({ namespace, name: "db" }, "StatefulSet", { replicas: 1 }));
  for (const reference of [WEB, { ...WEB, kind: "StatefulSet", name: "db" }]) {
    const write = async () => {
      const read = await operator.api.readTemplate(namespace, reference);
      if (read.kind !== "read") return read;
      return operator.api.writeTemplate({ namespace, reference, basis: read.value }, WANTED, once);
    };
    await expect.poll(write, WAIT).toMatchObject({ kind: "written" });
  }
  await expect.poll(() => unusedRights(plane.auditFor(user, began), THIS), WAIT).toEqual([]);
  expect(forbiddenCalls(plane.auditFor(user, began))).toEqual([]);
});

test("a namespace without the RoleBinding is told apart from any other refusal", async () => {
  const unbound = await plane.namespace("unbound");
  await deployed("web", unbound);
  const read = await operator.api.readTemplate(unbound, WEB);
  expect(read).toMatchObject({ kind: "forbidden" });
  if (read.kind === "forbidden") expect(isLackOfRights(read)).toBe(true);
});

test("without its binding no pod is resized", async () => {
  await deployed("unresized");
  const pod = await aRunningPod("unresized");
  await plane.kubectl("delete", "clusterrolebinding", RESIZE_ROLE);
  await until(
    "the lost right",
    async () => !(await mayOperator(plane, { verb: "patch", group: "", resource: "pods/resize", namespace })),
  );
  const outcome = await operator.api.resizePod(pod.basis, WANTED.containers, aRequestWish());
  expect(outcome).toMatchObject({ kind: "forbidden" });
  if (outcome.kind === "forbidden") expect(isLackOfRights(outcome)).toBe(true);
  await plane.kubectl(
    "create", "clusterrolebinding", RESIZE_ROLE, `--clusterrole=${RESIZE_ROLE}`, `--serviceaccount=${NAMESPACE}:${NAME}`,
  ); // prettier-ignore
});

describe("with its own token, whoever stole it may not", () => {
  let bound: string;
  beforeAll(async () => {
    bound = await plane.namespace("bound");
    await bindTemplates(bound);
    await deployed("web", bound);
    await until("the binding", () =>
      mayOperator(plane, { verb: "patch", group: "apps", resource: "deployments", namespace: bound }),
    );
  });

  const patch = async (operations: readonly object[]): Promise<string> =>
    plane.kubectlWith(
      { kubeconfig: (await operatorKubeconfig()).kubeconfig },
      "patch", "deployment/web", "-n", bound, "--type=json", "-p", JSON.stringify(operations),
    ); // prettier-ignore
  const container = "/spec/template/spec/containers/0";

  test.each([
    {
      what: "run another image",
      op: { op: "replace", path: `${container}/image`, value: "evil" },
      says: /nothing of a container but/,
    },
    {
      what: "run another command",
      op: { op: "add", path: `${container}/command`, value: ["sh"] },
      says: /nothing of a container but/,
    },
    {
      what: "set an environment",
      op: { op: "add", path: `${container}/env`, value: [{ name: "A", value: "b" }] },
      says: /nothing of a container but/,
    },
    {
      what: "claim another resource",
      op: { op: "add", path: `${container}/resources/requests/ephemeral-storage`, value: "1Gi" },
      says: /nothing of a container but/,
    },
    {
      what: "add a container",
      op: { op: "add", path: "/spec/template/spec/containers/1", value: { name: "more", image: "evil" } },
      says: /nothing of a container but/,
    },
    {
      what: "add an init container",
      op: { op: "add", path: "/spec/template/spec/initContainers", value: [{ name: "more", image: "evil" }] },
      says: /nothing of a template but/,
    },
    {
      what: "become another ServiceAccount",
      op: { op: "add", path: "/spec/template/spec/serviceAccountName", value: "admin" },
      says: /nothing of a template but/,
    },
    {
      what: "mount the node",
      op: { op: "add", path: "/spec/template/spec/volumes", value: [{ name: "a", hostPath: { path: "/" } }] },
      says: /nothing of a template but/,
    },
    {
      what: "label the pods",
      op: { op: "add", path: "/spec/template/metadata/labels/more", value: "x" },
      says: /nothing of a template but/,
    },
    {
      what: "annotate the pods otherwise",
      op: { op: "add", path: "/spec/template/metadata/annotations/more", value: "x" },
      says: /nothing of a template but/,
    },
    {
      what: "set replicas this way",
      op: { op: "replace", path: "/spec/replicas", value: 50 },
      says: /nothing of a workload but/,
    },
    {
      what: "pause a rollout",
      op: { op: "add", path: "/spec/paused", value: true },
      says: /nothing of a workload but/,
    },
    {
      what: "annotate the workload",
      op: { op: "add", path: "/metadata/annotations/more", value: "x" },
      says: /nothing of a workload but/,
    },
  ])("$what", async ({ op, says }) => {
    await expect(patch([op])).rejects.toThrow(says);
  });

  test("while requests, limits and the annotation are its own", async () => {
    const basis = await basisOf("web", bound);
    const outcome = await operator.api.writeTemplate(
      { namespace: bound, reference: WEB, basis },
      WANTED,
      once,
    );
    expect(outcome).toMatchObject({ kind: "written" });
    expect((await basisOf("web", bound)).annotations["plimsoll.dev/requests"]).toBe(WANTED.annotation);
  });

  test("evict, delete or patch a pod, make a workload, or resize where the cluster lives", async () => {
    const kubeconfig = (await operatorKubeconfig()).kubeconfig;
    const asOperator = (...args: string[]) => plane.kubectlWith({ kubeconfig }, ...args);
    const pod = await aRunningPod("web");
    for (const args of [
      ["delete", "pod", pod.basis.name, "-n", namespace],
      ["annotate", "pod", pod.basis.name, "-n", namespace, "a=b"],
      ["delete", "deployment", "web", "-n", bound],
      ["create", "deployment", "evil", "--image=evil", "-n", bound],
    ])
      await expect(asOperator(...args), args.join(" ")).rejects.toThrow(/[Ff]orbidden/);
    const { spec } = aWorkload({ namespace, name: "solo" }, "Deployment").spec.template;
    const annotations = { "test.plimsoll.dev/resize": "granted" };
    const metadata = { name: "solo", namespace: "kube-system", labels: { app: "solo" }, annotations };
    await plane.apply({ apiVersion: "v1", kind: "Pod", metadata, spec });
    const solo = await aRunningPod("solo", "kube-system");
    const refused = operator.api.resizePod(solo.basis, WANTED.containers, aRequestWish());
    expect(await refused).toMatchObject({ kind: "forbidden" });
    await plane.kubectl("delete", "pod", "solo", "-n", "kube-system", "--grace-period=0", "--force");
  });
});
