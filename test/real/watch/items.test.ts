import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ItemReader } from "../../../src/real/apiserver/watch/items.ts";

const read = (chunks: readonly Uint8Array[]) => {
  const reader = new ItemReader();
  const items = chunks.flatMap((chunk) => [...reader.read(chunk)]);
  return { items, envelope: reader.endEnvelope() };
};

describe("a list", () => {
  test.each([
    [
      "with its items last",
      '{"kind":"PodList","metadata":{"resourceVersion":"9"},"items":[{"a":1},{"b":[{}]}]}',
      '{"kind":"PodList","metadata":{"resourceVersion":"9"},"items":[]}',
    ],
    [
      "with its items first",
      '{"items":[{"a":1},{"b":[{}]}],"metadata":{"resourceVersion":"9"}}',
      '{"items":[],"metadata":{"resourceVersion":"9"}}',
    ],
    ["with space between", '{ "items" : [ {"a":1} , {"b":[{}]} ] }', '{ "items" : [] }'],
  ])("%s", (_, json, envelope) => {
    expect(read([Buffer.from(json)])).toEqual({ items: ['{"a":1}', '{"b":[{}]}'], envelope });
  });

  test("braces, brackets and quotes inside texts are text", () => {
    const odd = { "}{": '"]}\\', nested: { "\\": ["}", "]", '"'] } };
    const json = JSON.stringify({ note: 'a"]}{[', items: [odd, odd] });
    const { items, envelope } = read([Buffer.from(json)]);
    expect(items.map((item) => JSON.parse(item) as unknown)).toEqual([odd, odd]);
    expect(JSON.parse(envelope)).toEqual({ note: 'a"]}{[', items: [] });
  });

  test.each(["{}", '{"items":null}', '{"items":[]}'])("without items: %s", (json) => {
    expect(read([Buffer.from(json)])).toEqual({ items: [], envelope: json });
  });
});

test("however bytes are cut, the same items come, and the envelope is the list without them", () => {
  const item = fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue());
  const cuts = fc.array(fc.nat(500), { maxLength: 12 });
  fc.assert(
    fc.property(fc.array(item, { maxLength: 6 }), fc.boolean(), cuts, (items, first, at) => {
      const metadata = { resourceVersion: "9" };
      const list = first ? { items, metadata } : { metadata, items };
      const bytes = Buffer.from(JSON.stringify(list));
      const edges = [0, ...at.map((cut) => Math.min(cut, bytes.length)), bytes.length].toSorted(
        (a, b) => a - b,
      );
      const whole = read(edges.slice(1).map((end, index) => bytes.subarray(edges[index], end)));
      const expected = JSON.parse(bytes.toString()) as typeof list;
      expect(whole.items.map((json) => JSON.parse(json) as unknown)).toEqual(expected.items);
      expect(JSON.parse(whole.envelope)).toEqual({ ...expected, items: [] });
    }),
  );
});

test("an item that never ends is noticed", () => {
  const reader = new ItemReader();
  expect([...reader.read(Buffer.from('{"items":[{"a":"'))]).toEqual([]);
  const megabyte = Buffer.alloc(1024 * 1024, "x");
  for (let i = 0; i < 16; i++) expect([...reader.read(megabyte)]).toEqual([]);
  expect(reader.tooLong).toBe(true);
});

test("bytes that are no JSON are taken without complaint", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 60 })), (chunks) => {
      expect(() => read(chunks)).not.toThrow();
    }),
  );
});
