/**
 * `resources` of a container, between the API's text and amounts in the units of requests.
 *
 * Invariant: what is written is merged into what was there; other resources and claims stay.
 */
import { z } from "zod";
import { type RequestAmounts, type ResourceName } from "../../../base/units.ts";
import { readRequest } from "../../../coordinate/requests/annotation.ts";
import type { Resources } from "../../../coordinate/requests/plan.ts";
import { requestAmounts } from "../../../vertical/amount.ts";
import { requestTexts } from "../../../vertical/text.ts";

const Amounts = z.record(z.string(), z.unknown()).default({});
const ResourcesObject = z.looseObject({ requests: Amounts, limits: Amounts }).prefault({});

/** A part that cannot be read is as if it were not there. */
export function readResources(written: unknown): Resources {
  const { requests = {}, limits = {} } = ResourcesObject.safeParse(written ?? {}).data ?? {};
  return { requests: readAmounts(requests), limits: readAmounts(limits) };
}

const readAmounts = (amounts: Readonly<Record<string, unknown>>): RequestAmounts =>
  requestAmounts((resource: ResourceName) => readRequest(resource, amounts[resource]));

/** Only what has an amount. */
export function resourcesBody({ requests, limits }: Resources): object {
  return { requests: requestTexts(requests), limits: requestTexts(limits) };
}

export function mergedResources(written: unknown, to: Resources): object {
  const { requests = {}, limits = {}, ...rest } = ResourcesObject.safeParse(written ?? {}).data ?? {};
  const merged = {
    requests: { ...requests, ...requestTexts(to.requests) },
    limits: { ...limits, ...requestTexts(to.limits) },
  };
  const filled = Object.entries(merged).filter(([, amounts]) => Object.keys(amounts).length > 0);
  return { ...rest, ...Object.fromEntries(filled) };
}
