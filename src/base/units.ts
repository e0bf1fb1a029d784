/**
 * Every amount has a type that names its unit; this file alone may turn a bare number into one.
 *
 * Invariant: a value of a unit type is finite, and an amount is never negative.
 */
import { assert } from "./assert.ts";

declare const unit: unique symbol;
type Unit<Name extends string> = number & { readonly [unit]: Name };

/** A length of time in milliseconds. */
export type Millis = Unit<"Millis">;
/** Wall time, milliseconds since the Unix epoch: for display and for comparing with the API's stamps. */
export type EpochMillis = Unit<"EpochMillis">;
/** Monotonic time, milliseconds since an arbitrary start: for waiting, leases and ages. */
export type MonoMillis = Unit<"MonoMillis">;
/** CPU usage in billionths of a core, whole: the unit of the metrics API. */
export type NanoCores = Unit<"NanoCores">;
/** An amount of memory in bytes. */
export type Bytes = Unit<"Bytes">;
/**
 * Thousandths of a resource's base unit (millicores of CPU, thousandths of a byte of memory), whole:
 * the unit in which the HPA computes. One container's memory stays exact up to 8.19 TiB.
 */
export type MilliUnits = Unit<"MilliUnits">;

/** CPU in thousandths of a core, whole: the unit in which requests are recommended. */
export type MilliCores = Unit<"MilliCores">;

/** The resources that a kubelet reports and a policy may follow. */
export type ResourceName = "cpu" | "memory";
/** An amount per resource; a resource without an amount is absent, never 0. */
export type Amounts = Readonly<Partial<Record<ResourceName, MilliUnits>>>;
/** Whole millicores and whole bytes, at most 1e14 (the VPA's units); an amount that is not set is absent. */
export type RequestAmounts = Readonly<{ cpu?: MilliCores; memory?: Bytes }>;

export const millis = (n: number): Millis => finite(n, "a duration") as Millis;
export const seconds = (n: number): Millis => millis(n * 1000);
export const minutes = (n: number): Millis => millis(n * 60_000);
export const epochMillis = (n: number): EpochMillis => finite(n, "a wall time") as EpochMillis;
export const monoMillis = (n: number): MonoMillis => finite(n, "a monotonic time") as MonoMillis;
export const nanoCores = (n: number): NanoCores => amount(n, "CPU") as NanoCores;
export const bytes = (n: number): Bytes => amount(n, "memory") as Bytes;
export const milliCores = (n: number): MilliCores => amount(n, "CPU") as MilliCores;
export const milliUnits = (n: number): MilliUnits => amount(n, "an amount") as MilliUnits;

/** A moment moved by a duration, on the same clock. */
export function later<T extends EpochMillis | MonoMillis>(moment: T, by: Millis): T {
  return (moment + by) as T;
}

/** How long from `start` to `end`, negative when `end` is earlier; both on the same clock. */
export function elapsed<T extends EpochMillis | MonoMillis>(start: T, end: T): Millis {
  return millis(end - start);
}

/**
 * CPU usage in the HPA's unit: each container's nanocores round up to a whole millicore.
 * 1 → 1, 1_000_000 → 1, 1_000_001 → 2 (spec: autoscaling/v2 reads `MilliValue`).
 */
export const cpuInMilli = (usage: NanoCores): MilliUnits => milliUnits(Math.ceil(usage / 1_000_000));

/** Memory usage in the HPA's unit: bytes × 1000. */
export const memoryInMilli = (usage: Bytes): MilliUnits => milliUnits(usage * 1000);

/** The complaint is put into words only where there is one: these are called for every sample. */
function finite(n: number, what: string): number {
  if (!Number.isFinite(n)) assert(false, `${what} is finite, got ${n}`);
  return n;
}

function amount(n: number, what: string): number {
  if (!(n >= 0 && Number.isFinite(n))) assert(false, `${what} is finite and not negative, got ${n}`);
  return n;
}
