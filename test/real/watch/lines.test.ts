import fc from "fast-check";
import { expect, test } from "vitest";
import { LineReader } from "../../../src/real/apiserver/watch/lines.ts";

const read = (chunks: readonly Uint8Array[]): string[] => {
  const lines = new LineReader();
  return chunks.flatMap((chunk) => [...lines.read(chunk)]);
};

test("lines come as they are completed, and what is not completed does not come", () => {
  const lines = new LineReader();
  expect([...lines.read(Buffer.from("a\nb"))]).toEqual(["a"]);
  expect([...lines.read(Buffer.from(""))]).toEqual([]);
  expect([...lines.read(Buffer.from("c\n\nd\ne"))]).toEqual(["bc", "d"]);
});

test("however bytes are cut, the same lines come, whatever characters they hold", () => {
  const text = fc.array(fc.string({ unit: "binary" }), { maxLength: 8 });
  const cuts = fc.array(fc.nat(200), { maxLength: 12 });
  fc.assert(
    fc.property(text, cuts, (parts, at) => {
      const expected = parts.map((part) => part.replaceAll("\n", "")).filter((line) => line !== "");
      const bytes = Buffer.from(parts.map((part) => `${part.replaceAll("\n", "")}\n`).join(""));
      const edges = [0, ...at.map((cut) => Math.min(cut, bytes.length)), bytes.length].toSorted(
        (a, b) => a - b,
      );
      const chunks = edges.slice(1).map((end, index) => bytes.subarray(edges[index], end));
      // A lone surrogate has no bytes of its own: compare after the same round trip.
      expect(read(chunks)).toEqual(expected.map((line) => Buffer.from(line).toString()));
    }),
  );
});

test("a line that never ends is noticed", () => {
  const lines = new LineReader();
  const megabyte = Buffer.alloc(1024 * 1024, "x");
  for (let i = 0; i < 16; i++) expect([...lines.read(megabyte)]).toEqual([]);
  expect(lines.tooLong).toBe(false);
  expect([...lines.read(megabyte)]).toEqual([]);
  expect(lines.tooLong).toBe(true);
});
