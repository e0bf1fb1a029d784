/**
 * One way to install, from nothing to nothing: an older version, the first decision, an upgrade, the end. The pods are only
 * pretended by kwok, so a process of the test runs what their container would, with its arguments and the rights of its
 * service account, and the Service leads to that process.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { NAME, NAMESPACE } from "../../generate/rbac.ts";
import { freePorts } from "../control-plane/ports.ts";
import {
  type ControlPlane,
  endOwnControlPlane,
  operatorKubeconfig,
  ownControlPlane,
} from "./control-plane.ts";
import { type Endpoints, startEndpoints } from "./endpoints.ts";
import { addReadyNodes, inEffect, mayOperator } from "./installation.ts";
import { deletedSince, inventory, versionNow } from "./inventory.ts";
import { aPolicy, aWorkload, inNamespace, WAIT } from "./manifests.ts";
import { availableMetrics } from "./metrics-api.ts";
import { type OperatorProcess, startOperator } from "./operator-process.ts";

export type Version = "older" | "current";
export type Way = Readonly<{
  /** Installs, or upgrades what is there. */
  apply(plane: ControlPlane, version: Version): Promise<void>;
  /** As docs/install.md says. */
  uninstall(plane: ControlPlane): Promise<void>;
  /** What is documented to stay, as the inventory names it; what went in the policies' namespace is left out. */
  stays: readonly string[];
  /** Takes that away too. */
  removeRest(plane: ControlPlane): Promise<void>;
  /** Whether the APIServices are waited for before the rest goes; else their owner goes first, and they with it. */
  waits: boolean;
}>;

/** Its image, one column of `kubectl get sp` and one right are others. */
export const asOlder = (text: string): string =>
  text
    .replaceAll(/plimsoll:\d+\.\d+\.\d+/g, `${NAME}:0.0.9`)
    .replaceAll("- name: Ready\n", "- name: Well\n")
    .replaceAll(/^( +)- services$/gm, "$1- configmaps");

const SERVICES = { verb: "get", group: "", resource: "services", namespace: NAMESPACE, name: NAME };

/** For busy machines; nothing asserts how long it took. */
export const LONG = 300_000;

export function describeInstallation(way: Way): void {
  let plane: ControlPlane;
  let before: ReadonlySet<string>;
  let namespace: string;
  let here: ReturnType<typeof inNamespace>;
  let endpoints: Endpoints;
  let port = 0;
  let operator: OperatorProcess;
  const place = () => ({ namespace, name: "web" });

  beforeAll(async () => {
    plane = await ownControlPlane();
    await addReadyNodes(plane, 2);
    before = await inventory(plane);
    [port = 0] = await freePorts(1);
    endpoints = await startEndpoints(port);
  });
  afterAll(async () => {
    await operator?.stop();
    endpoints?.close();
    await endOwnControlPlane();
  });

  test(
    "it installs, and the first policy is decided on",
    async () => {
      await way.apply(plane, "older");
      await inEffect(plane);
      await rolledOut();
      expect(await imageOf(plane)).toBe(`${NAME}:0.0.9`);
      expect(await columns(plane)).toContain("WELL");
      await leadTo(plane, port);
      // an older version without a right that this one needs
      await plane.kubectl("patch", "role", NAME, "-n", NAMESPACE, "--type=json", "-p", ADD_SERVICES);
      operator = await startReplica();
      namespace = await plane.namespace("shop");
      here = inNamespace(plane, namespace);
      await plane.apply([aWorkload(place(), "Deployment"), aPolicy(place())]);
      await here.rolledOut("deployment/web");
      await here.load("web", "150m");
      await expect.poll(() => here.replicas("deployment/web"), WAIT).toBeGreaterThan(2);
      await expect
        .poll(async () => (await here.status("web")).recentActs?.[0]?.what, WAIT)
        .toMatch(/^replicas 2 → /);
      await availableMetrics(plane);
    },
    LONG,
  );

  test(
    "an upgrade brings the new image, CRD and rights, and keeps policies, memory and certificate",
    async () => {
      const certificate = await secretOf(plane);
      expect(certificate).not.toEqual({});
      const [uid, { history }] = [await uidOf(plane, place()), (await here.status("web")).horizontal ?? {}];
      expect(history).toBeDefined();
      const replicas = await here.replicas("deployment/web");

      await way.apply(plane, "current");
      await rolledOut();
      expect(await imageOf(plane)).toBe(`${NAME}:0.1.0`);
      await expect.poll(() => columns(plane), WAIT).toContain("READY");
      expect(await columns(plane)).not.toContain("WELL");
      await expect.poll(() => mayOperator(plane, SERVICES), WAIT).toBe(true);
      expect(await mayOperator(plane, { ...SERVICES, resource: "configmaps" })).toBe(false);
      expect(await secretOf(plane)).toEqual(certificate);

      const old = operator;
      operator = await startReplica();
      await expect.poll(() => operator.get("/readyz"), WAIT).toMatchObject({ status: 200 });
      expect(await old.stop()).toBe(0);
      expect(await here.replicas("deployment/web")).toBeGreaterThanOrEqual(replicas);
      await here.load("web", "150m"); // of those that were added, too
      await expect.poll(() => here.replicas("deployment/web"), WAIT).toBeGreaterThan(replicas);
      expect(await uidOf(plane, place())).toBe(uid);
      await availableMetrics(plane);
    },
    LONG,
  );

  test(
    "its end leaves what is documented to stay and nothing else, and the APIServices go first",
    async () => {
      const since = await versionNow(plane);
      await way.uninstall(plane);
      await operator.stop();
      await expect
        .poll(() => plane.kubectl("get", "apiservices", "-o", "name"), WAIT)
        .not.toContain("metrics.k8s.io");
      await expectOrder(plane, since, way.waits);

      // what a broken API would hold up
      await plane.kubectl("delete", "namespace", namespace, "--timeout=55s");
      await expect.poll(async () => added(before, await inventory(plane)), WAIT).toEqual(way.stays);
      await way.removeRest(plane);
      await expect.poll(async () => added(before, await inventory(plane)), WAIT).toEqual([]);
    },
    LONG,
  );

  const rolledOut = () =>
    plane.kubectl("rollout", "status", `deployment/${NAME}`, "-n", NAMESPACE, "--timeout=55s");

  async function startReplica(): Promise<OperatorProcess> {
    const { kubeconfig } = await operatorKubeconfig();
    const args = [
      ...(await argumentsOf(plane)),
      `--service-port=${port}`,
      `--leader-elect-resource-namespace=${NAMESPACE}`,
    ];
    const replica = await startOperator(plane, { kubeconfig, args });
    endpoints.add(replica);
    return replica;
  }
}

