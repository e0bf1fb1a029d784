/**
 * List and watch against the real API server: what it streams, refuses, expires and forgets.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { objectKey } from "../../src/base/ids.ts";
import { hasReached } from "../../src/base/resource-version.ts";
import { targetKey } from "../../src/cluster/workload.ts";
import type { ApiRequest } from "../../src/real/apiserver/transport.ts";
import { controlPlane, type ControlPlane } from "./control-plane.ts";
import { established } from "./crds.ts";
import { CRD, deployment, followKind, pod, policy, type Tamper, until, withQuery } from "./followed.ts";

let plane: ControlPlane;
let kubeconfig: string;
beforeAll(async () => {
  plane = await controlPlane();
  kubeconfig = plane.kubeconfig;
  await plane.apply(CRD);
  await established(plane, "scalepolicies.plimsoll.dev");
});

const isListing = ({ query }: ApiRequest): boolean => query?.["sendInitialEvents"] === "true";
const isWatch = (request: ApiRequest): boolean => request.query?.["watch"] === "true" && !isListing(request);
/** The API server refuses a WatchList that does not say how its version is meant, as an older one refuses all. */
const refuseWatchList: Tamper = (request) => {
  const { resourceVersionMatch: _, ...query } = request.query ?? {};
  return { ...request, query };
};
const NAMES = ["a", "b", "c", "d", "e"];

/** `namespace/name uid version` of all objects, as kubectl sees them. */
async function listed(resource: string): Promise<string[]> {
  const { items } = JSON.parse(await plane.kubectl("get", resource, "-A", "-o", "json")) as {
    items: { metadata: { namespace: string; name: string; uid: string; resourceVersion: string } }[];
  };
  return items
    .map(({ metadata: { namespace, name, uid, resourceVersion } }) =>
      [namespace, name, uid, resourceVersion].join(" "),
    )
    .toSorted();
}

type Believed = Awaited<ReturnType<typeof followKind<"deployments" | "scalepolicies">>>["reader"];
const believed = (reader: Believed): string[] =>
  [...reader.all()]
    .map(({ meta: { namespace, name, uid, resourceVersion } }) =>
      [namespace, name, uid, resourceVersion].join(" "),
    )
    .toSorted();

/** Both sides settle: controllers may still be writing status. */
async function agree(resource: string, reader: Believed): Promise<void> {
  await expect
    .poll(async () => ({ truth: await listed(resource), believed: believed(reader) }), { timeout: 20_000 })
    .toSatisfy(({ truth, believed: seen }) => truth.join() === seen.join());
}

describe.each(["deployments", "scalepolicies"] as const)("%s", (kind) => {
  const object = kind === "deployments" ? deployment : policy;
  let namespace: string;
  beforeAll(async () => {
    namespace = await plane.namespace("reflector");
    await plane.apply(NAMES.map((name) => object(namespace, name, 1)));
  });

  test("a WatchList brings what kubectl lists, in one request", async () => {
    const { reader, requests, troubles } = await followKind({ kubeconfig, kind });
    await until(() => reader.synced());
    await agree(kind, reader);
    expect(requests).toHaveLength(1);
    expect(troubles).toEqual([]);
  });

  test("where WatchList is refused, pages bring the same, and the watch goes on from there", async () => {
    const { reader, requests, troubles } = await followKind({
      kubeconfig,
      kind,
      tamper: refuseWatchList,
      pageSize: 2,
    });
    await until(() => reader.synced());
    await agree(kind, reader);
    const pages = requests.filter(({ query }) => query?.["limit"] === "2");
    expect(pages.length).toBeGreaterThanOrEqual(3);
    expect(pages.filter(({ query }) => query?.["continue"] !== undefined)).toHaveLength(pages.length - 1);
    expect(troubles).toEqual([]);
    await plane.apply(object(namespace, "later", 1));
    await until(() => reader.get(objectKey(namespace, "later")) !== undefined);
  });
});

/**
 * Only of a kind that appeared late is version 1 older than what the server keeps: of the others it remembers
 * everything since its start.
 */
