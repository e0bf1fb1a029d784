/**
 * Stories seen through lenses with a flaw, as tests: one for each story and each way in which a lens may be flawed.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isDecrease } from "../../../src/sim/invariants/observed.ts";
import {
  changesOf,
  faultsUnder,
  isFor,
  playReference,
  playThrough,
  type PlayedThrough,
  type Reference,
} from "./flawed.ts";
import type { Flaw } from "./lens.ts";
import { STORIES } from "./story.ts";

export type Way = Readonly<{
  what: Flaw["what"];
  /** At how many of the changes of each kind it begins, at most. */
  most: number;
  /** Of so many events each. */
  lengths: readonly number[];
}>;

type Tally = { plans: number; notFor: number; decreases: number; onOldView: number; events: number };

export function testFlaws(suite: string, ways: readonly Way[], plansMin: number): void {
  const tally: Tally = { plans: 0, notFor: 0, decreases: 0, onOldView: 0, events: 0 };

  afterAll(() => console.log(`${suite}: ${sentenceOf(tally)}`));

  describe.each(STORIES)("$name", (story) => {
    let reference: Reference;
    beforeAll(async () => {
      reference = await playReference(story);
      expect(reference.played.problems).toEqual([]);
      for (const moments of reference.changes.values()) tally.events += moments.length;
    });

    test.each(ways)("$what: the end of the reference, and no decrease on an old view", async (way) => {
      expect(await failuresOf(reference, way, tally)).toEqual([]);
    });
  });

  test("there were as many plans as there are to be, and no decrease on an old view", () => {
    expect(tally.plans).toBeGreaterThanOrEqual(plansMin);
    expect(tally.decreases).toBeGreaterThan(plansMin / 4);
    expect(tally.onOldView).toBe(0);
  });
}

async function failuresOf(
  reference: Reference,
  { what, most, lengths }: Way,
  tally: Tally,
): Promise<readonly unknown[]> {
  const failures: unknown[] = [];
  const flaws = changesOf(reference, most).flatMap((change) =>
    lengths.map((events): Flaw => ({ what, ...change, events })),
  );
  for (const flaw of flaws) {
    if (!isFor(reference.story, flaw)) {
      tally.notFor += 1;
      continue;
    }
    const seen = await playThrough(reference.story, flaw);
    count(tally, seen);
    const faults = faultsUnder(flaw, reference, seen);
    if (faults.length > 0) failures.push({ flaw, faults });
  }
  return failures;
}

function count(tally: Tally, { writes }: PlayedThrough): void {
  const decreases = writes.filter((write) => write.accepted && isDecrease(write));
  tally.plans += 1;
  tally.decreases += decreases.length;
  tally.onOldView += decreases.filter(({ truth }) => truth.viewIsBehind).length;
}

const sentenceOf = ({ plans, notFor, decreases, onOldView, events }: Tally): string =>
  `${plans} plans over ${STORIES.length} stories of ${events} events, ${decreases} decreases judged, ` +
  `${onOldView} on a view older than our own last write (${notFor} plans left out: the story ends before the flaw does)`;
