/**
 * CPU and memory out of a resource list of the API.
 *
 * Invariant: an amount that is not set, or cannot be read, is absent and never 0.
 */
import { readAmount } from "../../../../base/quantity.ts";
import type { Amounts } from "../../../../base/units.ts";
import { record } from "./raw.ts";

export function trimAmounts(raw: unknown): Amounts {
  const amounts = record(raw);
  const [cpu, memory] = [readAmount(amounts["cpu"]), readAmount(amounts["memory"])];
  return { ...(cpu !== undefined && { cpu }), ...(memory !== undefined && { memory }) };
}
