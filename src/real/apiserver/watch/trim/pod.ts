/**
 * A pod, trimmed to what a decision reads: a hundredth of its JSON, and its shape shared with its siblings.
 *
 * Invariant: an amount that is not set, or cannot be read, is absent and never 0.
 */
import { nodeName } from "../../../../base/ids.ts";
import { type EpochMillis, epochMillis } from "../../../../base/units.ts";
import type { ContainerRole, ContainerShape, Pod, PodPhase, PodShape } from "../../../../cluster/pod.ts";
import { trimAmounts } from "./amounts.ts";
import { oomKills } from "./kills.ts";
import { type Shared, sharedText, trimLabels, trimMeta, trimReady } from "./meta.ts";
import { trimResize } from "./resize.ts";
import { isRecord, moment, type Raw, record, records, text } from "./raw.ts";

const PHASES: ReadonlySet<string> = new Set<PodPhase>(["Pending", "Running", "Succeeded", "Failed"]);

export function trimPod(raw: Raw, shared: Shared): Pod | undefined {
  const meta = trimMeta(raw, shared);
  if (meta === undefined) return undefined;
  const [spec, status] = [record(raw["spec"]), record(raw["status"])];
  const node = text(spec["nodeName"]);
  const shape = trimShape(spec, shared);
  return {
    meta,
    labels: trimLabels(raw, shared),
    shape,
    node: node === undefined ? undefined : nodeName(sharedText(node, shared)),
    phase: trimPhase(status["phase"]),
    startTime: moment(status["startTime"]),
    readiness: trimReady(raw, meta),
    runningSince: runningSince(shape, status),
    oomKills: oomKills(shape, status),
    ...trimResize(raw, { shape, meta }),
  };
}

const trimPhase = (phase: unknown): PodPhase =>
  typeof phase === "string" && PHASES.has(phase) ? (phase as PodPhase) : "Unknown";

/** Looked up by its JSON, so that the quantities of a template are read once and not once a pod. */
export function trimShape(spec: Raw, { shapes }: Shared): PodShape {
  const main = records(spec["containers"]).map((raw) => ({ raw, role: "main" as const }));
  const init = records(spec["initContainers"]).map((raw) => ({ raw, role: initRole(raw) }));
  const containers = [...main, ...init];
  const key = JSON.stringify([
    containers.map(({ raw, role }) => [raw["name"], role, raw["resources"], raw["resizePolicy"]]),
    spec["resources"],
    spec["overhead"],
  ]);
  return shapes.get(key, () => {
    const podRequests = record(spec["resources"])["requests"];
    return {
      containers: containers.map(({ raw, role }) => trimContainer(raw, role)),
      podRequests: isRecord(podRequests) ? trimAmounts(podRequests) : undefined,
      overhead: trimAmounts(spec["overhead"]),
    };
  });
}

/** Only an init container that always restarts runs beside the main ones (KEP-753). */
const initRole = (raw: Raw): ContainerRole => (raw["restartPolicy"] === "Always" ? "sidecar" : "init");

function trimContainer(raw: Raw, role: ContainerRole): ContainerShape {
  const resources = record(raw["resources"]);
  return {
    name: text(raw["name"]) ?? "",
    role,
    requests: trimAmounts(resources["requests"]),
    limits: trimAmounts(resources["limits"]),
    ...trimResizePolicy(raw["resizePolicy"]),
  };
}

function trimResizePolicy(policies: unknown): Pick<ContainerShape, "restartsFor"> {
  const restarting = records(policies).filter(({ restartPolicy }) => restartPolicy === "RestartContainer");
  const names = restarting.map(({ resourceName }) => resourceName);
  const restartsFor = (["cpu", "memory"] as const).filter((name) => names.includes(name));
  return restartsFor.length === 0 ? {} : { restartsFor };
}

/** The youngest start among the containers that must all run; undefined unless all of them do. */
function runningSince({ containers }: PodShape, status: Raw): EpochMillis | undefined {
  const starts = new Map<string, EpochMillis>();
  for (const list of [status["containerStatuses"], status["initContainerStatuses"]])
    for (const { name, state } of records(list)) {
      const startedAt = moment(record(record(state)["running"])["startedAt"]);
      if (typeof name === "string" && startedAt !== undefined) starts.set(name, startedAt);
    }
  let youngest: EpochMillis | undefined;
  for (const { name, role } of containers) {
    if (role === "init") continue;
    const start = starts.get(name);
    if (start === undefined) return undefined;
    youngest = epochMillis(Math.max(youngest ?? start, start));
  }
  return youngest;
}
