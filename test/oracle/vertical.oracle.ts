/** The VPA's share of the oracle lane: 6,000 lives of workloads with a new seed each time, which a failure prints. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { isVpaCase, readKept } from "./kept.ts";
import { buildUpstream, startUpstream } from "./upstream.ts";
import type { Upstream } from "./upstream.ts";
import { VPA_KINDS } from "./vertical/generate.ts";
import type { Row } from "./walk.ts";
import { walk } from "./walk.ts";

const CASES = 6_000;
const seed = Date.now() % 1_000_000;
let upstream: Upstream;
let rows: readonly Row[];

beforeAll(async () => {
  const built = await buildUpstream("vpa");
  if (built.kind === "missing") throw new Error(built.reason);
  upstream = startUpstream(built.program);
  rows = await walk(upstream, VPA_KINDS, { cases: CASES, seed });
  for (const { kind, cases, named } of rows)
    console.log(`oracle, VPA, seed ${seed}: ${kind}: ${cases} cases, named:`, Object.fromEntries(named));
}, 240_000);
afterAll(() => upstream.close());

test("a run asks as many cases as it claims, and most of them are simply equal", () => {
  expect(rows.reduce((sum, row) => sum + row.cases, 0)).toBeGreaterThanOrEqual(CASES);
  for (const { kind, cases, named } of rows)
    expect([...named.values()].reduce((sum, n) => sum + n, 0) / cases, kind).toBeLessThan(0.5);
});

test.each(Object.keys(VPA_KINDS))("%s: our answers are the VPA's, or differ for a named reason", (kind) => {
  const row = rows.find((each) => each.kind === kind);
  expect(row?.cases).toBeGreaterThan(0);
  expect(row?.differences, `npm run oracle -- --of vpa --cases ${CASES} --seed ${seed}`).toEqual([]);
});

test("what is recorded in kept.json as the VPA's answers is what the VPA answers", async () => {
  for (const row of readKept().filter((one) => isVpaCase(one.case)))
    expect(await upstream.ask(row.case.kind, row.case.asked), JSON.stringify(row.case)).toEqual(row.upstream);
});
