/**
 * What every object has, trimmed to what an autoscaler reads. Objects are values: a change is a new object.
 */
import type { ObjectKey, Uid } from "../base/ids.ts";
import { objectKey } from "../base/ids.ts";
import type { EpochMillis } from "../base/units.ts";

/** The controlling owner (`ownerReferences[]` with `controller: true`). */
export type Owner = Readonly<{ apiVersion: string; kind: string; name: string; uid: Uid }>;

export type Labels = Readonly<Record<string, string>>;

export type Meta = Readonly<{
  /** "" for a cluster-scoped object. */
  namespace: string;
  name: string;
  uid: Uid;
  resourceVersion: string;
  /** 0 where the API does not count generations (pods). */
  generation: number;
  createdAt: EpochMillis;
  /** metadata.deletionTimestamp is set. */
  deleting: boolean;
  owner: Owner | undefined;
}>;

export const keyOf = ({ meta }: { readonly meta: Meta }): ObjectKey => objectKey(meta.namespace, meta.name);
