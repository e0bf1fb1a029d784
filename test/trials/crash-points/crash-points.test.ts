/**
 * Every point at which a process writes something, times the three positions in which it may die there, times every
 * story: the next process drops nothing early and reaches the same end.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CRASH_POSITIONS, WRITE_SITES, type WriteSite } from "../../../src/sim/process.ts";
import { play, type Played } from "../story/play.ts";
import { STORIES } from "../story/story.ts";
import { crashIn, faultsOfCrash } from "./crash.ts";
import { SITES } from "./sites.ts";

const POINTS = WRITE_SITES.flatMap((verb) =>
  SITES[verb].flatMap((site) => CRASH_POSITIONS.map((position) => ({ verb, site, position }))),
);
const tally = { cells: 0, came: 0, writes: 0, handovers: 0 };

afterAll(() => {
  const { cells, came, writes, handovers } = tally;
  const positions = CRASH_POSITIONS.length;
  console.log(
    `crash points: ${POINTS.length / positions} write sites × ${positions} positions × ${STORIES.length} stories × ` +
      `(restarted, standby) = ${cells} cells, the process died in ${came}; ${writes} scale writes judged, ` +
      `${handovers} times a Lease changed hands`,
  );
});

/** Stories of requests are still to be told (docs/fail-safe.md says what is tested of them). */
const WITHOUT_STORY: readonly WriteSite[] = ["resize-pod", "write-template"];

test("every write site of the API port has its row, but those of requests", () => {
  expect(Object.keys(SITES).toSorted()).toEqual([...WRITE_SITES].toSorted());
  const told = WRITE_SITES.filter((verb) => SITES[verb].length > 0);
  expect(told).toEqual(WRITE_SITES.filter((verb) => !WITHOUT_STORY.includes(verb)));
});

describe.each(STORIES)("$name", (story) => {
  let reference: Played;
  beforeAll(async () => {
    reference = await play(story);
  });

  test("without a crash nothing is broken, and something is written", () => {
    expect(reference.problems).toEqual([]);
    expect(reference.writes.length).toBeGreaterThan(0);
  });

  test.each(POINTS.map((point) => ({ ...point, what: point.site.what })))(
    "the process dies where $what ($position)",
    async (point) => {
      for (const standby of [false, true]) {
        const crashed = await crashIn({ story, standby, ...point });
        tally.cells += 1;
        tally.came += crashed.diedAt === undefined ? 0 : 1;
        tally.writes += crashed.writes.length;
        tally.handovers += crashed.handovers.length;
        expect(faultsOfCrash(story, reference, crashed), standby ? "a standby follows" : "restarted").toEqual(
          [],
        );
      }
    },
  );
});

test("no cell was left out", () => {
  expect(tally.cells).toBe(POINTS.length * STORIES.length * 2);
  expect(tally.cells).toBeGreaterThanOrEqual(360);
  expect(tally.came).toBe(tally.cells);
});
