/**
 * What is believed of a policy that the API server did not find and the watch still shows.
 */
import { describe, expect, test } from "vitest";
import { later, minutes, monoMillis, seconds } from "../../src/base/units.ts";
import { MissingPolicies } from "../../src/reconcile/missing-policies.ts";
import { aMeta } from "../builders.ts";

const START = monoMillis(10_000_000);
const shown = (resourceVersion: string) => aMeta({ resourceVersion });

function missedAt(resourceVersion: string): MissingPolicies {
  const missing = new MissingPolicies();
  missing.missed(shown(resourceVersion), START);
  return missing;
}

describe("a policy that was not found in version 100", () => {
  test.each([
    { version: "100", age: 0, presence: "left-alone" },
    { version: "99", age: 1, presence: "left-alone" },
    { version: "101", age: 1, presence: "in-doubt" },
    { version: "1000", age: 1, presence: "in-doubt" },
    { version: "v7", age: 1, presence: "in-doubt" },
    { version: "100", age: 299, presence: "left-alone" },
    { version: "100", age: 300, presence: "in-doubt" },
    { version: "101", age: 599, presence: "in-doubt" },
    { version: "100", age: 600, presence: "known" },
  ])("is $presence when the watch shows $version, $age s later", ({ version, age, presence }) => {
    expect(missedAt("100").presenceOf(shown(version), later(START, seconds(age)))).toBe(presence);
  });

  test.each([
    { version: "100", isNews: false },
    { version: "99", isNews: false },
    { version: "101", isNews: true },
  ])("is news in version $version: $isNews", ({ version, isNews }) => {
    expect(missedAt("100").reappeared(shown(version))).toBe(isNews);
  });

  test("is known again once it was found, and that is told once", () => {
    const missing = missedAt("100");
    expect([missing.found(shown("").uid), missing.found(shown("").uid)]).toEqual([true, false]);
    expect(missing.presenceOf(shown("100"), START)).toBe("known");
  });

  test("is left alone from the latest answer on, in the version of that", () => {
    const missing = missedAt("100");
    missing.missed(shown("105"), later(START, minutes(9)));
    expect(missing.presenceOf(shown("105"), later(START, minutes(11)))).toBe("left-alone");
    expect(missing.presenceOf(shown("106"), later(START, minutes(11)))).toBe("in-doubt");
  });
});

test("a policy that was never missed is known, and no news", () => {
  const missing = missedAt("100");
  expect(missing.presenceOf(aMeta({ name: "api" }), START)).toBe("known");
  expect(missing.reappeared(aMeta({ name: "api", resourceVersion: "200" }))).toBe(false);
});
