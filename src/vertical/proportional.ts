/**
 * Limits that keep their ratio to the request, and the requests at which such a limit meets a boundary.
 *
 * Invariant: whole millicores and bytes, divided without loss and cut; what would pass AMOUNT_MAX stays
 * there.
 *
 *   limit    request   recommended   new limit
 *   200 m    100 m     150 m         300 m
 *   100 m    33 m      50 m          151 m       151.5 cut
 *   200 m    none      150 m         150 m       Kubernetes takes the limit for the request
 *   100 m    100 m     150 m         150 m       they stay equal
 *   none     100 m     150 m         none        unless the namespace has a default limit
 *   200 m    100 m     none          none
 */
import { saturated, scaleExactly } from "./amount.ts";

/** Amounts of one resource; 0 and undefined are both none. */
export type RequestAndLimit = Readonly<{
  request: number | undefined;
  limit: number | undefined;
  /** Of the namespace's LimitRange for containers without a limit. */
  defaultLimit: number | undefined;
}>;

/** The limit for a recommended request; undefined for none. */
export function proportionalLimit(of: RequestAndLimit, recommended: number | undefined): number | undefined {
  const limit = exactLimit(of, recommended);
  return limit === undefined ? undefined : saturated(limit);
}

/** The same without an end: what sums are made of. */
export function exactLimit(
  { request, limit, defaultLimit }: RequestAndLimit,
  recommended: number | undefined,
): bigint | undefined {
  const original = limit || defaultLimit;
  if (!original || !recommended) return undefined;
  if (!request || request === original) return BigInt(recommended);
  return scaleExactly(original, recommended, request);
}

/** The request whose proportional limit is this boundary; undefined when there is no limit to keep. */
export function requestAtBoundary(
  { request, limit, defaultLimit }: RequestAndLimit,
  boundary: number,
): number | undefined {
  const original = limit || defaultLimit;
  if (!original) return undefined;
  return request ? saturated(scaleExactly(request, boundary, original)) : boundary;
}
