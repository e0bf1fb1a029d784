/**
 * Objects and watch events for the tests of the believed cluster.
 */
import { type ObjectKey, objectKey, uid } from "../../src/base/ids.ts";
import type { Meta, Owner } from "../../src/cluster/object.ts";
import type { Pod } from "../../src/cluster/pod.ts";
import type { WatchEvent } from "../../src/cluster/watch-event.ts";
import type { ReplicaSet } from "../../src/cluster/workload.ts";
import { aMeta } from "../builders.ts";

export type Thing = Readonly<{ meta: Meta }>;

/** `version` is the resourceVersion; `life` tells a recreated object from its namesake. */
export const thing = (name: string, version = 1, life = 1): Thing => ({
  meta: aMeta({ name, uid: uid(`${name}-${life}`), resourceVersion: `${version}` }),
});

export const key = (name: string): ObjectKey => objectKey("shop", name);

export const listing = <T>(resourceVersion: string, objects: readonly T[]): WatchEvent<T>[] => [
  { kind: "listing-began" },
  ...objects.map((object) => ({ kind: "listed", object }) as const),
  { kind: "listing-ended", resourceVersion },
];

export const changed = <T extends Thing>(object: T): WatchEvent<T> => ({
  kind: "changed",
  object,
  resourceVersion: object.meta.resourceVersion,
});

export const deleted = (name: string, version: number): WatchEvent<never> => ({
  kind: "deleted",
  key: key(name),
  resourceVersion: `${version}`,
});

export const ownedBy = (kind: string, name: string): Owner => ({
  apiVersion: "apps/v1",
  kind,
  name,
  uid: uid(`uid-of-${name}`),
});

export function aPod(over: Partial<Meta> = {}, labels: Pod["labels"] = {}): Pod {
  return {
    meta: aMeta(over),
    labels,
    shape: { containers: [], podRequests: undefined, overhead: {} },
    node: undefined,
    phase: "Running",
    startTime: undefined,
    readiness: undefined,
    runningSince: undefined,
    oomKills: [],
  };
}

export const aReplicaSet = (over: Partial<Meta> = {}): ReplicaSet => ({
  meta: aMeta(over),
  replicas: 1,
  revision: 1,
});