test("a version that the server no longer keeps is answered with a new listing", async () => {
  const namespace = await plane.namespace("reflector");
  await plane.apply(NAMES.map((name) => policy(namespace, name, 3)));
  let expire = true;
  const { reader, requests, events, troubles } = await followKind({
    kubeconfig,
    kind: "scalepolicies",
    tamper(request) {
      if (!isWatch(request)) return withQuery(request, { timeoutSeconds: "3" });
      if (!expire) return request;
      expire = false;
      return withQuery(request, { resourceVersion: "1" });
    },
  });
  await until(() => reader.synced());
  const before = [...reader.all()];
  await until(() => events.filter(({ kind }) => kind === "listing-ended").length === 2);
  expect(requests.filter(isListing)).toHaveLength(2);
  expect(troubles).toEqual(["expired"]);
  const after = [...reader.all()];
  expect(after).toHaveLength(before.length);
  for (const object of after) expect(before, "the very object of before").toContain(object);
});

test("bookmarks move the version of a kind in which nothing changes", async () => {
  const namespace = await plane.namespace("reflector");
  const { reader, events, troubles } = await followKind({
    kubeconfig,
    kind: "statefulsets",
    tamper: (request) => withQuery(request, { timeoutSeconds: "4" }), // one comes shortly before the end
  });
  await until(() => reader.synced());
  const before = reader.resourceVersion();
  await plane.kubectl("create", "configmap", "noise", "-n", namespace);
  await plane.kubectl("get", "statefulsets", "-A"); // for which the server's cache asks etcd where it is
  const bookmarks = () =>
    events.flatMap((event) => (event.kind === "progressed" ? event.resourceVersion : []));
  await until(() => bookmarks().some((version) => version !== before));
  expect(hasReached(reader.resourceVersion(), before)).toBe(true);
  expect(reader.resourceVersion()).not.toBe(before);
  expect(events.filter(({ kind }) => kind === "listing-began")).toHaveLength(1);
  expect(troubles).toEqual([]);
});

test("an object deleted and made again while nobody watched is the end of one and the beginning of another", async () => {
  const namespace = await plane.namespace("reflector");
  await plane.apply(policy(namespace, "web", 3));
  let server: "there" | "gone" | "forgetful" = "there";
  const { reader, told, troubles } = await followKind({
    kubeconfig,
    kind: "scalepolicies",
    tamper(request) {
      if (server === "gone") return { kind: "unreachable", message: "cut off by the test" };
      const short = withQuery(request, { timeoutSeconds: "3" });
      return server === "forgetful" && isWatch(request) ? withQuery(short, { resourceVersion: "1" }) : short;
    },
  });
  const key = objectKey(namespace, "web");
  await until(() => reader.get(key) !== undefined);
  const first = reader.get(key)?.meta.uid;
  server = "gone";
  await until(() => troubles.includes("unreachable"));
  told.length = 0;
  await plane.kubectl("delete", "scalepolicy", "web", "-n", namespace);
  await plane.apply(policy(namespace, "web", 4));
  expect(reader.get(key)?.meta.uid, "what was believed is kept").toBe(first);
  server = "forgetful";
  await until(() => reader.get(key)?.meta.uid !== first);
  expect(told.filter((line) => line.endsWith(key)).slice(0, 2)).toEqual([`- ${key}`, `+ ${key}`]);
  expect(troubles).toContain("expired");
});

test("an expired page, after the database was compacted, begins the list again and loses nothing", async () => {
  const namespace = await plane.namespace("reflector");
  await plane.apply(NAMES.map((name) => policy(namespace, name, 3)));
  let cut = 0;
  const { reader, requests, troubles } = await followKind({
    kubeconfig,
    kind: "scalepolicies",
    pageSize: 2,
    async tamper(request) {
      const token = request.query?.["continue"];
      if (token === undefined || cut++ > 0) return refuseWatchList(request);
      const old = await compactAway(token);
      return withQuery(request, { continue: old });
    },
  });
  await until(() => reader.synced());
  expect(troubles).toEqual(["expired"]);
  expect(
    requests.filter(({ query }) => query?.["limit"] !== undefined && query["continue"] === undefined),
  ).toHaveLength(2);
  await agree("scalepolicies", reader);
});

