import fc from "fast-check";
import { expect, test } from "vitest";
import { objectKey, uid } from "../../src/base/ids.ts";
import { epochMillis } from "../../src/base/units.ts";
import { type ClusterChange, createCluster } from "../../src/cluster/cluster.ts";
import type { Meta } from "../../src/cluster/object.ts";
import { type Kind, type Kinds, KINDS } from "../../src/cluster/port.ts";
import { targetKey } from "../../src/cluster/workload.ts";
import { aPolicyObject, anAutoscaler } from "../builders.ts";
import { aPod, aReplicaSet, changed, deleted, listing, ownedBy } from "./objects.ts";

const web = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };
const webKey = targetKey("shop", web);

/** A cluster in which each kind was listed once. */
function clusterOf(objects: { readonly [K in Kind]?: readonly Kinds[K][] }) {
  const told: ClusterChange[] = [];
  const cluster = createCluster((change) => told.push(change));
  const list = <K extends Kind>(kind: K): void => {
    for (const event of listing<Kinds[K]>("10", objects[kind] ?? [])) cluster.pen(kind).apply(event);
  };
  KINDS.forEach(list);
  return { cluster, view: cluster.view, told };
}

const namesOf = (objects: Iterable<Readonly<{ meta: Meta }>>): string[] =>
  [...objects].map(({ meta }) => meta.name).toSorted();

test("pods are owned directly, or through a ReplicaSet", () => {
  const { view } = clusterOf({
    replicasets: [
      aReplicaSet({ name: "web-1", owner: ownedBy("Deployment", "web") }),
      aReplicaSet({ name: "web-2", owner: ownedBy("Deployment", "web") }),
      aReplicaSet({ name: "orphan" }),
    ],
    pods: [
      aPod({ name: "web-1-a", owner: ownedBy("ReplicaSet", "web-1") }),
      aPod({ name: "web-2-a", owner: ownedBy("ReplicaSet", "web-2") }),
      aPod({ name: "web-2-b", owner: ownedBy("ReplicaSet", "web-2") }),
      aPod({ name: "orphan-a", owner: ownedBy("ReplicaSet", "orphan") }),
      aPod({ name: "db-0", owner: ownedBy("StatefulSet", "db") }),
      aPod({ name: "naked" }),
    ],
  });
  expect(namesOf(view.podsOwnedBy(uid("uid-of-web")))).toEqual(["web-1-a", "web-2-a", "web-2-b"]);
  expect(namesOf(view.podsOwnedBy(uid("uid-of-db")))).toEqual(["db-0"]);
  expect(namesOf(view.podsOwnedBy(uid("uid-of-orphan")))).toEqual(["orphan-a"]);
  expect(view.podsOwnedBy(uid("uid-of-nobody"))).toEqual([]);
  expect(namesOf(view.replicaSetsOwnedBy(uid("uid-of-web")))).toEqual(["web-1", "web-2"]);
});

test("a pod that changes its owner, or goes, is found where it is now", () => {
  const { cluster, view } = clusterOf({ pods: [aPod({ name: "p", owner: ownedBy("StatefulSet", "db") })] });
  const pen = cluster.pen("pods");
  pen.apply(changed(aPod({ name: "p", resourceVersion: "11", owner: ownedBy("StatefulSet", "cache") })));
  expect(view.podsOwnedBy(uid("uid-of-db"))).toEqual([]);
  expect(namesOf(view.podsOwnedBy(uid("uid-of-cache")))).toEqual(["p"]);
  pen.apply(deleted("p", 12));
  expect(view.podsOwnedBy(uid("uid-of-cache"))).toEqual([]);
});

test("pods are selected within their namespace, and by nothing that is no selector", () => {
  const { view } = clusterOf({
    pods: [
      aPod({ name: "a" }, { app: "web" }),
      aPod({ name: "b" }, { app: "api" }),
      aPod({ name: "c", namespace: "other" }, { app: "web" }),
    ],
  });
  expect(namesOf(view.podsSelectedBy("shop", "app in (web,api)"))).toEqual(["a", "b"]);
  expect(namesOf(view.podsSelectedBy("shop", "app=web"))).toEqual(["a"]);
  expect(namesOf(view.podsSelectedBy("other", "app=web"))).toEqual(["c"]);
  expect(view.podsSelectedBy("shop", "app in web")).toEqual([]);
  expect(view.podsSelectedBy("shop", ""), "the empty selector").toEqual([]);
  expect(view.podsSelectedBy("nowhere", "app=web")).toEqual([]);
});

