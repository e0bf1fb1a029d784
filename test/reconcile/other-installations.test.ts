/**
 * When another installation counts as being there.
 */
import { expect, test } from "vitest";
import { later, monoMillis, seconds } from "../../src/base/units.ts";
import { OtherInstallations } from "../../src/reconcile/other-installations.ts";
import { aMeta } from "../builders.ts";

const START = monoMillis(10_000_000);
const after = (length: number) => later(START, seconds(length));
const { uid } = aMeta();
const by = (installation: string | undefined, resourceVersion: string) => ({
  meta: aMeta({ resourceVersion }),
  spec: {},
  status: { installation, conditions: [] },
});

test.each([
  { what: "theirs, newer than ours", written: "100", shown: by("theirs/a", "101"), sees: "theirs/a" },
  { what: "theirs, newer by a digit", written: "999", shown: by("theirs/a", "1000"), sees: "theirs/a" },
  { what: "theirs, from before ours", written: "100", shown: by("theirs/a", "99"), sees: undefined },
  {
    what: "theirs, and we have written none",
    written: undefined,
    shown: by("theirs/a", "101"),
    sees: undefined,
  },
  {
    what: "theirs, of a version that says nothing",
    written: "100",
    shown: by("theirs/a", "v7"),
    sees: undefined,
  },
  { what: "ours", written: "100", shown: by("ours/a", "101"), sees: undefined },
  {
    what: "an older operator's, without a name",
    written: "100",
    shown: by(undefined, "101"),
    sees: undefined,
  },
])("a status that is $what: $sees", ({ written, shown, sees }) => {
  const others = new OtherInstallations("ours/a");
  if (written !== undefined) others.wrote(uid, written);
  expect(others.saw(shown, START)).toBe(sees !== undefined);
  expect(others.at(uid, START)).toBe(sees);
});

test("it is news once, stays for 5 minutes after its last status, and is news again after that", () => {
  const others = new OtherInstallations("ours/a");
  others.wrote(uid, "100");
  const saw = (version: string, at: number) => others.saw(by("theirs/a", version), after(at));
  expect([saw("101", 0), saw("102", 60), saw("103", 120)]).toEqual([true, false, false]);
  expect(others.at(uid, after(419))).toBe("theirs/a");
  expect(others.at(uid, after(420))).toBeUndefined();
  expect(saw("104", 430)).toBe(true);
});

test("a policy that is forgotten is as if it had never been seen", () => {
  const others = new OtherInstallations("ours/a");
  others.wrote(uid, "100");
  others.saw(by("theirs/a", "101"), START);
  others.forget(uid);
  expect(others.at(uid, START)).toBeUndefined();
  expect(others.saw(by("theirs/a", "102"), START)).toBe(false);
});
