import { describe, expect, test } from "vitest";
import { parseSelector } from "../../src/cluster/selector.ts";

const web = { app: "web", tier: "front", "example.com/zone": "a", rank: "7", empty: "" };

describe("a selector selects as the API server's does", () => {
  test.each([
    ["", true],
    ["   ", true],
    ["app=web", true],
    ["app==web", true],
    ["app = web", true],
    ["app=api", false],
    ["missing=web", false],
    ["app=", false],
    ["empty=", true],
    ["missing=", false],
    ["app!=web", false],
    ["app!=api", true],
    ["missing!=web", true],
    ["app", true],
    ["missing", false],
    ["!app", false],
    ["!missing", true],
    ["! missing", true],
    ["app in (web)", true],
    ["app in (api,web)", true],
    ["app in ( api , web )", true],
    ["app in(web)", true],
    ["app in (api)", false],
    ["missing in (web)", false],
    ["empty in ()", true],
    ["app notin (web)", false],
    ["app notin (api)", true],
    ["missing notin (api)", true],
    ["example.com/zone=a", true],
    ["example.com/zone in (a,b),app=web", true],
    ["app=web,tier=front", true],
    ["app=web, tier=back", false],
    ["app in (web,api),tier notin (back),!canary", true],
    ["rank>6", true],
    ["rank>7", false],
    ["rank < 10", true],
    ["app>1", false],
    ["missing<10", false],
    ["constructor", false],
    ["!toString", true],
    ["toString notin (a)", true],
  ])("%j: %s", (text, expected) => {
    expect(parseSelector(text)?.(web)).toBe(expected);
  });
});

describe("a text that the API server would refuse is no selector", () => {
  test.each([
    "app=web,",
    ",app=web",
    "app=web,,tier=front",
    "=web",
    "app=web=api",
    "app in web",
    "app in",
    "app in (web",
    "app in web)",
    "app in (a b)",
    "app notin",
    "!app=web",
    "!app in (web)",
    "app web",
    "-app=web",
    "app=-web",
    "app=web!",
    "rank>six",
    "rank>",
    "rank>99999999999999999999",
    `app=${"x".repeat(64)}`,
    `${"x".repeat(64)}=web`,
    "Example.com/zone=a",
    "a/b/c=d",
  ])("%j", (text) => {
    expect(parseSelector(text)).toBeUndefined();
  });
});
