/**
 * What a kubelet says about a pod's resize: conditions since Kubernetes 1.33 (KEP-1287), and before it has
 * looked, the difference between what is asked for and what is granted.
 *
 * Invariant: nothing is told of a pod whose requests are in force as they are; that is nearly every one.
 */
import type { ContainerShape, Pod, PodShape } from "../../../../cluster/pod.ts";
import type { PodResize, ResizeState } from "../../../../cluster/pod.ts";
import type { Meta } from "../../../../cluster/object.ts";
import { MANAGER } from "../../naming.ts";
import { trimAmounts } from "./amounts.ts";
import { condition, conditionSince } from "./meta.ts";
import { moment, type Raw, record, records, text } from "./raw.ts";

type Known = Readonly<{ shape: PodShape; meta: Meta }>;

export function trimResize(raw: Raw, known: Known): Pick<Pod, "resize" | "resizedAt"> {
  const resize = resizeOf(raw, known);
  const resizedAt = resizedByUs(record(raw["metadata"]));
  return { ...(resize !== undefined && { resize }), ...(resizedAt !== undefined && { resizedAt }) };
}

function resizeOf(raw: Raw, { shape, meta }: Known): PodResize | undefined {
  const told = toldBy(raw);
  const allocated = allocatedOf(record(raw["status"]), shape);
  if (told !== undefined) {
    const message = text(told.condition["message"]) ?? "";
    return { state: told.state, since: conditionSince(told.condition, meta), message, allocated };
  }
  if (allocated.length === 0) return undefined;
  return {
    state: "proposed",
    since: resizedByUs(record(raw["metadata"])) ?? meta.createdAt,
    message: "",
    allocated,
  };
}

/** While one of them is there it is True; a pending one tells of the newest wish. */
function toldBy(raw: Raw): Readonly<{ state: ResizeState; condition: Raw }> | undefined {
  const pending = condition(raw, "PodResizePending");
  if (pending?.["status"] === "True")
    return { state: pending["reason"] === "Infeasible" ? "infeasible" : "deferred", condition: pending };
  const underWay = condition(raw, "PodResizeInProgress");
  if (underWay?.["status"] !== "True") return undefined;
  return { state: underWay["reason"] === "Error" ? "error" : "in-progress", condition: underWay };
}

/** Of the containers that have been granted something else than they ask for. */
function allocatedOf(status: Raw, { containers }: PodShape): PodResize["allocated"] {
  const differing: ContainerShape[] = [];
  for (const list of [status["containerStatuses"], status["initContainerStatuses"]])
    for (const raw of records(list)) {
      const shape = containers.find(({ name }) => name === raw["name"]);
      const inForce = record(raw["resources"]);
      if (shape === undefined || shape.role === "init" || raw["resources"] === undefined) continue;
      const requests = trimAmounts(raw["allocatedResources"] ?? inForce["requests"]);
      const limits = trimAmounts(inForce["limits"]);
      if (isSame(requests, shape.requests) && isSame(limits, shape.limits)) continue;
      differing.push({ ...shape, requests, limits });
    }
  return differing;
}

const isSame = (one: ContainerShape["requests"], other: ContainerShape["requests"]): boolean =>
  one.cpu === other.cpu && one.memory === other.memory;

/** When we last resized it; a pod that nobody resized has its requests from its template. */
function resizedByUs({ managedFields }: Raw): Pod["resizedAt"] {
  for (const { manager, subresource, time } of records(managedFields))
    if (manager === MANAGER && subresource === "resize") return moment(time);
  return undefined;
}
