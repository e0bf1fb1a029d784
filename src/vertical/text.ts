/**
 * Recommended amounts as the VPA prints them: CPU in decimal units, memory in binary ones where it divides.
 *
 *   cpu 250 → `250m`      cpu 2000 → `2`      memory 262144000 → `250Mi`      memory 126805489 → `126805489`
 *   without confidence: cpu 1e14 → `100G`, memory 1e14 → `97656250000Ki`
 */
import { quantityText } from "../base/quantity.ts";
import type { RequestAmounts, ResourceName } from "../base/units.ts";

const NANO_PER: Readonly<Record<ResourceName, bigint>> = { cpu: 1_000_000n, memory: 1_000_000_000n };

/** An amount of one resource as a quantity. */
export const requestText = (resource: ResourceName, amount: number): string =>
  quantityText({
    nano: BigInt(amount) * NANO_PER[resource],
    format: resource === "cpu" ? "DecimalSI" : "BinarySI",
  });

/** The resources that have an amount, as the API takes them. */
export const requestTexts = (amounts: RequestAmounts): Partial<Record<ResourceName, string>> =>
  Object.fromEntries(
    Object.entries(amounts).map(([resource, amount]) => [
      resource,
      requestText(resource as ResourceName, amount),
    ]),
  );
