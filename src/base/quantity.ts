/**
 * Kubernetes quantities, exact: every text that the API server reads, and the text that it prints.
 *
 * Invariant: a quantity is a whole number of billionths (finer parts round away from zero), held as a
 * BigInt, so nothing is ever lost to floating point.
 */
import { assert } from "./assert.ts";
import type { Bytes, MilliUnits, NanoCores, ResourceName } from "./units.ts";
import { milliUnits } from "./units.ts";

/** How a quantity was written, which decides how it is printed: `12M`, `12Mi`, `12e6`. */
export type QuantityFormat = "DecimalSI" | "BinarySI" | "DecimalExponent";
export type Quantity = Readonly<{ nano: bigint; format: QuantityFormat }>;
export type ParsedQuantity =
  | Readonly<{ kind: "quantity"; quantity: Quantity }>
  /** `message` says what is wrong and what to write, to follow the name of a field. */
  | Readonly<{ kind: "malformed"; message: string }>;

/** Powers of ten, each three above the one before. */
const DECIMAL_SUFFIXES = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
const DECIMAL_EXPONENTS = new Map(DECIMAL_SUFFIXES.map((suffix, index) => [suffix, 3 * index - 9]));
/** Powers of 1024; the first stands for no suffix. */
const BINARY_SUFFIXES = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

const NANO = 1_000_000_000n;
const NANO_PER_MILLI = 1_000_000n;
/** A quantity with a binary suffix is capped here; one with a decimal suffix is not (apimachinery). */
const BINARY_MAX = (2n ** 63n - 1n) * NANO;
/** int64, in which the HPA holds milli-units. */
const MILLI_MAX = 2n ** 63n - 1n;

/** Our decision: no amount in a cluster needs more, and longer text would only buy a long computation. */
const TEXT_LENGTH_MAX = 1000;
const EXPONENT_MAX = 1000;

/** Sign, digits, digits after the point, suffix. Digits may be missing altogether: `Ki` and `.` are 0. */
const SHAPE = /^([+-]?)(\d*)(?:\.(\d*))?([numkKMGTPEei]*[+-]?\d*)$/;
const EXPONENT = /^[eE]([+-]?\d+)$/;

/**
 * Reads a quantity as the API server does (apimachinery 0.36).
 *
 *   250m    0.25            1.5Gi   1610612736        1e3   1000        .5   0.5        5.   5
 *   0.1n    1n (never 0)    1e-12   1n                8Ei   2^63 − 1    +1   1          Ki   0
 *
 * Two things are refused that upstream takes: text over 1,000 characters, and exponents over ±1000.
 */
export function parseQuantity(text: string): ParsedQuantity {
  if (text.length > TEXT_LENGTH_MAX) return malformed(`is longer than ${TEXT_LENGTH_MAX} characters`);
  const shape = readShape(text);
  if (shape === undefined) return malformed(`${JSON.stringify(text)} is not a quantity`);
  const { negative, digits, decimals, unit } = shape;
  if (unit === undefined) return malformed(`${JSON.stringify(text)} ends in an unknown unit`);
  if (Math.abs(unit.ten) > EXPONENT_MAX) return malformed(`has an exponent beyond ±${EXPONENT_MAX}`);
  if (digits === "" && needsDigits(unit)) return malformed(`${JSON.stringify(text)} has no digits`);
  const nano = scaled(BigInt(digits) * unit.factor, unit.ten - decimals + 9);
  const capped = unit.format === "BinarySI" && nano > BINARY_MAX ? BINARY_MAX : nano;
  return { kind: "quantity", quantity: { nano: negative ? -capped : capped, format: unit.format } };
}

/**
 * The canonical text, as apimachinery prints a computed quantity: no fraction, the largest suffix that
 * needs none, the format that it was written in.
 *
 *   0.5 → 500m      1000 → 1k      1024Ki → 1Mi      1000Ki → 1000Ki      0.5Ki → 512      12.5e4 → 125e3
 *
 * The API server echoes some other texts as they were written (`+1`, `1.500`); they mean the same. One
 * difference: where upstream drops the suffix of decimal amounts of 10^21 and more, this prints `1e21`.
 */
export function quantityText({ nano, format }: Quantity): string {
  if (nano === 0n) return "0";
  if (format === "BinarySI" && nano % NANO === 0n && (nano <= -1024n * NANO || nano >= 1024n * NANO)) {
    const [amount, times] = withoutFactors(nano / NANO, 1024n, BINARY_SUFFIXES.length - 1);
    return `${amount}${BINARY_SUFFIXES[times]}`;
  }
  const [amount, times] = withoutFactors(nano, 1000n, Infinity);
  const suffix = format === "DecimalExponent" ? undefined : DECIMAL_SUFFIXES[times];
  const exponent = 3 * times - 9;
  return `${amount}${suffix ?? (exponent === 0 ? "" : `e${exponent}`)}`;
}

/** Negative, zero or positive, as `a` is less than, equal to or greater than `b`; formats do not matter. */
export function compareQuantities(a: Quantity, b: Quantity): -1 | 0 | 1 {
  return a.nano < b.nano ? -1 : a.nano > b.nano ? 1 : 0;
}

