/**
 * `stock MARK TIME …`: what a stock HPA makes of the same story, and how that is known. The rest is as in
 * `expect`.
 *
 *   stock oracle 12m       replicas=20
 *   stock cited  12m..20m  web replicas>=8
 *
 * Invariant: an answer says how it is known: `recorded` from a real HPA that was run, `oracle` from its own
 * code that was asked, `cited` from what its users and authors wrote.
 */
import type { Expectation } from "./expectation.ts";
import { expectationOf } from "./expectation.ts";
import type { Line } from "./line.ts";

const MARKS = ["recorded", "oracle", "cited"] as const;
export type Mark = (typeof MARKS)[number];
export type StockAnswer = Expectation & Readonly<{ mark: Mark }>;

export function stockAnswerOf(line: Line): StockAnswer {
  const mark = MARKS.find((each) => line.takes(each));
  if (mark === undefined)
    line.complain(`write how it is known: \`stock MARK TIME …\` with ${MARKS.join(", ")}`);
  return { ...expectationOf(line), mark: mark ?? "cited" };
}