test("the policies of a target come oldest first, whatever version of its API they name", () => {
  const policy = (name: string, createdAt: number, apiVersion = "apps/v1", id = name) => ({
    ...aPolicyObject({ name, uid: uid(id), createdAt: epochMillis(createdAt) }),
    spec: { targetRef: { ...web, apiVersion } },
  });
  const { view } = clusterOf({
    scalepolicies: [
      policy("young", 3000),
      policy("old", 1000, "apps/v1beta1"),
      policy("twin-b", 2000, "apps/v1", "b"),
      policy("twin-a", 2000, "apps/v1", "a"),
      policy("other-group", 500, "example.com/v1"),
    ],
  });
  const names = view.policiesTargeting(webKey).map(({ meta }) => meta.name);
  expect(names).toEqual(["old", "twin-a", "twin-b", "young"]);
});

test.each([
  ["no spec", undefined],
  ["a spec of another shape", "web"],
  ["no target", {}],
  ["half a target", { targetRef: { kind: "Deployment", name: "web" } }],
  ["a target of another shape", { targetRef: { ...web, name: 7 } }],
  ["a target of null", { targetRef: null }],
])("a policy with %s is kept, and targets nothing", (_, spec) => {
  const { view } = clusterOf({ scalepolicies: [{ ...aPolicyObject(), spec }] });
  expect(view.of.scalepolicies.count()).toBe(1);
  expect(view.policiesTargeting(webKey)).toEqual([]);
});

test("a policy that is pointed elsewhere leaves its former target", () => {
  const aimed = (name: string, resourceVersion: string) => ({
    ...aPolicyObject({ name: "p", resourceVersion }),
    spec: { targetRef: { ...web, name } },
  });
  const { cluster, view } = clusterOf({ scalepolicies: [aimed("web", "1")] });
  cluster.pen("scalepolicies").apply(changed(aimed("api", "11")));
  expect(view.policiesTargeting(webKey)).toEqual([]);
  expect(namesOf(view.policiesTargeting(targetKey("shop", { ...web, name: "api" })))).toEqual(["p"]);
});

test("foreign autoscalers are found by their target", () => {
  const { view } = clusterOf({ horizontalpodautoscalers: [anAutoscaler()] });
  expect(namesOf(view.autoscalersTargeting(webKey))).toEqual(["web-hpa"]);
  expect(view.autoscalersTargeting(objectKey("shop", "web"))).toEqual([]);
});

test("a change is told with its kind, once its lookups hold", () => {
  const found: string[][] = [];
  const cluster = createCluster((change) => {
    if (change.kind === "pods") found.push(namesOf(cluster.view.podsOwnedBy(uid("uid-of-db"))));
  });
  const pods = ["db-0", "db-1"].map((name) => aPod({ name, owner: ownedBy("StatefulSet", "db") }));
  for (const event of listing("10", pods)) cluster.pen("pods").apply(event);
  expect(found).toEqual([
    ["db-0", "db-1"],
    ["db-0", "db-1"],
  ]);
});

test("lookups hold what a search through the whole cache finds, after any history", () => {
  const step = fc.record({
    name: fc.constantFrom("a", "b", "c"),
    owner: fc.constantFrom("x", "y", undefined),
    namespace: fc.constantFrom("shop", "other"),
    act: fc.constantFrom("write", "delete", "relist"),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const { cluster, view } = clusterOf({});
      const pen = cluster.pen("pods");
      steps.forEach(({ name, owner, namespace, act }, index) => {
        const resourceVersion = `${index + 11}`;
        const by = owner === undefined ? undefined : ownedBy("StatefulSet", owner);
        const pod = aPod({ name, namespace, resourceVersion, owner: by });
        const key = objectKey(namespace, name);
        if (act === "write") pen.apply({ kind: "changed", object: pod, resourceVersion });
        else if (act === "delete") pen.apply({ kind: "deleted", key, resourceVersion });
        else for (const event of listing(resourceVersion, [pod])) pen.apply(event);
      });
      const all = [...view.of.pods.all()];
      for (const owner of ["x", "y"])
        expect(new Set(view.podsOwnedBy(uid(`uid-of-${owner}`)))).toEqual(
          new Set(all.filter(({ meta }) => meta.owner?.name === owner)),
        );
      for (const namespace of ["shop", "other"])
        expect(new Set(view.podsSelectedBy(namespace, "!label"))).toEqual(
          new Set(all.filter(({ meta }) => meta.namespace === namespace)),
        );
    }),
  );
});
