import { expect, test } from "vitest";
import { retryAfter } from "../../src/actuate/reaction.ts";
import type { WriteOutcome } from "../../src/base/outcome.ts";
import { millis } from "../../src/base/units.ts";

const message = "…";
test.each<{ outcome: WriteOutcome; row: number; ms: number | undefined }>([
  { outcome: { kind: "written", resourceVersion: "2" }, row: 0, ms: undefined },
  { outcome: { kind: "conflict", message }, row: 1, ms: 1000 },
  { outcome: { kind: "conflict", message }, row: 4, ms: 8000 },
  { outcome: { kind: "throttled", retryAfter: millis(86_400_000), message }, row: 1, ms: 120_000 },
  { outcome: { kind: "absent", message }, row: 1, ms: 10_000 },
  { outcome: { kind: "forbidden", status: 403, message }, row: 1, ms: 10_000 },
  { outcome: { kind: "refused", status: 422, message }, row: 2, ms: 20_000 },
  { outcome: { kind: "refused", status: 422, message }, row: 5, ms: 160_000 },
  { outcome: { kind: "refused", status: 422, message }, row: 70, ms: 600_000 },
  { outcome: { kind: "throttled", retryAfter: millis(7000), message }, row: 1, ms: 7000 },
  { outcome: { kind: "throttled", retryAfter: undefined, message }, row: 2, ms: 2000 },
  { outcome: { kind: "failed", status: 503, retryAfter: undefined, message }, row: 5, ms: 16_000 },
  { outcome: { kind: "unreachable", message }, row: 9, ms: 30_000 },
])("after $outcome.kind for the $row. time in a row: decide again in $ms ms", ({ outcome, row, ms }) => {
  expect(retryAfter(outcome, row)).toBe(ms);
});
