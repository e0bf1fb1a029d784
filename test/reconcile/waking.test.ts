/**
 * Which changes wake which policies at once.
 */
import { describe, expect, test } from "vitest";
import { objectKey, uid } from "../../src/base/ids.ts";
import { type ClusterChange, createCluster } from "../../src/cluster/cluster.ts";
import { keyOf, type Meta } from "../../src/cluster/object.ts";
import type { ForeignAutoscaler, PolicyObject, Workload } from "../../src/cluster/workload.ts";
import { wokenBy } from "../../src/reconcile/due/waking.ts";
import { aMeta, anAutoscaler, aPolicyObject, aWorkload } from "../builders.ts";
import { aPod } from "../view/objects.ts";

const deployment = (name: string) => ({ apiVersion: "apps/v1", kind: "Deployment", name });
const policyOn = (target: string, over: Partial<Meta> = {}): PolicyObject => ({
  ...aPolicyObject({ name: target, ...over }),
  spec: { targetRef: deployment(target) },
});

/** Policies `web` and `api`, each on the Deployment of its name, and `rival` on `api` too. */
const { view, pen } = createCluster();
pen("scalepolicies").apply({ kind: "listing-began" });
for (const object of [policyOn("web"), policyOn("api"), policyOn("api", { name: "rival" })])
  pen("scalepolicies").apply({ kind: "listed", object });
pen("scalepolicies").apply({ kind: "listing-ended", resourceVersion: "1" });

const noNews = () => false;

/** From what an object was to what it is. */
type Row<T> = Readonly<{ when: string; previous?: T; object?: T; wakes: readonly string[] }>;

function wokenNames<T extends Readonly<{ meta: Meta }>>(
  kind: ClusterChange["kind"],
  { object, previous }: Row<T>,
  isNews = false,
): string[] {
  const key = keyOf((object ?? previous)!);
  const change = { kind, key, object, previous } as unknown as ClusterChange;
  return wokenBy(view, change, () => isNews)
    .map(({ policy }) => policy.replace("shop/", ""))
    .toSorted();
}

describe("a foreign autoscaler", () => {
  const known = anAutoscaler();
  const newer = { ...known.meta, resourceVersion: "2" };
  test.each<Row<ForeignAutoscaler>>([
    { when: "appears", object: known, wakes: ["web"] },
    { when: "has a new status", previous: known, object: { ...known, meta: newer }, wakes: [] },
    { when: "wants another count", previous: known, object: { ...known, desiredReplicas: 9 }, wakes: [] },
    {
      when: "moves to another target",
      previous: known,
      object: { ...known, target: deployment("api") },
      wakes: ["api", "rival", "web"],
    },
    {
      when: "moves to another version of the same target",
      previous: known,
      object: { ...known, target: { ...known.target, apiVersion: "apps/v2" } },
      wakes: [],
    },
    {
      when: "is being deleted",
      previous: known,
      object: { ...known, meta: { ...newer, deleting: true } },
      wakes: ["web"],
    },
    { when: "is gone", previous: known, wakes: ["web"] },
    {
      when: "of a target without a policy appears",
      object: { ...known, target: deployment("x") },
      wakes: [],
    },
  ])("that $when wakes $wakes", (row) => {
    expect(wokenNames("horizontalpodautoscalers", row)).toEqual(row.wakes);
  });
});

describe("a workload", () => {
  const known = aWorkload({ replicas: 4 });
  test.each<Row<Workload>>([
    { when: "appears", object: known, wakes: ["web"] },
    { when: "is scaled", previous: known, object: { ...known, replicas: 5 }, wakes: ["web"] },
    {
      when: "has a new status",
      previous: known,
      object: { ...known, status: { ...known.status, readyReplicas: 1 } },
      wakes: [],
    },
    {
      when: "is made anew",
      previous: known,
      object: { ...known, meta: aMeta({ uid: uid("made anew") }) },
      wakes: ["web"],
    },
    { when: "is gone", previous: known, wakes: ["web"] },
    {
      when: "of another namespace appears",
      object: aWorkload({ meta: aMeta({ namespace: "x" }) }),
      wakes: [],
    },
    {
      when: "of two policies appears",
      object: aWorkload({ meta: aMeta({ name: "api" }) }),
      wakes: ["api", "rival"],
    },
  ])("that $when wakes $wakes", (row) => {
    expect(wokenNames("deployments", row)).toEqual(row.wakes);
  });

  test("tells what it was scaled to, and nothing when it is gone", () => {
    const key = objectKey("shop", "web");
    const scaled = { kind: "deployments", key, object: { ...known, replicas: 5 }, previous: known } as const;
    expect(wokenBy(view, scaled, noNews)).toEqual([{ policy: key, trigger: "target-changed", replicas: 5 }]);
    const gone = { kind: "deployments", key, object: undefined, previous: known } as const;
    expect(wokenBy(view, gone, noNews)).toEqual([{ policy: key, trigger: "target-changed" }]);
  });

  test("of another kind wakes nobody", () => {
    expect(
      wokenNames("statefulsets", { when: "", object: { ...known, kind: "StatefulSet" }, wakes: [] }),
    ).toEqual([]);
  });
});

describe("a policy", () => {
  const known = policyOn("web");
  const edited = policyOn("web", { generation: 2, resourceVersion: "2" });
  test.each<Row<PolicyObject>>([
    { when: "appears", object: known, wakes: ["web"] },
    { when: "is edited", previous: known, object: edited, wakes: ["web"] },
    {
      when: "has its status written",
      previous: known,
      object: { ...policyOn("web", { resourceVersion: "2" }), status: {} },
      wakes: [],
    },
    {
      when: "is being deleted",
      previous: known,
      object: policyOn("web", { deleting: true }),
      wakes: ["web"],
    },
    {
      when: "is made anew",
      previous: known,
      object: policyOn("web", { uid: uid("made anew") }),
      wakes: ["web"],
    },
    {
      when: "moves to a target of others",
      previous: known,
      object: { ...edited, spec: { targetRef: deployment("api") } },
      wakes: ["api", "rival", "web"],
    },
    { when: "shared its target is gone", previous: policyOn("api"), wakes: ["api", "rival"] },
    { when: "names no target appears", object: { ...known, spec: {} }, wakes: ["web"] },
  ])("that $when wakes $wakes", (row) => {
    expect(wokenNames("scalepolicies", row)).toEqual(row.wakes);
  });
});

describe("a policy whose version is news by itself", () => {
  const known = policyOn("api");
  const newer = policyOn("api", { resourceVersion: "2" });

  test("is woken without an edit, and no rival with it", () => {
    expect(
      wokenNames("scalepolicies", { when: "", previous: known, object: newer, wakes: [] }, true),
    ).toEqual(["api"]);
  });

  test("wakes its rivals when it is gone, as any other", () => {
    expect(wokenNames("scalepolicies", { when: "", previous: known, wakes: [] }, true)).toEqual([
      "api",
      "rival",
    ]);
  });
});

test("a pod that comes, changes or goes wakes nobody", () => {
  expect(wokenNames("pods", { when: "", object: aPod({ name: "web" }), wakes: [] })).toEqual([]);
});
