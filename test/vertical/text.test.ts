import { expect, test } from "vitest";
import { bytes, milliCores } from "../../src/base/units.ts";
import { requestText, requestTexts } from "../../src/vertical/text.ts";

test.each([
  ["cpu", 250, "250m"],
  ["cpu", 2000, "2"],
  ["cpu", 1_000_000, "1k"],
  ["cpu", 1e14, "100G"],
  ["cpu", 0, "0"],
  ["memory", 262_144_000, "250Mi"],
  ["memory", 262_144_001, "262144001"],
  ["memory", 1e14, "97656250000Ki"],
  ["memory", 1000, "1k"],
] as const)("%s of %d is printed as the VPA prints it: %s", (resource, amount, text) => {
  expect(requestText(resource, amount)).toBe(text);
});

test("only what has an amount is printed", () => {
  expect(requestTexts({ memory: bytes(1024) })).toEqual({ memory: "1Ki" });
  expect(requestTexts({ cpu: milliCores(1), memory: bytes(0) })).toEqual({ cpu: "1m", memory: "0" });
});
