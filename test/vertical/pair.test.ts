import { expect, test } from "vitest";
import { carryOf, floorOf, percentOf } from "../../src/vertical/pair.ts";

const FROM_500 = { base: 500, percent: 60 };

test("60 % of 500m carries 300m a pod, and leaves room from 67 % of it on", () => {
  expect(carryOf(FROM_500)).toBe(300);
  expect(floorOf(FROM_500, 0.1)).toBe(335);
});

test.each([
  [450, 66],
  [335, 89],
  [500, 60],
  [1_000_000, 1],
])("with a request of %dm the percentage is %d", (request, percent) => {
  expect(percentOf(FROM_500, request)).toBe(percent);
});

test.each([
  [60, 0.1, 67],
  [30, 0.1, 34],
  [70, 0.1, 78],
  [50, 0, 51],
  [115, 0.2, 139],
  [100, 0.15, 116],
  [200, 0.15, 231],
])("the floor of %d %% with a tolerance of %d is %d %%, whatever doubles make of the product", (percent, tolerance, floor) => {
  expect(floorOf({ base: 100, percent }, tolerance)).toBe(floor);
}); // prettier-ignore
