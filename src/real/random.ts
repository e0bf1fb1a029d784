/**
 * Chance that nobody can repeat: two operators started together do not jitter alike.
 */
import type { Random } from "../base/random.ts";

export function createRandom(): Random {
  return { next: () => Math.random() };
}
