/**
 * The QoS class of a pod, as the API server computes it from its containers; a resize that would change it is
 * refused, and a template that would changes how the kubelet treats the pod.
 */
import { RESOURCES } from "../../vertical/amount.ts";
import type { Resources } from "./plan.ts";

export type QosClass = "Guaranteed" | "Burstable" | "BestEffort";

/** Ordinary init containers and sidecars count like the others. */
export function qosOf(containers: readonly Resources[]): QosClass {
  const sets = (part: "requests" | "limits", one: Resources): boolean =>
    RESOURCES.some((resource) => (one[part][resource] ?? 0) > 0);
  if (!containers.some((one) => sets("requests", one) || sets("limits", one))) return "BestEffort";
  const isGuaranteed = ({ requests, limits }: Resources): boolean =>
    RESOURCES.every(
      (name) => limits[name] !== undefined && (requests[name] ?? limits[name]) === limits[name],
    );
  return containers.every(isGuaranteed) ? "Guaranteed" : "Burstable";
}
