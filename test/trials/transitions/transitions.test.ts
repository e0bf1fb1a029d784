/**
 * From policy to policy: after a change has settled, what is decided, shown and scaled is what a fresh policy of
 * the same spec comes to in an equal world. Nothing of the way stays.
 *
 * One rule explains differences, and few: within its tolerance, or with a direction disabled, a policy rests at
 * more than one count, and which one it comes to may hang on the milliseconds of a sample. Then the count that the
 * walk came to must be one at which a fresh policy rests as well.
 */
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { must } from "../../../src/base/assert.ts";
import { minutes, seconds } from "../../../src/base/units.ts";
import { aSpec, aStep, SETTLING_MINUTES, specAfter, type Step } from "./specs.ts";
import { apply, begin, blueprintOf, type Counts, countsIn, look, NAMES, POLICY, type Running, type Seen } from "./world.ts"; // prettier-ignore

const SEED = Number(process.env["TRANSITIONS_SEED"] ?? 20_260_302);
const WALKS = 20;
const NAMESPACES = 20;
const STEPS = 5;

const tally = {
  transitions: 0,
  differences: 0,
  restsElsewhere: 0,
  moved: 0,
  moves: new Map<string, number>(),
};
afterAll(() => {
  const moves = [...tally.moves].map(([move, count]) => `${move} ${count}`).join(", ");
  console.log(
    `transitions: ${tally.transitions} (${moves}; seed ${SEED}), ${tally.moved} of them changed a count, ` +
      `${tally.differences} differences, ${tally.restsElsewhere} at another count at which a fresh policy rests too`,
  );
});

/** A transition as it went: from which counts, to which spec, and what came of it. */
type Passed = Readonly<{ namespace: string; step: Step; from: Counts; spec: unknown; seen: Seen }>;

const SETTLING = minutes(SETTLING_MINUTES);
/** By when a new operator has rates of all pods. */
const MEASURED = minutes(1);

class Walk {
  readonly #namespace: string;
  readonly #running: Running;
  #now: unknown;
  #before: unknown;

  constructor(running: Running, namespace: string, spec: unknown) {
    this.#running = running;
    this.#namespace = namespace;
    this.#now = this.#before = spec;
    apply(running.model, namespace, spec);
  }

  /** Makes the step; answers what it began from. */
  take(step: Step): Pick<Passed, "namespace" | "step" | "from" | "spec"> {
    const { model, time } = this.#running;
    const namespace = this.#namespace;
    const spec = specAfter(step, this.#now, this.#before);
    if (step.move === "made anew") {
      model.deletePolicy(namespace, POLICY);
      time.after(seconds(step.replicas % 3), () => apply(model, namespace, spec));
    } else apply(model, namespace, spec);
    if (step.move === "scaled by hand") for (const name of NAMES) model.scale(namespace, name, step.replicas);
    const from = countsIn(model, namespace);
    if (step.move === "target made anew")
      for (const name of NAMES) {
        model.removeWorkload(namespace, name);
        model.addWorkload(blueprintOf(namespace, name, from[name]), "settled");
      }
    [this.#before, this.#now] = [this.#now, spec];
    return { namespace, step, from, spec };
  }
}

/** All namespaces take a step at a time. */
async function walk(seed: number): Promise<Passed[][]> {
  const running = begin(
    Array.from({ length: NAMESPACES }, (_, n) => ({ web: 2 + (n % 5), db: 2 + (n % 3) })),
    0,
  );
  const specs = fc.sample(aSpec, { seed, numRuns: NAMESPACES });
  const walks = specs.map((spec, n) => new Walk(running, `shop-${n}`, spec));
  await running.time.advance(SETTLING);
  const steps = fc.sample(aStep, { seed, numRuns: NAMESPACES * STEPS });
  const rounds: Passed[][] = [];
  for (let round = 0; round < STEPS; round += 1) {
    running.demand(round);
    const taken = walks.map((each, n) =>
      each.take(must(steps[round * NAMESPACES + n], "there is a step for each")),
    );
    await running.time.advance(SETTLING);
    rounds.push(taken.map((each) => ({ ...each, seen: look(running, each.namespace) })));
  }
  await running.end();
  expect(running.errors).toEqual([]);
  return rounds;
}

type Start = Readonly<{
  counts: readonly Counts[];
  specs: readonly unknown[];
  rounds: readonly [number, number];
}>;

/** What fresh policies come to from given counts, when the demand changes with their creation. */
async function afresh({ counts, specs, rounds: [before, now] }: Start): Promise<Seen[]> {
  const running = begin(counts, before);
  await running.time.advance(MEASURED);
  running.demand(now);
  specs.forEach((spec, n) => apply(running.model, `shop-${n}`, spec));
  await running.time.advance(SETTLING);
  const seen = specs.map((_, n) => look(running, `shop-${n}`));
  await running.end();
  return seen;
}

const isEqual = (one: Seen, other: Seen | undefined): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

/** Compares one round of all namespaces with fresh policies, and those that differ with policies at their counts. */
async function compare(all: readonly Passed[], round: number): Promise<void> {
  const specs = all.map(({ spec }) => spec);
  const fresh = await afresh({
    counts: all.map(({ from }) => from),
    specs,
    rounds: [Math.max(0, round - 1), round],
  });
  const hasDifference = all.some(({ seen }, n) => !isEqual(seen, fresh[n]));
  const resting = hasDifference
    ? await afresh({ counts: all.map(({ seen }) => seen.counts), specs, rounds: [round, round] })
    : fresh;
  for (const [n, { step, seen, from, spec }] of all.entries()) {
    tally.transitions += 1;
    tally.moves.set(step.move, (tally.moves.get(step.move) ?? 0) + 1);
    if (!isDeepStrictEqual(seen.counts, from)) tally.moved += 1;
    if (isEqual(seen, fresh[n])) continue;
    const isAtRest = isEqual(seen, resting[n]);
    tally[isAtRest ? "restsElsewhere" : "differences"] += 1;
    if (!isAtRest)
      expect
        .soft(seen, `${step.move} to ${JSON.stringify(spec)}, from ${JSON.stringify(from)}`)
        .toEqual(fresh[n]);
  }
}

const walks = Array.from({ length: WALKS }, (_, n) => ({ n }));

test.each(walks)("walk $n: every state is that of a fresh policy", async ({ n }) => {
  for (const [round, all] of (await walk(SEED + n)).entries()) await compare(all, round);
});

test("there are 2,000 transitions and more, many changed a count, and nothing of the way stayed", () => {
  expect(tally.transitions).toBeGreaterThanOrEqual(2000);
  expect(tally.moved).toBeGreaterThan(300);
  expect(tally.differences).toBe(0);
  expect(tally.restsElsewhere).toBeLessThan(tally.transitions / 100);
});