const ADD_SERVICES = JSON.stringify([
  {
    op: "add",
    path: "/rules/-",
    value: { apiGroups: [""], resources: ["services"], resourceNames: [NAME], verbs: ["get"] },
  },
]);

const added = (before: ReadonlySet<string>, after: ReadonlySet<string>): string[] =>
  [...after].filter((name) => !before.has(name)).toSorted();

/** The flags that the Deployment gives, but for the pace and the ports, of which a test has its own. */
export async function argumentsOf(plane: ControlPlane): Promise<string[]> {
  const text = await plane.kubectl(
    "get",
    "deployment",
    NAME,
    "-n",
    NAMESPACE,
    "-o",
    "jsonpath={.spec.template.spec.containers[0].args}",
  );
  const [command, ...args] = JSON.parse(text) as string[];
  expect(command).toBe("operator");
  return args.filter((arg) => !/^--(metric-resolution|[a-z]+-port)=/.test(arg));
}

/** What the aggregator asks: an address on this machine, in place of pods that nobody runs. */
async function leadTo(plane: ControlPlane, port: number): Promise<void> {
  const spec = {
    type: "ExternalName",
    externalName: "localhost",
    selector: null,
    clusterIP: null,
    clusterIPs: null,
    ports: [{ name: "test", port }],
  };
  await plane.kubectl(
    "patch",
    "service",
    NAME,
    "-n",
    NAMESPACE,
    "--type=merge",
    "-p",
    JSON.stringify({ spec }),
  );
}

const imageOf = (plane: ControlPlane): Promise<string> =>
  plane.kubectl(
    "get",
    "deployment",
    NAME,
    "-n",
    NAMESPACE,
    "-o",
    "jsonpath={.spec.template.spec.containers[0].image}",
  );

async function columns(plane: ControlPlane): Promise<string[]> {
  const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/scalepolicies.plimsoll.dev";
  type Crd = { spec: { versions: { additionalPrinterColumns: { name: string }[] }[] } };
  const { spec } = (await plane.request("GET", path)).body as Crd;
  return spec.versions.flatMap(({ additionalPrinterColumns }) =>
    additionalPrinterColumns.map(({ name }) => name.toUpperCase()),
  );
}

async function secretOf(plane: ControlPlane): Promise<object> {
  const { body } = await plane.request("GET", `/api/v1/namespaces/${NAMESPACE}/secrets/${NAME}-tls`);
  return (body as { data?: object }).data ?? {};
}

async function uidOf(
  plane: ControlPlane,
  { namespace, name }: Readonly<{ namespace: string; name: string }>,
): Promise<string> {
  return plane.kubectl("get", "sp", name, "-n", namespace, "-o", "jsonpath={.metadata.uid}");
}

async function expectOrder(plane: ControlPlane, since: string, waits: boolean): Promise<void> {
  const apiServices = await deletedSince(plane, "/apis/apiregistration.k8s.io/v1/apiservices", since);
  // the CRD's own goes with the CRD
  const announcements = new Map([...apiServices].filter(([name]) => name.endsWith(".metrics.k8s.io")));
  const owners = await deletedSince(plane, "/apis/rbac.authorization.k8s.io/v1/clusterroles", since);
  const services = await deletedSince(plane, `/api/v1/namespaces/${NAMESPACE}/services`, since);
  const deployments = await deletedSince(plane, `/apis/apps/v1/namespaces/${NAMESPACE}/deployments`, since);
  const rest = [services.get(NAME), deployments.get(NAME)].map((revision) => revision?.at(0) ?? 0);
  expect(rest).not.toContain(0);
  expect([...announcements.keys()].toSorted()).toEqual(["v1.metrics.k8s.io", "v1beta1.metrics.k8s.io"]);
  const firsts = waits
    ? [...announcements.values()].map((revisions) => revisions.at(-1))
    : [owners.get(NAME)?.at(0)];
  for (const first of firsts) for (const later of rest) expect(first).toBeLessThan(later);
  const gone = Math.max(...[...announcements.values()].map((revisions) => revisions.at(-1) ?? 0));
  console.log(`APIServices were gone at revision ${gone}, Service and Deployment at ${rest.join(" and ")}`);
}