test("a kind that is not there yet is trouble, and is listed once it appears", async () => {
  await plane.kubectl("delete", "crd", "scalepolicies.plimsoll.dev", "--wait=true");
  const { reader, troubles } = await followKind({ kubeconfig, kind: "scalepolicies" });
  await until(() => troubles.length > 0);
  expect(new Set(troubles)).toEqual(new Set(["absent"]));
  expect(reader.synced()).toBe(false);
  await plane.apply(CRD);
  await until(() => reader.synced());
  const namespace = await plane.namespace("reflector");
  await plane.apply(policy(namespace, "web", 3));
  await until(() => reader.count() === 1);
});

test("a policy is found by its target", async () => {
  const namespace = await plane.namespace("reflector");
  await plane.apply(policy(namespace, "web", 3));
  const { view, reader } = await followKind({ kubeconfig, kind: "scalepolicies" });
  await until(() => reader.synced());
  const target = targetKey(namespace, { apiVersion: "apps/v1", kind: "Deployment", name: "web" });
  expect(view.policiesTargeting(target).map(({ meta }) => meta.name)).toEqual(["web"]);
});

test("pods that have ended are not listed, and one that ends leaves the view", async () => {
  const namespace = await plane.namespace("reflector");
  const finish = (name: string, phase: string) =>
    plane.kubectl(
      "patch", "pod", name, "-n", namespace, "--subresource=status", "-p", JSON.stringify({ status: { phase } }),
    ); // prettier-ignore
  await plane.apply(["early", "late", "lasting"].map((name) => pod(namespace, name)));
  await finish("early", "Succeeded");
  const { view, reader } = await followKind({ kubeconfig, kind: "pods" });
  await until(() => reader.synced());
  const names = () =>
    view
      .podsSelectedBy(namespace, "app=task")
      .map(({ meta }) => meta.name)
      .toSorted();
  expect(names()).toEqual(["lasting", "late"]);
  await finish("late", "Failed");
  await until(() => names().length === 1);
  expect(names()).toEqual(["lasting"]);
  expect(reader.get(objectKey(namespace, "lasting"))).toMatchObject({
    labels: { app: "task" },
    phase: "Pending",
    shape: {
      containers: [
        { name: "app", role: "main", requests: { cpu: 250, memory: 64 * 1024 * 1024 * 1000 } },
        { name: "mesh", role: "sidecar", requests: { cpu: 100 } },
      ],
    },
  });
});

test("who scaled a workload last is read from its managed fields", async () => {
  const namespace = await plane.namespace("reflector");
  await plane.kubectlWith(
    { input: JSON.stringify(deployment(namespace, "web", 1)) },
    "apply", "--server-side", "--field-manager=gitops", "-f", "-",
  ); // prettier-ignore
  const { reader } = await followKind({ kubeconfig, kind: "deployments" });
  const scaledBy = () => reader.get(objectKey(namespace, "web"))?.scaledBy;
  await until(() => scaledBy() !== undefined);
  expect(scaledBy()).toMatchObject({ manager: "gitops", at: expect.any(Number) });
  await plane.kubectl("scale", "deployment/web", "-n", namespace, "--replicas=4");
  await until(() => reader.get(objectKey(namespace, "web"))?.replicas === 4);
  expect(scaledBy(), "the API server notes no time for a write through scale").toEqual({
    manager: "kubectl",
    at: undefined,
  });
});

/**
 * Compacts etcd up to the newest version, and answers the token as one of version 1. Pages of a version that
 * the API server's own cache remembers do not care for compaction, so that of an honest token does not expire.
 */
async function compactAway(token: string): Promise<string> {
  const { body } = await plane.request("GET", "/apis/apps/v1/deployments?limit=1");
  const { resourceVersion } = (body as { metadata: { resourceVersion: string } }).metadata;
  const response = await fetch(`http://127.0.0.1:${plane.ports.etcd}/v3/kv/compaction`, {
    method: "POST",
    body: JSON.stringify({ revision: resourceVersion }),
  });
  expect(response.status, await response.text()).toBe(200);
  const decoded = JSON.parse(Buffer.from(token, "base64url").toString()) as Record<string, unknown>;
  return Buffer.from(JSON.stringify({ ...decoded, rv: 1 })).toString("base64url");
}
