/**
 * A healthy operator's facts, of which a test spoils what matters to it.
 */
import { monoMillis, seconds } from "../../src/base/units.ts";
import { type Kind, KINDS } from "../../src/cluster/port.ts";
import type { ClusterView } from "../../src/cluster/view.ts";
import type { Facts } from "../../src/serve/facts.ts";

/** Now is always one million. */
export const NOW = 1_000_000;
export const ago = (s: number) => monoMillis(NOW - seconds(s));

export function cachesWithout(...unsynced: readonly Kind[]): ClusterView["of"] {
  const reader = (kind: Kind) => ({
    get: () => undefined,
    all: () => [],
    count: () => 0,
    synced: () => !unsynced.includes(kind),
    resourceVersion: () => "1",
    heardAt: () => ago(1),
  });
  return Object.fromEntries(KINDS.map((kind) => [kind, reader(kind)])) as unknown as ClusterView["of"];
}

export function someFacts(over: Partial<Facts> = {}): Facts {
  return {
    now: () => monoMillis(NOW),
    caches: cachesWithout(),
    scraping: { resolution: seconds(15), lastRoundStartedAt: () => ago(10) },
    eventLoop: { stalled: () => false },
    leadership: () => ({ renewedAt: ago(2), duration: seconds(15) }),
    version: "0.1.0",
    serving: () => undefined,
    stopping: () => false,
    ...over,
  };
}

export const lastRound = (secondsAgo: number | undefined): Facts["scraping"] => ({
  resolution: seconds(15),
  lastRoundStartedAt: () => (secondsAgo === undefined ? undefined : ago(secondsAgo)),
});
