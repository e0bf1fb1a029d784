/**
 * What people may declare: every policy is refused with the field that is wrong, or handled, and never written
 * beyond its own bounds. The specs come from hands and from the CRD's schema, and run through the whole operator.
 */
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { parsePolicy } from "../../../src/policy/parse.ts";
import { BAD } from "./bad.ts";
import { declare, type Tally } from "./batch.ts";
import { brokenSpec } from "./breaking.ts";
import { validSpec } from "./schema-arbitrary.ts";

const SEED = Number(process.env["DECLARATIONS_SEED"] ?? 20_260_302);
const GENERATED = 20_000;
const BATCH = 250;
const BATCHES = GENERATED / BATCH;

const sum = { refused: 0, accepted: 0, written: 0, writes: 0 };
afterAll(() => {
  const { refused, accepted, written, writes } = sum;
  const all = refused + accepted;
  const percent = (part: number): string => `${Math.round((part * 100) / all)} %`;
  console.log(
    `declarations: ${BAD.length} by hand, ${all} generated (seed ${SEED}): ${refused} refused (${percent(refused)}), ` +
      `${accepted} accepted (${percent(accepted)}), ${written} of them written (${writes} writes)`,
  );
});

test.each(BAD)("by hand: $name is refused at $field", ({ spec, field }) => {
  const outcome = parsePolicy(JSON.parse(JSON.stringify(spec ?? null)));
  const named = outcome.kind === "invalid" ? outcome.problems.map((problem) => problem.field) : outcome.kind === "unknown-field" ? outcome.fields : [];
  expect(named).toContain(field);
}); // prettier-ignore

test("what is bad by hand is bad in the whole operator: refused by name, and nothing written", async () => {
  expect(BAD.length).toBeGreaterThanOrEqual(150);
  const { findings, refused, written } = await declare(
    BAD.map(({ spec }) => spec),
    SEED,
  );
  expect(findings).toEqual([]);
  expect({ refused, written }).toEqual({ refused: BAD.length, written: 0 });
});

test("every spec that is made to be valid is accepted", () => {
  for (const spec of fc.sample(validSpec, { seed: SEED, numRuns: 5000 }))
    expect(parsePolicy(spec), JSON.stringify(spec)).toMatchObject({ kind: "valid" });
});

const generated = fc.oneof({ weight: 1, arbitrary: validSpec }, { weight: 1, arbitrary: brokenSpec });
const batches = Array.from({ length: BATCHES }, (_, batch) => ({ batch }));

test.each(batches)(
  `batch $batch of ${BATCHES}: ${BATCH} policies are refused by name or handled`,
  async ({ batch }) => {
    const specs = fc.sample<unknown>(generated, { seed: SEED + batch, numRuns: BATCH });
    const tally: Tally = await declare(specs, batch);
    for (const key of ["refused", "accepted", "written", "writes"] as const) sum[key] += tally[key];
    expect(tally.findings.slice(0, 5)).toEqual([]);
  },
);

test("both classes are well represented", () => {
  const all = sum.refused + sum.accepted;
  expect(all).toBeGreaterThanOrEqual(GENERATED);
  expect(Math.min(sum.refused, sum.accepted) / all).toBeGreaterThanOrEqual(0.2);
  expect(sum.written).toBeGreaterThan(2500);
});
