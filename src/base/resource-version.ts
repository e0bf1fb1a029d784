/**
 * Comparing resourceVersions, official since Kubernetes 1.35 (KEP-5504): decimal text without leading
 * zeros, up to 2^128 − 1, so never a Number. Longer is later; of equal length the text decides.
 */

const DECIMAL = /^[1-9]\d*$/;

/** Whether `seen` is at or past `wanted`; undefined when the server's versions cannot be compared. */
export function hasReached(seen: string, wanted: string): boolean | undefined {
  if (!DECIMAL.test(seen) || !DECIMAL.test(wanted)) return undefined;
  return seen.length === wanted.length ? seen >= wanted : seen.length > wanted.length;
}
