/**
 * A part of an increase: where not all of it fits, every container of the pod gets the same part of its own.
 *
 * Invariant: what goes down or stays is left alone; `part` 0 keeps every container at what it has.
 */
import { type RequestAmounts, type ResourceName } from "../../../base/units.ts";
import { withAmount } from "../amounts.ts";
import type { RequestQuestion } from "../question.ts";
import { type Draft, perContainer, type RequestReason, type RequestVerdict } from "../rail.ts";

/** What is asked of one resource by all containers that run beside each other. */
export function sumOf(
  of: readonly Readonly<{ requests: RequestAmounts; limits: RequestAmounts }>[],
  part: "requests" | "limits",
  resource: ResourceName,
): number {
  return of.reduce((sum, one) => sum + (one[part][resource] ?? 0), 0);
}

/** Init containers have ended when the others run. */
export const runningWishes = ({ wishes }: Draft, { containers }: RequestQuestion): Draft["wishes"] =>
  wishes.filter((_, at) => containers[at]?.role !== "init");
export const runningPresent = ({ containers }: RequestQuestion) =>
  containers.filter(({ role }) => role !== "init").map(({ present }) => present);

export type Shortening = Readonly<{
  resource: ResourceName;
  /** Of each container's increase, 0 to 1. */
  part: number;
  reason: RequestReason;
  why: string;
}>;

export function shortened(
  draft: Draft,
  question: RequestQuestion,
  { resource, part, reason, why }: Shortening,
): RequestVerdict | undefined {
  return perContainer(draft, question, (wish, { present }) => {
    const [to, from] = [wish.requests[resource] ?? 0, present.requests[resource] ?? 0];
    if (to <= from) return undefined;
    const requests = withAmount(wish.requests, resource, Math.floor(from + (to - from) * part));
    const [limit, before] = [wish.limits[resource], present.limits[resource] ?? 0];
    if (limit === undefined || limit <= before) return { wish: { ...wish, requests }, reason, why };
    const limits = withAmount(wish.limits, resource, Math.floor(before + (limit - before) * part));
    return { wish: { requests, limits }, reason, why };
  });
}
