/**
 * The small sums behind the benchmarks' tables.
 */
import { expect, test } from "vitest";
import { bucketQuantile } from "./peers/histogram.ts";
import { addCosts } from "./peers/process-cost.ts";
import { quantile } from "./peers/steps.ts";
import { addressOf, fleetOf, nodeAt, podsOn } from "./scale/objects.ts";
import { podNames } from "./watch-pod.ts";

const answer = (counts: readonly [le: string, count: number][]): string =>
  counts.map(([le, count]) => `wait_seconds_bucket{le="${le}"} ${count}`).join("\n");

test.each([
  { part: 0.5, bound: 0.1 },
  { part: 0.95, bound: 0.5 },
  { part: 1, bound: Infinity },
])("the bucket of part $part over two replicas ends at $bound", ({ part, bound }) => {
  const texts = [
    answer([
      ["0.1", 60],
      ["0.5", 95],
      ["+Inf", 97],
    ]),
    answer([
      ["0.1", 0],
      ["0.5", 3],
      ["+Inf", 3],
    ]),
  ];
  expect(bucketQuantile(texts, "wait_seconds", part)).toBe(bound);
});

test("a histogram without an observation has no percentile", () => {
  expect(bucketQuantile(["other 1"], "wait_seconds", 0.95)).toBeNaN();
});

test("a quantile is one of the values: the least that so large a part does not exceed", () => {
  expect([0.5, 0.95, 1].map((part) => quantile([4, 1, 3, 2], part))).toEqual([2, 4, 4]);
});

test("costs add up, and a floor is subtracted as a negative cost", () => {
  const whole = { cpu: 30, rss: 200, pss: 150 };
  expect(addCosts([whole, { cpu: -10, rss: -80, pss: -40 }])).toEqual({ cpu: 20, rss: 120, pss: 110 });
});

test("each of 5,000 nodes has an address of its own, and every pod is on the node that its object names", () => {
  const fleet = fleetOf(150_000);
  const nodes = Array.from({ length: fleet.layout.nodes }, (_, node) => node);
  expect(nodes).toHaveLength(5000);
  expect(nodes.map((node) => nodeAt(addressOf(node)))).toEqual(nodes);
  const pods = nodes.flatMap((node) => podsOn(node, fleet).map(({ index }) => ({ node, index })));
  expect(pods).toHaveLength(150_000);
  expect(pods.filter(({ node, index }) => podNames(index, fleet.layout).node !== `node-${node}`)).toEqual([]);
});
