import { beforeEach, describe, expect, test } from "vitest";
import { nodeName } from "../../src/base/ids.ts";
import type { LogFields, LogLevel } from "../../src/base/log.ts";
import { monoMillis } from "../../src/base/units.ts";
import { type Complaint, Complaints } from "../../src/scrape/complaints.ts";

const REFUSED = { topic: "connection", message: "no connection to https://10.0.0.7:10250" };
const SKEWED = { topic: "clock-skew", message: "the clock is off", fields: { skew_seconds: 90 } };
const MINUTE = 60_000;

let lines: { level: LogLevel; message: string; fields: LogFields | undefined }[];
let complaints: Complaints;
beforeEach(() => {
  lines = [];
  complaints = new Complaints((level, message, fields) => lines.push({ level, message, fields }));
});

const node = (n: number | string) => nodeName(`node-${n}`);
const at = (n: number) => monoMillis(n);

test("a problem is said when it begins and when it is over, not in between", () => {
  for (let round = 0; round < 5; round++) complaints.update(node(1), [REFUSED], at(round * 15_000));
  complaints.update(node(1), [], at(90_000));
  complaints.update(node(1), [], at(105_000));
  expect(lines).toEqual([
    { level: "warn", message: REFUSED.message, fields: { node: "node-1", problem: "connection" } },
    {
      level: "info",
      message: "a problem with a node is over",
      fields: { node: "node-1", problem: "connection" },
    },
  ]);
});

test("another problem is another line, with its figures", () => {
  complaints.update(node(1), [REFUSED], at(0));
  complaints.update(node(1), [SKEWED], at(15_000));
  expect(lines.map(({ level, fields }) => [level, fields?.["problem"], fields?.["skew_seconds"]])).toEqual([
    ["warn", "connection", undefined],
    ["warn", "clock-skew", 90],
    ["info", "connection", undefined],
  ]);
});

test("of a node that the cluster knows to be down, only debug lines are written", () => {
  complaints.update(node(1), [{ ...REFUSED, expected: true }], at(0));
  complaints.update(node(1), [], at(15_000));
  expect(lines.map(({ level }) => level)).toEqual(["debug", "debug"]);
});

test("when thousands of nodes fail at once, ten are named a minute, and the rest are counted", () => {
  for (let n = 0; n < 5000; n++) complaints.update(node(n), [REFUSED], at(n));
  expect(lines).toHaveLength(10);
  complaints.update(node("late"), [REFUSED], at(MINUTE));
  expect(lines.at(-1)?.fields).toMatchObject({ node: "node-late", nodes_not_named: 4990 });
  complaints.update(node("later"), [REFUSED], at(MINUTE + 1));
  expect(lines.at(-1)?.fields).not.toHaveProperty("nodes_not_named");
});

test("a node that is gone and comes back with its problem is named again", () => {
  complaints.update(node(1), [REFUSED], at(0));
  complaints.forget(node(1));
  complaints.update(node(1), [REFUSED], at(15_000));
  expect(lines).toHaveLength(2);
});

describe("what people should see who look at a node", () => {
  const FOREIGN = { topic: "foreign-pods", message: "it speaks for others", toTell: true };
  const tellings = (answers: readonly (readonly [at: number, complaint?: Complaint])[], heard = true) => {
    const told: string[] = [];
    const telling = new Complaints(
      () => undefined,
      (of, { topic }) => {
        told.push(`${of} ${topic}`);
        return heard;
      },
    );
    for (const [second, complaint] of answers)
      telling.update(node(1), complaint === undefined ? [] : [complaint], at(second * 1000));
    return told;
  };

  test.each<{ when: string; answers: Parameters<typeof tellings>[0]; times: number }>([
    {
      when: "lasts for less than a minute",
      answers: [
        [0, FOREIGN],
        [59, FOREIGN],
      ],
      times: 0,
    },
    {
      when: "lasts for a minute",
      answers: [
        [0, FOREIGN],
        [30, FOREIGN],
        [60, FOREIGN],
      ],
      times: 1,
    },
    {
      when: "goes on and on",
      answers: [
        [0, FOREIGN],
        [60, FOREIGN],
        [120, FOREIGN],
        [600, FOREIGN],
      ],
      times: 1,
    },
    { when: "has an end in between", answers: [[0, FOREIGN], [30], [60, FOREIGN], [90, FOREIGN]], times: 0 },
    {
      when: "comes again",
      answers: [[0, FOREIGN], [60, FOREIGN], [75], [90, FOREIGN], [150, FOREIGN]],
      times: 2,
    },
    {
      when: "is of another kind",
      answers: [
        [0, SKEWED],
        [60, SKEWED],
      ],
      times: 0,
    },
  ])("is told $times times when it $when", ({ answers, times }) => {
    expect(tellings(answers)).toEqual(Array.from({ length: times }, () => "node-1 foreign-pods"));
  });

  test("is tried again while nobody hears it", () => {
    expect(
      tellings(
        [
          [0, FOREIGN],
          [60, FOREIGN],
          [75, FOREIGN],
        ],
        false,
      ),
    ).toHaveLength(2);
  });
});
