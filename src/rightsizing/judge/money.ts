/**
 * What requests cost. A node is paid for by what is asked of it, so a container costs its requests.
 *
 * Invariant: money is whole cents, rounded once per row and resource, so that rows add up to their totals.
 */
import type { ResourceName } from "../../base/units.ts";

export type Prices = Readonly<{
  currency: string;
  /** Per core and hour. */
  cpuCoreHour: number;
  /** Per GiB and hour. */
  memoryGiBHour: number;
  /** Where the figures are from, and when they were read there. */
  source: string;
  date: string;
}>;

/**
 * OpenCost's figures for a cluster without a bill of its own (its "GCP us-central1"), list prices: what a
 * team pays after discounts is less.
 */
export const DEFAULT_PRICES: Prices = {
  currency: "USD",
  cpuCoreHour: 0.031611,
  memoryGiBHour: 0.004237,
  source: "OpenCost's default list price (GCP us-central1)",
  date: "2026-08",
};

export const HOURS_PER_MONTH = 730;
const GIB = 2 ** 30;

declare const unit: unique symbol;
/** Hundredths of the currency, whole. */
export type Cents = number & { readonly [unit]: "Cents" };

export const NO_CENTS = 0 as Cents;
export const addCents = (...amounts: readonly Cents[]): Cents =>
  amounts.reduce((sum, one) => (sum + one) as Cents, NO_CENTS);

/**
 * A month of an amount (millicores or bytes) in each of so many pods, at OpenCost's default:
 *
 *   cpu 300 m, 3 pods       20.77
 *   memory 624 Mi, 3 pods    5.65
 */
export function monthly(
  amount: number,
  { resource, replicas, prices }: Readonly<{ resource: ResourceName; replicas: number; prices: Prices }>,
): Cents {
  const hourly =
    resource === "cpu" ? (amount / 1000) * prices.cpuCoreHour : (amount / GIB) * prices.memoryGiBHour;
  return Math.round(hourly * replicas * HOURS_PER_MONTH * 100) as Cents;
}
