/**
 * The simulated API server's writes: scales, policy status, events, and the Lease.
 *
 * Invariant: a write happens on the version it was based on, or not at all; it takes a moment, and what
 * stands there at its end decides.
 */
import type { ScalePort } from "../../actuate/port.ts";
import type { ResizePort, TemplatePort } from "../../actuate/request-port.ts";
import type { Failure, ReadOutcome, WriteOutcome } from "../../base/outcome.ts";
import type { Uid } from "../../base/ids.ts";
import type { EpochMillis } from "../../base/units.ts";
import { keyOf } from "../../cluster/object.ts";
import type { TargetReference } from "../../cluster/workload.ts";
import type { LeasePort } from "../../reconcile/port.ts";
import { type ReportedEvent, type ReportPort, subjectOf } from "../../report/port.ts";
import type { SimCluster } from "../model/cluster.ts";
import type { Scalable } from "../model/registry.ts";
import type { RunningWorkload } from "../model/running.ts";
import { findWorkload, objectOfWorkload, setReplicas } from "../model/workloads.ts";
import type { Caller } from "./call.ts";
import { createCaller } from "./call.ts";
import type { Fault } from "./fault.ts";
import type { HeldLease, LeaseShelf } from "./lease.ts";
import { createLeasePort, heldLease } from "./lease.ts";
import { createResizePort, createTemplatePort } from "./requests.ts";

/** A replica count that was written through the API, for whoever judges a run. */
export type ScaleWrite = Readonly<{
  at: EpochMillis;
  namespace: string;
  target: TargetReference;
  uid: Uid;
  from: number;
  to: number;
  /** As it stood when this was carried out. */
  lease: HeldLease | undefined;
}>;

export type ApiState = {
  readonly events: ReportedEvent[];
  readonly writes: ScaleWrite[];
  readonly lease: LeaseShelf;
};

export const FIELD_MANAGER = "plimsoll";

export function createApi(
  cluster: SimCluster,
  faults: readonly Fault[],
  state: ApiState,
): ScalePort & ResizePort & TemplatePort & ReportPort & LeasePort {
  const caller = createCaller(cluster, faults);
  return {
    ...createScalePort(cluster, caller, state),
    ...createResizePort(cluster, caller),
    ...createTemplatePort(cluster, caller),
    ...createReportPort(cluster, caller, state),
    ...createLeasePort(cluster, caller, state.lease),
  };
}

function createScalePort(cluster: SimCluster, call: Caller, { writes, lease }: ApiState): ScalePort {
  const find = (namespace: string, target: TargetReference): RunningWorkload | undefined =>
    findWorkload(cluster, namespace, target);
  return {
    readScale: (namespace, target, signal) => {
      const about = `${namespace}/${target.name}`;
      const read = () => {
        const workload = find(namespace, target);
        return workload === undefined ? absent(target) : scaleOf(cluster, workload);
      };
      return call({ verb: "read-scale", about }, read, { signal });
    },
    writeScale: (namespace, target, basis, { replicas, ...limit }) => {
      const about = `${namespace}/${target.name}`;
      const write = (): WriteOutcome => {
        const workload = find(namespace, target);
        if (workload === undefined) return absent(target);
        const { meta, replicas: from } = objectOfWorkload(cluster, workload);
        if (meta.uid !== basis.uid || meta.resourceVersion !== basis.resourceVersion)
          return { kind: "conflict", message: `${target.kind} "${target.name}" has been modified` };
        if (!Number.isInteger(replicas) || replicas < 0)
          return { kind: "refused", status: 422, message: `spec.replicas: ${replicas} must not be negative` };
        const written = setReplicas(cluster, workload, { replicas, manager: FIELD_MANAGER });
        const change = { namespace, target, uid: meta.uid, from, to: replicas };
        if (from !== replicas)
          writes.push({ at: cluster.time.wall(), ...change, lease: heldLease(lease, cluster.time.now()) });
        return { kind: "written", resourceVersion: written.meta.resourceVersion };
      };
      return call({ verb: "write-scale", about }, write, limit);
    },
  };
}

function scaleOf(cluster: SimCluster, workload: RunningWorkload): ReadOutcome<ScaleValue> {
  const { meta, replicas, status }: Scalable = objectOfWorkload(cluster, workload);
  const { uid, resourceVersion, name } = meta;
  const value = {
    uid,
    resourceVersion,
    replicas,
    observedReplicas: status.replicas,
    selector: `app=${workload.blueprint.app ?? name}`,
  };
  return { kind: "read", value };
}

type ScaleValue = Parameters<ScalePort["writeScale"]>[2];

function createReportPort({ registry }: SimCluster, call: Caller, { events }: ApiState): ReportPort {
  return {
    writeStatus(policy, status, signal) {
      const write = (): WriteOutcome => {
        const stored = registry.get("scalepolicies", keyOf({ meta: policy }));
        if (stored === undefined)
          return { kind: "absent", message: `scalepolicies "${policy.name}" not found` };
        if (stored.meta.uid !== policy.uid || stored.meta.resourceVersion !== policy.resourceVersion)
          return { kind: "conflict", message: `scalepolicies "${policy.name}" has been modified` };
        const plain: unknown = JSON.parse(JSON.stringify(status));
        const same = JSON.stringify(plain) === JSON.stringify(stored.status);
        const { meta } = same ? stored : registry.put("scalepolicies", { ...stored, status: plain });
        return { kind: "written", resourceVersion: meta.resourceVersion };
      };
      return call({ verb: "write-status", about: keyOf({ meta: policy }) }, write, { signal });
    },
    emit(event, signal) {
      const write = (): WriteOutcome => {
        events.push(event);
        return { kind: "written", resourceVersion: registry.nextRevision() };
      };
      return call({ verb: "emit", about: keyOf({ meta: subjectOf(event) }) }, write, { signal });
    },
  };
}

const absent = ({ kind, name }: TargetReference): Failure => ({
  kind: "absent",
  message: `${kind} "${name}" not found`,
});
