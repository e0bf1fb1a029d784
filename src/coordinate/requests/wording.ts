/**
 * Requests in sentences: `cpu 500m → 345m, memory 512Mi → 300Mi`.
 *
 * Invariant: a sentence names only what differs, requests before limits.
 */
import { amountText } from "../../base/quantity.ts";
import { milliUnits, type ResourceName } from "../../base/units.ts";
import { RESOURCES } from "../../vertical/amount.ts";
import type { ContainerResources, Resources } from "./plan.ts";

const MEBI = 1024 * 1024;

/** CPU exactly, memory of 1 Mi and more in whole Mi: 345 → `345m`, 314572800 → `300Mi`. */
export function roundText(resource: ResourceName, amount: number): string {
  if (resource === "cpu") return amountText("cpu", milliUnits(amount));
  const mebi = Math.round(amount / MEBI);
  return mebi > 0 ? `${mebi}Mi` : amountText("memory", milliUnits(amount * 1000));
}

/** `cpu 500m → 345m, memory limit 1024Mi → 600Mi`; "" where nothing differs. */
export function changeText(from: Resources, to: Resources): string {
  const parts = RESOURCES.flatMap((resource) => [
    stepText(resource, resource, [from.requests[resource], to.requests[resource]]),
    stepText(resource, `${resource} limit`, [from.limits[resource], to.limits[resource]]),
  ]);
  return parts.filter((part) => part !== "").join(", ");
}

/** `app: cpu 500m → 345m; proxy: memory 64Mi → 80Mi`. */
export function changesText(
  changes: readonly ContainerResources[],
  present: (container: string) => Resources,
): string {
  return changes.map((to) => `${to.container}: ${changeText(present(to.container), to)}`).join("; ");
}

function stepText(
  resource: ResourceName,
  name: string,
  [from, to]: readonly [number | undefined, number | undefined],
): string {
  if (from === to) return "";
  const said = (amount: number | undefined): string =>
    amount === undefined ? "none" : roundText(resource, amount);
  return `${name} ${said(from)} → ${said(to)}`;
}
