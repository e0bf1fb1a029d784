/**
 * What each probe asks, and when it fails.
 */
import { expect, test } from "vitest";
import { seconds } from "../../src/base/units.ts";
import { type Check, LIVENESS, READINESS } from "../../src/serve/checks.ts";
import type { Facts } from "../../src/serve/facts.ts";
import { ago, cachesWithout, lastRound, someFacts } from "./facts.ts";

const failing = (checks: readonly Check[], facts: Facts): string[] =>
  checks.filter(({ trouble }) => trouble(facts) !== undefined).map(({ name }) => name);

const heldFor = (renewed: number): Partial<Facts> => ({
  leadership: () => ({ renewedAt: ago(renewed), duration: seconds(15) }),
});

test.each<{ when: string; over: Partial<Facts>; fails: string[] }>([
  { when: "all is well", over: {}, fails: [] },
  { when: "no scrape round has started yet", over: { scraping: lastRound(undefined) }, fails: [] },
  { when: "a round started 22.5 s ago at 15 s", over: { scraping: lastRound(22.5) }, fails: [] },
  { when: "it started longer ago", over: { scraping: lastRound(22.6) }, fails: ["metric-collection-timely"] },
  { when: "the event loop stalls", over: { eventLoop: { stalled: () => true } }, fails: ["event-loop"] },
  { when: "this process does not lead", over: { leadership: () => undefined }, fails: [] },
  { when: "its lease was renewed 35 s ago", over: heldFor(35), fails: [] },
  { when: "it believes in a lease that is long over", over: heldFor(36), fails: ["leader-lease"] },
  { when: "no cache is filled", over: { caches: cachesWithout("pods", "nodes") }, fails: [] },
  { when: "it is shutting down", over: { stopping: () => true }, fails: [] },
])("liveness when $when fails $fails", ({ over, fails }) => {
  expect(failing(LIVENESS, someFacts(over))).toEqual(fails);
});

test.each<{ when: string; over: Partial<Facts>; fails: string[] }>([
  { when: "all is well", over: {}, fails: [] },
  { when: "pods are not listed yet", over: { caches: cachesWithout("pods") }, fails: ["cache-pods"] },
  {
    when: "policies and nodes are not listed yet",
    over: { caches: cachesWithout("scalepolicies", "nodes") },
    fails: ["cache-nodes", "cache-scalepolicies"],
  },
  { when: "it is shutting down", over: { stopping: () => true }, fails: ["shutdown"] },
  { when: "metrics are late", over: { scraping: lastRound(3600) }, fails: [] },
  { when: "it does not lead", over: { leadership: () => undefined }, fails: [] },
])("F57 readiness when $when fails $fails", ({ over, fails }) => {
  expect(failing(READINESS, someFacts(over))).toEqual(fails);
});
