/**
 * Chance that a name and a seed decide: adding a pod does not change what befalls another.
 */
import type { Random } from "../base/random.ts";
import { seededRandom } from "../base/random.ts";

/** The generator of one thing in one run. */
export function chanceOf(seed: number, name: string): Random {
  return seededRandom(hash(name) ^ Math.imul(seed | 0, 0x9e3779b1));
}

/** A number in [low, high). */
export const between = (random: Random, low: number, high: number): number =>
  low + random.next() * (high - low);

/** FNV-1a over the text's UTF-16 units: 32 bits, spread well enough to seed with. */
export function hash(text: string): number {
  let mixed = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) mixed = Math.imul(mixed ^ text.charCodeAt(at), 0x01000193);
  return mixed >>> 0;
}
