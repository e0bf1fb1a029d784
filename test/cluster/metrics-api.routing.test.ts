/**
 * Two replicas behind an aggregator that picks endpoints itself, as in clusters with `--enable-aggregator-routing`: kill
 * either, and `kubectl top` goes on.
 */
import { test, expect } from "vitest";
import { killEitherInside } from "../aggregator-routing/namespace.ts";

test("either replica may end or be killed, and no kubectl top fails", { timeout: 500_000 }, async ({ skip }) => {
  const outcome = await killEitherInside();
  if (outcome.kind === "impossible") {
    if (process.env["CI"]) throw new Error(`in CI this test must run: ${outcome.message}`);
    return skip(`no network namespace can be made here: ${outcome.message}`);
  }
  for (const { address, signal, tops, failed } of outcome.seen) {
    console.log(`aggregator routing: ${signal} to ${address}: ${tops} kubectl top, ${failed.length} failed`);
    expect(failed, `${signal} to ${address}`).toEqual([]);
    expect(tops).toBeGreaterThan(5);
  }
  expect(outcome.seen).toHaveLength(4);
}); // prettier-ignore
