/** The annotation that remembers what a template had before we wrote it. */
import { describe, expect, test } from "vitest";
import {
  annotationText, baseOf, isTakenBack, readAnnotation,
} from "../../../src/coordinate/requests/annotation.ts"; // prettier-ignore
import { amounts, named, resources } from "./questions.ts";

const before = [named("app", resources(amounts(500, 512), amounts(1000)))];
const after = [named("app", resources(amounts(345, 512), amounts(690)))];
const TEXT = '{"app":{"cpu":{"base":"500m","set":"345m","limit":{"base":"1","set":"690m"}}}}';

test("only what differs is told, as people write it", () => {
  expect(annotationText(before, after)).toBe(TEXT);
  expect(annotationText(before, before)).toBe("");
  const withoutRequest = [named("app", resources({}))];
  expect(annotationText(withoutRequest, [named("app", resources(amounts(100)))])).toBe(
    '{"app":{"cpu":{"set":"100m"}}}',
  );
});

test("it reads back what was written", () => {
  expect(readAnnotation(TEXT)).toEqual({
    kind: "readable",
    written: [
      {
        container: "app",
        base: resources(amounts(500), amounts(1000)),
        set: resources(amounts(345), amounts(690)),
      },
    ],
  });
});

test.each([undefined, "", "  "])("%j is none: what is there is the base", (text) => {
  expect(readAnnotation(text)).toEqual({ kind: "none" });
});

test.each([
  "null",
  "[]",
  "{",
  '{"app":3}',
  '{"app":{"gpu":{"base":"1","set":"2"}}}',
  '{"app":{"cpu":{"base":"-1","set":"2"}}}',
  '{"app":{"cpu":{"base":"much","set":"2"}}}',
  '{"app":{"cpu":{"base":"1","set":"2","limit":3}}}',
  '{"app":{"cpu":"500m"}}',
])("%s is unreadable, and nothing of it is used", (text) => {
  expect(readAnnotation(text)).toEqual({ kind: "unreadable" });
  expect(baseOf(after[0]!, readAnnotation(text))).toEqual(after[0]);
});

describe("the base of a container", () => {
  const read = readAnnotation(TEXT);
  test.each([
    { when: "it carries what we set", has: resources(amounts(345, 512), amounts(690)), base: before[0]! },
    {
      when: "someone wrote the request since",
      has: resources(amounts(400, 512), amounts(690)),
      base: resources(amounts(400, 512), amounts(1000)),
    },
    { when: "it has the base again", has: before[0]!, base: before[0]! },
  ])("when $when", ({ has, base }) => {
    expect(baseOf(named("app", has), read)).toEqual(named("app", base));
  });

  test("of a container that we never wrote is what it has", () => {
    const proxy = named("proxy", resources(amounts(50)));
    expect(baseOf(proxy, read)).toEqual(proxy);
  });
});

test.each([
  { has: resources(amounts(345, 512)), taken: false },
  { has: resources(amounts(500, 512)), taken: true },
  { has: resources(amounts(400, 512)), taken: false },
])("a template with $has was taken back: $taken", ({ has, taken }) => {
  expect(isTakenBack([named("app", has)], readAnnotation(TEXT))).toBe(taken);
  expect(isTakenBack([named("app", has)], { kind: "none" })).toBe(false);
});
