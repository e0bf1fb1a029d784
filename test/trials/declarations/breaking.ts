/**
 * Ways to break a valid spec, each at a random place of it: what people mistype, and what nobody would.
 */
import fc from "fast-check";
import { isRefused, type Schema, SPEC, validSpec } from "./schema-arbitrary.ts";

type Path = readonly (string | number)[];

/** Every place of a value, the deepest too. */
function placesIn(value: unknown, at: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [at];
  return [at, ...Object.entries(value).flatMap(([key, inner]) =>
    placesIn(inner, [...at, Array.isArray(value) ? Number(key) : key]))]; // prettier-ignore
}

const ABSENT = Symbol("absent");

/** A copy with another value at a place; the symbol leaves the place out. */
function replaced(value: unknown, [step, ...rest]: Path, by: unknown): unknown {
  if (step === undefined) return by;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<
    string | number,
    unknown
  >;
  const inner = rest.length === 0 ? by : replaced(copy[step], rest, by);
  if (inner !== ABSENT) return Object.assign(copy, { [step]: inner });
  if (Array.isArray(copy)) return copy.filter((_, index) => index !== step);
  return Object.fromEntries(Object.entries(copy).filter(([key]) => key !== step));
}

function schemaAt(path: Path): Schema {
  let schema: Schema = SPEC;
  for (const step of path)
    schema = (typeof step === "number" ? schema.items : schema.properties?.[step]) ?? {};
  return schema;
}

const deep = (levels: number): unknown => (levels === 0 ? {} : { of: deep(levels - 1) });

/** What stands where something else should. */
const nonsense = fc.oneof(
  fc.constantFrom<unknown>(null, true, "", "x", 0, -1, 0.5, 2 ** 31, -(2 ** 53), 1e308, Number.MAX_SAFE_INTEGER + 1, [], {}, [[]], "80", "1e999999999", "NaN", "__proto__", "w".repeat(10_000)),
  fc.anything({ withBigInt: false, maxDepth: 2, key: fc.string(), values: [fc.string(), fc.integer(), fc.boolean(), fc.constant(null)] }),
  fc.constant(deep(200)),
); // prettier-ignore

/** A number just outside what the schema allows. */
const beyond = ({ minimum, maximum, maxLength, maxItems, type }: Schema): readonly unknown[] => [
  ...(minimum === undefined ? [-1] : [minimum - 1]),
  ...(maximum === undefined ? [] : [maximum + 1]),
  ...(maxLength === undefined ? [] : ["a".repeat(maxLength + 1)]),
  ...(type === "array" ? [Array.from({ length: (maxItems ?? 20) + 1 }, () => ({}))] : []),
];

function brokenAt(spec: unknown, path: Path): fc.Arbitrary<unknown> {
  const schema = schemaAt(path);
  const put = (by: unknown, at: Path = path): unknown => replaced(spec, at, by);
  const refused = Object.entries(schema.properties ?? {}).filter(([, field]) => isRefused(field));
  return fc.oneof(
    nonsense.map((value) => put(value)),
    fc.constantFrom(...beyond(schema)).map((value) => put(value)),
    ...(path.length === 0 ? [] : [fc.constant(put(ABSENT))]),
    ...(schema.type === "object"
      ? [
          fc.tuple(fc.stringMatching(/^[a-zA-Z_]{1,12}$/), nonsense).map(([name, value]) => put(value, [...path, name])),
          ...refused.map(([name, field]) =>
            nonsense.map((value) => put(field.type === "array" ? [value] : value, [...path, name]))),
        ]
      : []),
  );
} // prettier-ignore

const broken = (spec: unknown): fc.Arbitrary<unknown> =>
  fc.constantFrom(...placesIn(spec)).chain((path) => brokenAt(spec, path));

/** Broken once, or twice. */
export const brokenSpec: fc.Arbitrary<unknown> = validSpec
  .chain((spec) => broken(spec))
  .chain((spec) =>
    fc.oneof({ weight: 3, arbitrary: fc.constant(spec) }, { weight: 1, arbitrary: broken(spec) }),
  );
