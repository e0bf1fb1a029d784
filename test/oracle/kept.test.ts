/** Cases on which we once differed from upstream, with upstream's answer: they agree, or differ for a named reason. */
import { describe, expect, test } from "vitest";
import { compare } from "./compare.ts";
import { readKept } from "./kept.ts";

describe("what once differed from upstream", () => {
  test.each(readKept().map((row) => [JSON.stringify(row.case), row] as const))("agrees now: %s", (_, row) => {
    const verdict = compare(row.case, row.upstream);
    expect(verdict.kind, JSON.stringify({ verdict, upstream: row.upstream })).not.toBe("different");
  });
});
