/**
 * The few calculations whose rounding decides a replica count, in two ways: `exact` by whole numbers, and
 * `upstream` through float64 in the HPA's order of operations, bit for bit (JavaScript's Number is Go's
 * float64).
 *
 * Invariant: a result is a whole number that fits an int32; what upstream would overflow is saturated.
 *
 *   calculation                exact   upstream
 *   25/3 of 15 pods, up        125     126      f64 gives 125.00000000000001
 *   50 pods and 10 % more      55      56       50 × 1.1 is 55.00000000000001
 *   5 pods and 80 % fewer      1       0        5 × (1 − 0.8) is 0.9999999999999998
 *   5 pods and 20 % fewer      4       4
 */

/** Usage over target, as the two whole numbers it is the ratio of; the denominator is not 0. */
export type Ratio = Readonly<{ numerator: bigint; denominator: bigint }>;

/** How far a ratio may be from 1 without consequence, as fractions: 0.1 is 10 %. */
export type Tolerance = Readonly<{ down: number; up: number }>;

export type Arithmetic = Readonly<{
  /** −1, 0 or 1: the ratio is under, at or over 1. */
  direction(ratio: Ratio): -1 | 0 | 1;
  /** Whether the ratio lies in [1 − down, 1 + up]. */
  withinTolerance(ratio: Ratio, tolerance: Tolerance): boolean;
  /** ⌈ratio × count⌉. */
  replicasFor(ratio: Ratio, count: number): number;
  /** `start` and `percent` % more, rounded up. */
  raised(start: number, percent: number): number;
  /** `start` and `percent` % fewer, rounded toward zero; negative when more than 100 % is taken away. */
  lowered(start: number, percent: number): number;
}>;

/** The largest replica count there is: int32. */
export const REPLICAS_MAX = 2 ** 31 - 1;
const REPLICAS_MIN = -(2 ** 31);

/** Quantities are whole billionths, so a tolerance is too. */
const BILLION = 1_000_000_000n;
const inBillionths = (fraction: number): bigint => BigInt(Math.round(Math.min(fraction, 1e6) * 1e9));

export const EXACT: Arithmetic = {
  direction: ({ numerator, denominator }) => sign(numerator - denominator),
  withinTolerance({ numerator, denominator }, { down, up }) {
    const scaled = numerator * BILLION;
    return (
      scaled >= denominator * (BILLION - inBillionths(down)) &&
      scaled <= denominator * (BILLION + inBillionths(up))
    );
  },
  replicasFor: ({ numerator, denominator }, count) =>
    saturate(Number(ceilDivide(numerator * BigInt(count), denominator))),
  raised: (start, percent) => saturate(Number(ceilDivide(BigInt(start) * BigInt(100 + percent), 100n))),
  lowered: (start, percent) => saturate(Number((BigInt(start) * BigInt(100 - percent)) / 100n)),
};

export const UPSTREAM: Arithmetic = {
  direction: (ratio) => (asFloat(ratio) > 1 ? 1 : asFloat(ratio) < 1 ? -1 : 0),
  withinTolerance(ratio, { down, up }) {
    const float = asFloat(ratio);
    return 1 - down <= float && float <= 1 + up;
  },
  replicasFor: (ratio, count) => saturate(Math.ceil(asFloat(ratio) * count)),
  raised: (start, percent) => saturate(Math.ceil(start * (1 + percent / 100))),
  lowered: (start, percent) => saturate(Math.trunc(start * (1 - percent / 100))),
};

export const arithmeticOf = (name: "exact" | "upstream"): Arithmetic => (name === "exact" ? EXACT : UPSTREAM);

/** The ratio as the float64 that upstream computes with, and that people are shown. */
export const asFloat = ({ numerator, denominator }: Ratio): number => Number(numerator) / Number(denominator);

/** The sum of whole numbers, exact however large: BigInt only where a Number would lose. */
export function sumOf<T>(items: Iterable<T>, amountOf: (item: T) => number): bigint {
  let total = 0n;
  let part = 0;
  for (const item of items) {
    const amount = wholeAmount(amountOf(item));
    if (part > Number.MAX_SAFE_INTEGER - amount) {
      total += BigInt(part);
      part = 0;
    }
    part += amount;
  }
  return total + BigInt(part);
}

/** An amount as a whole number that a Number holds exactly: fractions round up, what is beyond saturates. */
export const wholeAmount = (amount: number): number => Math.min(Math.ceil(amount), Number.MAX_SAFE_INTEGER);

/** A whole number as one that a Number holds exactly. */
export const asAmount = (amount: bigint): number => Math.min(Number(amount), Number.MAX_SAFE_INTEGER);

const saturate = (n: number): number => Math.max(REPLICAS_MIN, Math.min(n, REPLICAS_MAX)) + 0;

const ceilDivide = (a: bigint, b: bigint): bigint => (a > 0n ? (a + b - 1n) / b : a / b);

const sign = (n: bigint): -1 | 0 | 1 => (n > 0n ? 1 : n < 0n ? -1 : 0);
