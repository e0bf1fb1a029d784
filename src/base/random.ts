/**
 * Chance as an argument: a seed reproduces a run.
 */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
}

/**
 * A generator that depends on nothing but its seed (mulberry32: 32 bits of state, period 2^32; fit for
 * jitter and simulations, not for secrets).
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    next() {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
    },
  };
}
