import { expect, test } from "vitest";
import { exp2, powerOfTwo } from "../../../src/usage/history/exp2.ts";

test.each([
  [0, 1],
  [1, 2],
  [-1, 0.5],
  [100, 2 ** 100],
  [-1022, 2 ** -1022],
  [-1100, 0],
  [0.5, 1.414213562373095],
  [11.5, 2896.3093757400984],
  [1 / 3, 1.2599210498948732],
  [-3.7, 0.07694652583405726],
  [-9.999305555555557, 0.0009770326836692248],
  [99.99930555555555, 1.267040560645647e30],
  [0.49930555555555556, 1.4135329913615622],
])("2 to the power of %d is %d, as Go computes it", (exponent, power) => {
  expect(exp2(exponent)).toBe(power);
});

test("it is never further than a few last bits from the engine's own power", () => {
  for (let x = -60; x < 101; x += 0.0137) expect(exp2(x) / 2 ** x).toBeCloseTo(1, 14);
});

test.each([
  [-1023, 0],
  [-Infinity, 0],
  [1023, 2 ** 1023],
])("a whole power of %d is exact: %d", (exponent, power) => {
  expect(powerOfTwo(exponent)).toBe(power);
});
