import { describe, expect, test } from "vitest";
import { EPSILON, Weights } from "../../../src/usage/history/weights.ts";

const of = (...entries: readonly (readonly [number, number])[]): Weights => {
  const weights = new Weights();
  for (const [bucket, weight] of entries) weights.add(bucket, weight);
  return weights;
};
const crumb = EPSILON / 2;

describe("weights", () => {
  test("buckets come in order, whatever the order of samples", () => {
    expect(of([100, 1], [3, 2], [175, 3], [0, 4], [3, 1]).entries()).toEqual([
      [0, 4],
      [3, 3],
      [100, 1],
      [175, 3],
    ]);
  });

  test("what is taken back is gone, and a rest under the smallest weight with it", () => {
    const weights = of([5, 1], [6, 1]);
    weights.subtract(5, 1 - crumb);
    expect(weights.entries()).toEqual([[6, 1]]);
    expect(weights.total).toBe(2 - (1 - crumb));
  });

  test("more than there is cannot be taken back", () => {
    const weights = of([5, 1]);
    weights.subtract(5, 3);
    expect([weights.entries(), weights.total]).toEqual([[], 0]);
  });

  test("scaling leaves crumbs outside of the window as they are, and shrinks the total as a whole", () => {
    const weights = of([1, crumb], [2, 1], [3, crumb], [4, 1], [9, crumb]);
    weights.scale(0.5);
    expect(weights.entries()).toEqual([
      [1, crumb],
      [2, 0.5],
      [3, crumb / 2],
      [4, 0.5],
      [9, crumb],
    ]);
    expect(weights.total).toBe((2 + 3 * crumb) * 0.5);
  });

  test("merging takes the other's window, and all of its total", () => {
    const weights = of([4, 1]);
    weights.merge(of([1, crumb], [2, 1], [3, crumb], [4, 1]));
    expect(weights.entries()).toEqual([
      [2, 1],
      [3, crumb],
      [4, 2],
    ]);
    expect(weights.total).toBe(1 + (crumb + 1 + crumb + 1));
  });

  test("a negative weight is a bug", () => {
    expect(() => of([1, -1])).toThrow("not negative");
  });
});
