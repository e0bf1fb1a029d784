/**
 * Batches for tests of the store: one node, pods by name, stamps in milliseconds after T0.
 */
import { nodeName, uid } from "../../src/base/ids.ts";
import { epochMillis, monoMillis } from "../../src/base/units.ts";
import type { ContainerSample, PodSamples, SampleBatch } from "../../src/store/batch.ts";

export const T0 = 1_790_000_000_000;
export const NODE = nodeName("node-1");
export const WEB = uid("uid-of-web");

const NANOS_PER_SECOND = 1e9;

/** CPU in seconds; start in seconds after T0, long ago unless said otherwise, null when the kubelet is silent on it. */
export type Given = Readonly<{
  at: number;
  cpu: number;
  memory?: number;
  start?: number | null;
  container?: string;
}>;

export function aSample({
  at,
  cpu,
  memory = 1000,
  start = -1000,
  container = "app",
}: Given): ContainerSample {
  return {
    container,
    cpu: Math.trunc(cpu * NANOS_PER_SECOND),
    memory,
    at: epochMillis(T0 + at),
    start: start === null ? undefined : (T0 / 1000 + start) * NANOS_PER_SECOND,
  };
}

export function aPod(samples: readonly Given[], over: Partial<PodSamples> = {}): PodSamples {
  return { pod: WEB, expected: ["app"], samples: samples.map(aSample), unusable: [], ...over };
}

/** `arrivedAt` in milliseconds. */
export function aBatch(
  arrivedAt: number,
  pods: readonly PodSamples[],
  over: Partial<SampleBatch> = {},
): SampleBatch {
  return { node: NODE, arrivedAt: monoMillis(arrivedAt), nodeSample: undefined, pods, ...over };
}
