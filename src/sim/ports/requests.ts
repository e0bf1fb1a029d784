/**
 * The simulated API server's writes of requests: a running pod's resize, and a workload's template.
 *
 * Invariant: what the real one refuses (a request over its limit, another QoS class, a container that is not
 * there) is refused, and a dry run stores nothing.
 */
import type { ResizePort, TemplateBasis, TemplatePort } from "../../actuate/request-port.ts";
import type { Failure, WriteOutcome } from "../../base/outcome.ts";
import { objectKey } from "../../base/ids.ts";
import { type Amounts, milliUnits, type RequestAmounts } from "../../base/units.ts";
import { resourcesOf } from "../../actuate/requests/resizable-pod.ts";
import { REQUESTS_ANNOTATION } from "../../coordinate/requests/annotation.ts";
import type { ContainerResources } from "../../coordinate/requests/plan.ts";
import { qosOf } from "../../coordinate/requests/qos.ts";
import { RESOURCES } from "../../vertical/amount.ts";
import type { ContainerBlueprint } from "../model/blueprint.ts";
import type { SimCluster } from "../model/cluster.ts";
import { resizeRunningPod } from "../model/resizing.ts";
import type { RunningPod, RunningWorkload } from "../model/running.ts";
import { findWorkload, objectOfWorkload, rollOut } from "../model/workloads.ts";
import type { Caller } from "./call.ts";

export function createResizePort(cluster: SimCluster, call: Caller): ResizePort {
  return {
    resizePod({ namespace, name, uid, resourceVersion }, to, limit) {
      const write = (): WriteOutcome => {
        const pod = findPod(cluster, objectKey(namespace, name));
        const stored = cluster.registry.get("pods", objectKey(namespace, name));
        if (pod === undefined || stored === undefined)
          return { kind: "absent", message: `pods "${name}" not found` };
        if (stored.meta.uid !== uid || stored.meta.resourceVersion !== resourceVersion)
          return { kind: "conflict", message: `pods "${name}" has been modified` };
        const before = pod.wanted ?? pod.blueprint.containers;
        const after = changed(before, to);
        const wrong =
          stored.phase === "Running" ? complaintAbout(before, after) : "a pod is resized while it runs";
        if (after === undefined || wrong !== undefined) return refused(wrong ?? "no such container");
        const { meta } = resizeRunningPod(cluster, pod, after);
        return { kind: "written", resourceVersion: meta.resourceVersion };
      };
      return call({ verb: "resize-pod", about: `${namespace}/${name}` }, write, limit);
    },
  };
}

export function createTemplatePort(cluster: SimCluster, call: Caller): TemplatePort {
  return {
    readTemplate: (namespace, target, signal) => {
      const read = () => {
        const workload = findWorkload(cluster, namespace, target);
        if (workload === undefined) return absent(target);
        return { kind: "read", value: basisOf(cluster, workload) } as const;
      };
      return call({ verb: "read-template", about: `${namespace}/${target.name}` }, read, { signal });
    },
    writeTemplate: ({ namespace, reference, basis }, to, { dryRun, ...limit }) => {
      const write = (): WriteOutcome => {
        const workload = findWorkload(cluster, namespace, reference);
        if (workload === undefined) return absent(reference);
        const { meta } = objectOfWorkload(cluster, workload);
        if (meta.uid !== basis.uid || meta.resourceVersion !== basis.resourceVersion)
          return { kind: "conflict", message: `${reference.kind} "${reference.name}" has been modified` };
        const before = workload.blueprint.containers;
        const after = changed(before, to.containers);
        if (after === undefined) return { kind: "conflict", message: "the template has other containers" };
        if (overLimit(after)) return refused("a request must be less than or equal to its limit");
        if (!dryRun) store(cluster, workload, { containers: after, annotation: to.annotation });
        return { kind: "written", resourceVersion: objectOfWorkload(cluster, workload).meta.resourceVersion };
      };
      return call({ verb: "write-template", about: `${namespace}/${reference.name}` }, write, limit);
    },
  };
}

type NewTemplate = Readonly<{ containers: readonly ContainerBlueprint[]; annotation: string }>;

function store(
  cluster: SimCluster,
  workload: RunningWorkload,
  { containers, annotation }: NewTemplate,
): void {
  const { [REQUESTS_ANNOTATION]: _, ...others } = workload.annotations;
  workload.annotations = annotation === "" ? others : { ...others, [REQUESTS_ANNOTATION]: annotation };
  workload.templateWrittenAt = cluster.time.wall();
  rollOut(cluster, workload, { containers });
}

function basisOf(cluster: SimCluster, workload: RunningWorkload): TemplateBasis {
  const { uid, resourceVersion } = objectOfWorkload(cluster, workload).meta;
  const { containers, gitOps } = workload.blueprint;
  return {
    uid,
    resourceVersion,
    containers: containers
      .filter(({ role = "main" }) => role === "main")
      .map((container) => ({ ...resourcesOf(container), written: undefined })),
    annotations: workload.annotations,
    gitOps,
    writtenAt: workload.templateWrittenAt,
  };
}

function findPod({ workloads }: SimCluster, key: RunningPod["key"]): RunningPod | undefined {
  for (const { pods } of workloads.values()) {
    const pod = pods.get(key);
    if (pod !== undefined) return pod;
  }
  return undefined;
}

/** undefined when a container is wanted that is not there. */
function changed(
  before: readonly ContainerBlueprint[],
  to: readonly ContainerResources[],
): readonly ContainerBlueprint[] | undefined {
  const wanted = new Map(to.map((one) => [one.container, one]));
  if (to.some(({ container }) => !before.some(({ name }) => name === container))) return undefined;
  return before.map((one) => {
    const change = wanted.get(one.name);
    if (change === undefined) return one;
    const requests = { ...one.requests, ...inMilli(change.requests) };
    return { ...one, requests, limits: { ...one.limits, ...inMilli(change.limits) } };
  });
}

const inMilli = ({ cpu, memory }: RequestAmounts): Amounts => ({
  ...(cpu !== undefined && { cpu: milliUnits(cpu) }),
  ...(memory !== undefined && { memory: milliUnits(memory * 1000) }),
});

function complaintAbout(
  before: readonly ContainerBlueprint[],
  after: readonly ContainerBlueprint[] | undefined,
): string | undefined {
  if (after === undefined) return "a resize may not add a container";
  if (overLimit(after)) return "a request must be less than or equal to its limit";
  const [was, would] = [before, after].map((containers) => qosOf(containers.map(resourcesOf)));
  return was === would ? undefined : "Pod QOS Class may not change as a result of resizing";
}

const overLimit = (containers: readonly ContainerBlueprint[]): boolean =>
  containers.some(({ requests, limits }) =>
    RESOURCES.some((name) => (requests[name] ?? 0) > (limits[name] ?? Infinity)),
  );

const refused = (message: string) => ({ kind: "refused", status: 422, message }) as const;

const absent = ({ kind, name }: Readonly<{ kind: string; name: string }>): Failure => ({
  kind: "absent",
  message: `${kind} "${name}" not found`,
});
