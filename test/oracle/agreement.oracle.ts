/** The oracle lane's share of `npm test`: 20,000 cases with a new seed each time, which a failure prints. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { HPA_KINDS } from "./generate.ts";
import { isVpaCase, readKept } from "./kept.ts";
import { buildUpstream, startUpstream } from "./upstream.ts";
import type { Upstream } from "./upstream.ts";
import type { Row } from "./walk.ts";
import { walk } from "./walk.ts";

const CASES = 20_000;
const seed = Date.now() % 1_000_000;
let upstream: Upstream;
let rows: readonly Row[];

beforeAll(async () => {
  const built = await buildUpstream();
  if (built.kind === "missing") throw new Error(built.reason);
  upstream = startUpstream(built.program);
  rows = await walk(upstream, HPA_KINDS, { cases: CASES, seed });
  for (const { kind, cases, invalid } of rows)
    console.log(`oracle, seed ${seed}: ${kind}: ${cases} cases, ${invalid} of them refused by both`);
}, 240_000);
afterAll(() => upstream.close());

test("a run asks as many cases as it claims, and most of them have an answer", () => {
  expect(rows.reduce((sum, row) => sum + row.cases, 0)).toBeGreaterThanOrEqual(CASES);
  for (const { kind, cases, invalid } of rows) expect(invalid / cases, kind).toBeLessThan(0.6);
});

test.each(["replicas, cpu", "replicas, memory", "quantity", "selector"])(
  "%s: our answers are upstream's, or differ for a named reason",
  (kind) => {
    const row = rows.find((each) => each.kind === kind);
    expect(row?.cases).toBeGreaterThan(0);
    expect(row?.differences, `npm run oracle -- --of hpa --cases ${CASES} --seed ${seed}`).toEqual([]);
  },
);

test("what is recorded in kept.json as upstream's answers is what upstream answers", async () => {
  for (const row of readKept().filter((row) => !isVpaCase(row.case)))
    expect(await upstream.ask(row.case.kind, row.case.asked), JSON.stringify(row.case)).toEqual(row.upstream);
});
