/**
 * A pod as a wave of resizes sees it, in the units of requests.
 */
import { bytes, type EpochMillis, milliCores, type RequestAmounts } from "../../base/units.ts";
import type { Amounts } from "../../base/units.ts";
import type { ContainerShape, Pod } from "../../cluster/pod.ts";
import type { ContainerResources } from "../../coordinate/requests/plan.ts";
import type { PodBasis } from "../request-port.ts";

export type ResizablePod = Readonly<{
  basis: PodBasis;
  createdAt: EpochMillis;
  /** All its containers run: only then does the API server take a resize. */
  running: boolean;
  ready: boolean;
  /** Of the main containers: what the spec asks for. */
  desired: readonly ContainerResources[];
  /** What the kubelet has granted. */
  allocated: readonly ContainerResources[];
  resize: Pod["resize"];
  resizedAt: EpochMillis | undefined;
}>;

/** Pods that end, or have ended, are none of ours. */
export function resizablePods(pods: readonly Pod[]): readonly ResizablePod[] {
  return pods
    .filter(({ meta, phase }) => !meta.deleting && (phase === "Running" || phase === "Pending"))
    .map(resizablePod)
    .toSorted((one, other) => (one.basis.name < other.basis.name ? -1 : 1));
}

export function resizablePod(pod: Pod): ResizablePod {
  const { namespace, name, uid, resourceVersion, createdAt } = pod.meta;
  const main = pod.shape.containers.filter(({ role }) => role === "main");
  const desired = main.map(resourcesOf);
  const granted = new Map(pod.resize?.allocated.map((one) => [one.name, resourcesOf(one)]));
  return {
    basis: { namespace, name, uid, resourceVersion },
    createdAt,
    running: pod.phase === "Running" && pod.runningSince !== undefined,
    ready: pod.readiness?.status === "True",
    desired,
    allocated: desired.map((one) => granted.get(one.container) ?? one),
    resize: pod.resize,
    resizedAt: pod.resizedAt,
  };
}

/** The memory of a request is whole bytes: a part of one counts as one. */
export function resourcesOf({
  name,
  requests,
  limits,
}: Pick<ContainerShape, "name" | "requests" | "limits">): ContainerResources {
  return { container: name, requests: requestAmounts(requests), limits: requestAmounts(limits) };
}

const requestAmounts = ({ cpu, memory }: Amounts): RequestAmounts => ({
  ...(cpu !== undefined && { cpu: milliCores(cpu) }),
  ...(memory !== undefined && { memory: bytes(Math.ceil(memory / 1000)) }),
});
