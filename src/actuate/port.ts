/**
 * What acting needs of the world: read and write the `scale` subresource of anything that has one.
 */
import type { Uid } from "../base/ids.ts";
import type { ReadOutcome, WriteOutcome } from "../base/outcome.ts";
import type { Millis } from "../base/units.ts";
import type { TargetReference } from "../cluster/workload.ts";

/** An autoscaling/v1 Scale, read live. */
export type Scale = Readonly<{
  uid: Uid;
  resourceVersion: string;
  /** spec.replicas: what is wanted. */
  replicas: number;
  /** status.replicas: what its owner sees. */
  observedReplicas: number;
  /** status.selector in its text form; undefined when the kind publishes none. */
  selector: string | undefined;
}>;

export type ScaleWish = Readonly<{
  replicas: number;
  /**
   * How long from now the write is of use, which is no longer than the Lease is ours. After that it does not
   * leave, and one that is on its way is broken off: `unreachable`, for it may have happened.
   */
  within: Millis;
  /** Breaks it off before that. */
  signal: AbortSignal;
}>;

export interface ScalePort {
  /** `signal` breaks it off. */
  readScale(namespace: string, target: TargetReference, signal?: AbortSignal): Promise<ReadOutcome<Scale>>;
  /** PUT with the basis' resourceVersion and uid: anyone else's write since then is a conflict. */
  writeScale(
    namespace: string,
    target: TargetReference,
    basis: Scale,
    wish: ScaleWish,
  ): Promise<WriteOutcome>;
}
