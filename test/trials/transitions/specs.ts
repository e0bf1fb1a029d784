/**
 * Specs to go between, and single changes of one: from the CRD's schema, cut to what has settled within ten
 * minutes. Windows of at most two minutes (or the default), steps of half the pods at least, at most a dozen replicas.
 */
import fc from "fast-check";
import { brokenSpec } from "../declarations/breaking.ts";
import { validSpec } from "../declarations/schema-arbitrary.ts";

export type Fields = Readonly<Record<string, unknown>>;

export const SETTLING_MINUTES = 10;
const between =
  (least: number, most: number) =>
  (value: number): number =>
    Math.min(most, Math.max(least, value));

const NUMBERS: Readonly<Record<string, (value: number) => number>> = {
  minReplicas: between(1, 4),
  maxReplicas: (value) => 4 + (value % 9),
  stabilizationWindowSeconds: between(0, 120),
  periodSeconds: between(1, 60),
  // In pods all that there are, in percent half of them.
  value: (value) => Math.max(50, value),
  averageUtilization: between(15, 200),
};

/** The same value, with the numbers that take long, or that cost many pods, brought into their limits. */
function tamed(value: unknown, name = ""): unknown {
  if (Array.isArray(value)) return value.map((entry) => tamed(entry));
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, tamed(field, key)]));
  return typeof value === "number" ? (NUMBERS[name]?.(value) ?? value) : value;
}

const targets = fc.oneof(
  { weight: 8, arbitrary: fc.constant({ apiVersion: "apps/v1", kind: "Deployment", name: "web" }) },
  { weight: 3, arbitrary: fc.constant({ apiVersion: "apps/v1", kind: "StatefulSet", name: "db" }) },
  { weight: 1, arbitrary: fc.constant({ apiVersion: "apps/v1", kind: "Deployment", name: "nobody" }) },
);
const modes = fc.constantFrom("Active", "Active", "Active", "Shadow", "Paused");

export const aSpec: fc.Arbitrary<Fields> = fc
  .tuple(validSpec, targets, modes)
  .map(([spec, targetRef, mode]) => ({ ...(tamed(spec) as Fields), targetRef, mode }));

/** What happens to the policy. */
export type Move =
  | "everything"
  | "mode"
  | "target"
  | "bounds"
  | "metrics"
  | "behavior"
  | "back"
  | "broken"
  | "made anew"
  | "target made anew"
  | "scaled by hand";

export type Step = Readonly<{ move: Move; other: Fields; broken: unknown; replicas: number }>;

const MOVES: readonly [number, Move][] = [
  [3, "everything"], [2, "mode"], [2, "target"], [2, "bounds"], [2, "metrics"], [2, "behavior"],
  [3, "back"], [1, "broken"], [2, "made anew"], [1, "target made anew"], [1, "scaled by hand"],
]; // prettier-ignore

export const aStep: fc.Arbitrary<Step> = fc.record({
  move: fc.oneof(...MOVES.map(([weight, move]) => ({ weight, arbitrary: fc.constant(move) }))),
  other: aSpec,
  broken: brokenSpec.map((spec) => tamed(spec)),
  replicas: fc.integer({ min: 1, max: 12 }),
});

/** Moves that take one part from another spec: the field, and the fields in it that are taken. */
const PARTS: Partial<Record<Move, readonly [field: string, ...inner: readonly string[]]>> = {
  mode: ["mode"],
  target: ["targetRef"],
  bounds: ["horizontal", "minReplicas", "maxReplicas"],
  metrics: ["horizontal", "metrics"],
  behavior: ["horizontal", "behavior"],
};

/** The spec after a step: `before` is the one before `now`, for the way back. */
export function specAfter({ move, other, broken }: Step, now: unknown, before: unknown): unknown {
  const part = PARTS[move];
  if (part !== undefined) return isFields(now) ? withPart(now, other, part) : other;
  if (move === "everything") return other;
  if (move === "back") return before;
  return move === "broken" ? broken : now;
}

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function withPart(
  mine: Fields,
  theirs: Fields,
  [field, ...inner]: readonly [string, ...(readonly string[])],
): Fields {
  const [kept, given] = [mine[field], theirs[field]];
  if (inner.length === 0 || !isFields(kept) || !isFields(given)) return { ...mine, [field]: given };
  return { ...mine, [field]: { ...kept, ...Object.fromEntries(inner.map((name) => [name, given[name]])) } };
}
