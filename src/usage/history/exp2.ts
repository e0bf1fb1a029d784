/**
 * Powers of two to the last bit as Go computes them, because the weights of a histogram are made of them
 * and a tie between two buckets hangs on that bit. `2 ** x` differs in 6 % of all cases.
 *
 * Invariant: whole exponents are exact.
 *
 *   exp2(0) = 1      exp2(-1) = 0.5      exp2(0.5) = 1.414213562373095      exp2(-1100) = 0
 */

/** ln 2 in two parts: the first has so few bits that its product with a reduced argument is exact. */
const LN2_HIGH = 6.9314718036912381649e-1;
const LN2_LOW = 1.90821492927058770002e-10;
/** Of the polynomial that approximates r·(eʳ + 1)/(eʳ − 1) in r² (FreeBSD's msun, which Go follows). */
const P1 = 1.66666666666666657415e-1;
const P2 = -2.77777777770155933842e-3;
const P3 = 6.61375632143793436117e-5;
const P4 = -1.6533902205465251539e-6;
const P5 = 4.13813679705723846039e-8;

/** Below this nothing counts: no bucket of such a weight is ever seen. */
const EXPONENT_MIN = -1022;
const EXPONENT_MAX = 1023;

export function exp2(x: number): number {
  const whole = Math.trunc(x < 0 ? x - 0.5 : x + 0.5);
  const rest = x - whole;
  const high = rest * LN2_HIGH;
  const low = -rest * LN2_LOW;
  const r = high - low;
  const square = r * r;
  const c = r - square * (P1 + square * (P2 + square * (P3 + square * (P4 + square * P5))));
  return (1 - (low - (r * c) / (2 - c) - high)) * powerOfTwo(whole);
}

const double = new Float64Array(1);
const bits = new BigUint64Array(double.buffer);

/** 2 to a whole power, written as a double's exponent; 0 below the smallest normal one. */
export function powerOfTwo(exponent: number): number {
  if (!(exponent >= EXPONENT_MIN)) return 0;
  bits[0] = BigInt(Math.min(exponent, EXPONENT_MAX) + EXPONENT_MAX) << 52n;
  return double[0]!;
}
