/**
 * The table of reasons against what the rooms give as reasons.
 */
import { describe, expect, test } from "vitest";
import { EVENT_REASONS } from "../../src/report/event-reasons.ts";
import { CONDITION_REASONS, findReason } from "../../src/report/reasons.ts";
import { sourcesOf, spelled } from "./spelling.ts";

/** The rooms that state conditions; elsewhere a `reason` may be someone else's. */
const sources = sourcesOf(
  ["horizontal", "coordinate", "actuate", "report", "reconcile"],
  ["report/reasons.ts", "report/event-reasons.ts", "report/vertical/reasons.ts"],
);
/** Conditions that say that something is wrong, or limited: False is how it should be. */
const BAD_WHEN_TRUE = ["ScalingLimited", "LowConfidence", "NoPodsMatched", "ConfigUnsupported"];
const known = new Set<string>([...CONDITION_REASONS, ...EVENT_REASONS].map(({ reason }) => reason));

describe("the rooms and the table", () => {
  test("every reason that a room gives has a row", () => {
    const given = spelled(
      sources,
      /\b(?:reason|because): "([A-Z]\w+)"|"(?:Ready|ScalingActive|AbleToScale|ScalingLimited|LowConfidence|NoPodsMatched|ConfigUnsupported)",\s*(?:"(?:True|False)",\s*)?"([A-Z]\w+)"/g,
    );
    expect(given.length).toBeGreaterThan(5);
    const types = ["Ready", "AbleToScale", "ScalingActive", "Applying", ...BAD_WHEN_TRUE];
    expect(given.filter(([reason]) => !known.has(reason) && !types.includes(reason))).toEqual([]);
  });

  test("every reason of a condition is given by some room", () => {
    const text = [...sources.values()].join("\n");
    expect(CONDITION_REASONS.filter(({ reason }) => !text.includes(`"${reason}"`))).toEqual([]);
  });

  test("every reason of an Event is given by a condition, by a room, or by what announces the metrics API", () => {
    const announcing = sourcesOf(["serve"], []);
    const text = [...sources.values(), ...announcing.values()].join("\n");
    const begun = new Set(CONDITION_REASONS.map((row) => ("event" in row ? row.event : undefined)));
    const unused = EVENT_REASONS.filter(
      ({ reason }) => !begun.has(reason as never) && !text.includes(`"${reason}"`),
    );
    expect(unused).toEqual([]);
  });
});

describe("a row", () => {
  test("is there once", () => {
    expect(new Set(CONDITION_REASONS.map(({ reason }) => reason)).size).toBe(CONDITION_REASONS.length);
    expect(new Set(EVENT_REASONS.map(({ reason }) => reason)).size).toBe(EVENT_REASONS.length);
  });

  test.each([...CONDITION_REASONS])("$reason is CamelCase and says what it means and what to do", (row) => {
    expect(row.reason).toMatch(/^([A-Z][a-z]+)+$/);
    expect(row.meaning).toMatch(/\.$/);
    if ("remedy" in row) expect(row.remedy).toMatch(/\.$/);
    else expect(row.status).toBe(BAD_WHEN_TRUE.includes(row.type) ? "False" : "True");
    expect(findReason(row.reason)).toBe(row);
  });

  test.each([...CONDITION_REASONS].filter((row) => "event" in row))(
    "$reason is told by an Event because it is trouble, not everyday work",
    (row) => {
      expect(row.status).toBe(BAD_WHEN_TRUE.includes(row.type) ? "True" : "False");
      expect(EVENT_REASONS.find(({ reason }) => reason === row.event)?.type).toBe("Warning");
    },
  );
});

test("a reason that an older or newer operator wrote is unknown, and no error", () => {
  expect(findReason("FromTheFuture")).toBeUndefined();
});
