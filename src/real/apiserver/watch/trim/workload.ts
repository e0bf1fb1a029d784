/**
 * Deployments, StatefulSets and ReplicaSets, trimmed.
 *
 * Invariant: a field that the API leaves out has the value that the API gives it by default.
 */
import type { EpochMillis } from "../../../../base/units.ts";
import type { Meta } from "../../../../cluster/object.ts";
import type { ReplicaSet, Workload } from "../../../../cluster/workload.ts";
import { annotation, condition, conditionSince, type Shared, trimMeta } from "./meta.ts";
import { count, isRecord, moment, type Raw, record, records, text } from "./raw.ts";

const REVISION = "deployment.kubernetes.io/revision";

export const trimDeployment = (raw: Raw, shared: Shared): Workload | undefined =>
  trimWorkload(raw, "Deployment", shared);
export const trimStatefulSet = (raw: Raw, shared: Shared): Workload | undefined =>
  trimWorkload(raw, "StatefulSet", shared);

export function trimReplicaSet(raw: Raw, shared: Shared): ReplicaSet | undefined {
  const meta = trimMeta(raw, shared);
  if (meta === undefined) return undefined;
  const revision = Number(annotation(raw, REVISION));
  return { meta, replicas: replicasOf(raw), revision: Number.isSafeInteger(revision) ? revision : 0 };
}

function trimWorkload(raw: Raw, kind: Workload["kind"], shared: Shared): Workload | undefined {
  const meta = trimMeta(raw, shared);
  if (meta === undefined) return undefined;
  const spec = record(raw["spec"]);
  const strategy = record(spec["updateStrategy"]);
  return {
    meta,
    kind,
    replicas: replicasOf(raw),
    status: trimStatus(record(raw["status"])),
    paused: spec["paused"] === true,
    rollsByItself: strategy["type"] !== "OnDelete",
    partition: count(record(strategy["rollingUpdate"])["partition"]) ?? 0,
    stuckSince: stuckSince(raw, meta),
    replicaFailure: replicaFailure(raw, meta),
    scaledBy: scaledBy(record(raw["metadata"])),
  };
}

const replicasOf = ({ spec }: Raw): number => count(record(spec)["replicas"]) ?? 1;

/** The API leaves out what is 0. */
const trimStatus = (raw: Raw): Workload["status"] => ({
  observedGeneration: count(raw["observedGeneration"]) ?? 0,
  replicas: count(raw["replicas"]) ?? 0,
  updatedReplicas: count(raw["updatedReplicas"]) ?? 0,
  readyReplicas: count(raw["readyReplicas"]) ?? 0,
});

function stuckSince(raw: Raw, meta: Meta): EpochMillis | undefined {
  const progressing = condition(raw, "Progressing");
  if (progressing?.["status"] !== "False" || progressing["reason"] !== "ProgressDeadlineExceeded")
    return undefined;
  return conditionSince(progressing, meta);
}

function replicaFailure(raw: Raw, meta: Meta): Workload["replicaFailure"] {
  const failure = condition(raw, "ReplicaFailure");
  if (failure?.["status"] !== "True") return undefined;
  return { since: conditionSince(failure, meta), message: text(failure["message"]) ?? "" };
}

/**
 * The manager that owns spec.replicas, whether through the object or its scale subresource: who changes the
 * value takes it from all others. Several own it when they wrote the same value; of those, the one with the
 * latest time, of equal times the later entry. The API server (1.36) notes no time for a write through scale.
 */
function scaledBy({ managedFields }: Raw): Workload["scaledBy"] {
  let last: Workload["scaledBy"];
  for (const entry of records(managedFields)) {
    if (!isRecord(record(record(entry["fieldsV1"])["f:spec"])["f:replicas"])) continue;
    const [manager, at] = [text(entry["manager"]) ?? "", moment(entry["time"])];
    if ((at ?? 0) >= (last?.at ?? 0)) last = { manager, at };
  }
  return last;
}