/**
 * Thousandths, any fraction away from zero (the HPA's `MilliValue`): 1n → 1, 0.0015 → 2, 250m → 250.
 * Saturates at 2^63 − 1. The quantity is not negative: who reads from outside has refused that already.
 */
export function quantityInMilli({ nano }: Quantity): MilliUnits {
  assert(nano >= 0n, `an amount is not negative, got ${nano}n`);
  const milli = (nano + NANO_PER_MILLI - 1n) / NANO_PER_MILLI;
  return milliUnits(Number(milli > MILLI_MAX ? MILLI_MAX : milli));
}

/** The nearest double: 0.1 → 0.1. For fractions such as a tolerance, not for amounts. */
export const quantityAsNumber = ({ nano }: Quantity): number => Number(nano) / 1e9;

/** An amount as the API wrote it; undefined when it is absent, malformed or negative. */
export function readAmount(text: unknown): MilliUnits | undefined {
  const parsed = typeof text === "string" || typeof text === "number" ? parseQuantity(`${text}`) : undefined;
  if (parsed?.kind !== "quantity" || parsed.quantity.nano < 0n) return undefined;
  return quantityInMilli(parsed.quantity);
}

/** CPU as the metrics API prints it: 4187234 → `4187234n`, 500000000 → `500m`, 0 → `0`. */
export function cpuText(usage: NanoCores): string {
  const nano = Math.ceil(usage);
  return Number.isSafeInteger(nano)
    ? folded(nano, 0)
    : quantityText({ nano: BigInt(nano), format: "DecimalSI" });
}

/** Memory as the metrics API prints it: 1048576 → `1Mi`, 1000 → `1k`, 1000000 → `1000000`. */
export function memoryText(usage: Bytes): string {
  const whole = Math.ceil(usage);
  if (!Number.isSafeInteger(whole)) return quantityText({ nano: BigInt(whole) * NANO, format: "BinarySI" });
  if (whole < 1024) return folded(whole, UNITS_AT);
  let [amount, times] = [whole, 0];
  for (; times < BINARY_SUFFIXES.length - 1 && amount % 1024 === 0; times += 1) amount /= 1024;
  return `${amount}${BINARY_SUFFIXES[times]}`;
}

/** Where DECIMAL_SUFFIXES has the units themselves. */
const UNITS_AT = DECIMAL_SUFFIXES.indexOf("");

/** A whole amount of what the suffix at `from` says, by the largest suffix that needs no fraction. */
function folded(whole: number, from: number): string {
  if (whole === 0) return "0";
  let [amount, at] = [whole, from];
  for (; at < DECIMAL_SUFFIXES.length - 1 && amount % 1000 === 0; at += 1) amount /= 1000;
  return `${amount}${DECIMAL_SUFFIXES[at]}`;
}

/** An amount as the HPA's status prints it: cpu 250 → `250m`, memory 1048576000 → `1Mi`. */
export function amountText(resource: ResourceName, amount: MilliUnits): string {
  const nano = BigInt(Math.ceil(amount)) * NANO_PER_MILLI;
  return quantityText({ nano, format: resource === "memory" ? "BinarySI" : "DecimalSI" });
}

type Unit = Readonly<{ ten: number; factor: bigint; format: QuantityFormat }>;
type Shape = Readonly<{ negative: boolean; digits: string; decimals: number; unit: Unit | undefined }>;

function readShape(text: string): Shape | undefined {
  const match = text === "" ? null : SHAPE.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = "", fraction = "", suffix = ""] = match;
  const digits = whole + fraction;
  return { negative: sign === "-", digits, decimals: fraction.length, unit: readUnit(suffix) };
}

/** Where upstream leaves its fast path, a text without any digit is an error; elsewhere it is 0. */
const needsDigits = ({ ten, factor }: Unit): boolean => ten < -9 || factor > 1024n ** 4n;

/** `E` alone is exa; with digits behind it, an exponent. */
function readUnit(suffix: string): Unit | undefined {
  const decimal = DECIMAL_EXPONENTS.get(suffix);
  if (decimal !== undefined) return { ten: decimal, factor: 1n, format: "DecimalSI" };
  const binary = BINARY_SUFFIXES.indexOf(suffix);
  if (binary > 0) return { ten: 0, factor: 1024n ** BigInt(binary), format: "BinarySI" };
  const exponent = EXPONENT.exec(suffix)?.[1];
  return exponent === undefined
    ? undefined
    : { ten: Number(exponent), factor: 1n, format: "DecimalExponent" };
}

/** digits × 10^exponent, up to the next whole number. */
function scaled(digits: bigint, exponent: number): bigint {
  if (exponent >= 0) return digits * 10n ** BigInt(exponent);
  const divisor = 10n ** BigInt(-exponent);
  return (digits + divisor - 1n) / divisor;
}

/** `amount` divided by `factor` as often as it leaves no rest, at most `most` times; and how often. */
function withoutFactors(amount: bigint, factor: bigint, most: number): [amount: bigint, times: number] {
  let times = 0;
  for (; times < most && amount % factor === 0n; times += 1) amount /= factor;
  return [amount, times];
}

const malformed = (what: string): ParsedQuantity => ({
  kind: "malformed",
  message: `${what}; write a number with an optional unit, such as 250m, 0.5, 2 or 512Mi`,
});
