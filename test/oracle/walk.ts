/**
 * One run of the oracle: cases of every kind through both sides, counted. The first difference of a kind is shrunk by
 * fast-check and ends that kind; everything is repeatable by the seed.
 */
import fc from "fast-check";
import type { Answer, Case } from "./case.ts";
import { compare } from "./compare.ts";
import type { Upstream } from "./upstream.ts";

/** What is asked, by the name that the table has for it: cases, and how many of a hundred. */
export type Kinds = Readonly<Record<string, Readonly<{ share: number; arbitrary: fc.Arbitrary<Case> }>>>;
/** fast-check walks that ask at the same time: the program never waits for the next question. */
const WALKS = 16;

export type Difference = Readonly<{ case: Case; upstream: Answer; ours: string }>;
export type Row = {
  kind: string;
  cases: number;
  /** Cases that both sides refuse. */
  invalid: number;
  named: Map<string, number>;
  rounding: Map<string, number>;
  differences: Difference[];
};

export async function walk(
  upstream: Upstream,
  kinds: Kinds,
  { cases, seed }: Readonly<{ cases: number; seed: number }>,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [kind, { share, arbitrary }] of Object.entries(kinds)) {
    const row: Row = { kind, cases: 0, invalid: 0, named: new Map(), rounding: new Map(), differences: [] };
    rows.push(row);
    const numRuns = Math.ceil((cases * share) / 100 / WALKS);
    const walks = Array.from({ length: WALKS }, (_, i) =>
      walkOnce(row, arbitrary, { upstream, numRuns, seed: seed * WALKS + i }),
    );
    await Promise.all(walks);
  }
  return rows;
}

type Terms = Readonly<{ upstream: Upstream; numRuns: number; seed: number }>;

async function walkOnce(row: Row, arbitrary: fc.Arbitrary<Case>, { upstream, numRuns, seed }: Terms) {
  const property = fc.asyncProperty(arbitrary, async (one) => {
    const verdict = compare(one, await upstream.ask(one.kind, one.asked));
    row.cases += 1;
    if (verdict.kind === "named") count(row.named, verdict.name);
    if (verdict.kind === "equal" && verdict.invalid) row.invalid += 1;
    if (verdict.kind === "equal" && verdict.rounding !== undefined) count(row.rounding, verdict.rounding);
    return verdict.kind !== "different";
  });
  const { counterexample } = await fc.check(property, { numRuns, seed });
  if (counterexample === null) return;
  const [smallest] = counterexample;
  const answer = await upstream.ask(smallest.kind, smallest.asked);
  const verdict = compare(smallest, answer);
  row.differences.push({
    case: smallest,
    upstream: answer,
    ours: verdict.kind === "different" ? verdict.ours : verdict.kind,
  });
}

const count = (counts: Map<string, number>, name: string): unknown =>
  counts.set(name, (counts.get(name) ?? 0) + 1);
