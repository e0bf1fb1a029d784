/**
 * A broken invariant is a bug and stops here; what the world may answer is a value (base/outcome.ts).
 */

/** Throws when `condition` is false: the program is wrong, not the world. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`invariant broken: ${message}`);
}

/** The value, which the caller knows to be there. */
export function must<T>(value: T | undefined | null, message: string): T {
  if (value === undefined || value === null) throw new Error(`invariant broken: ${message}`);
  return value;
}

/** The end of an exhaustive switch: the compiler names the case that was forgotten. */
export function unreachable(value: never): never {
  throw new Error(`invariant broken: unexpected case ${JSON.stringify(value)}`);
}
