import fc from "fast-check";
import { expect, test } from "vitest";
import { captured, decode, newDecoder, print } from "./answers.ts";

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
const container = fc.record({
  namespace: name,
  pod: name,
  container: name,
  cpu: fc.double({ min: 0, max: 1e7, noNaN: true }),
  memory: fc.double({ min: 0, max: 1e13, noNaN: true }),
  at: fc.option(fc.nat(), { nil: undefined }),
  start: fc.double({ min: 0, max: 2e9, noNaN: true }),
});
const containers = fc.uniqueArray(container, {
  selector: ({ namespace, pod, container: c }) => `${namespace}/${pod}/${c}`,
  maxLength: 20,
});

test("arbitrary bytes decode, and no value that comes out is negative, infinite or broken", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 4 }), (bodies) => {
      const decoder = newDecoder();
      for (const body of bodies) expectSound(decode(body, decoder));
    }),
    { numRuns: 500 },
  );
});

test("text of the exposition's own characters decodes, too", () => {
  const piece = fc.constantFrom(
    "container_cpu_usage_seconds_total", "container_memory_working_set_bytes", "node_cpu_usage_seconds_total",
    "{", "}", '"', "=", ",", "\\", "\n", " ", "container", "namespace", "pod", "a", "1", "e", "-", "+", ".", "#", "\r",
  ); // prettier-ignore
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => void expectSound(decode(pieces.join("")))),
    { numRuns: 2000 },
  );
});

test("every value is the double that the text means, converted as metrics-server does", () => {
  fc.assert(
    fc.property(containers, (printed) => {
      const { rows, malformed } = decode(print(printed));
      expect(malformed).toBe(0);
      expect(Object.keys(rows)).toHaveLength(printed.length);
      for (const { namespace, pod, container: c, cpu, memory, start } of printed)
        expect(rows[`${namespace}/${pod}/${c}`]).toMatchObject({
          cpu: Math.trunc(cpu * 1e9),
          memory: Math.trunc(memory),
          start: Math.trunc(start * 1e9),
        });
    }),
    { numRuns: 200 },
  );
});

test("a decoder that has seen other answers of the node reads the next one as a new decoder does", () => {
  fc.assert(
    fc.property(fc.array(containers, { maxLength: 5 }), (answers) => {
      const decoder = newDecoder();
      for (const answer of answers) expect(decode(print(answer), decoder)).toEqual(decode(print(answer)));
    }),
    { numRuns: 100 },
  );
});

test("a line of a real answer that is spoilt loses nothing but itself", () => {
  const lines = captured("1-running").toString("latin1").trimEnd().split("\n");
  const whole = decode(lines.join("\n"));
  const spoil = fc.constantFrom("", "?", "\0 1 2", "container_cpu_usage_seconds_total{", 'container_start_time_seconds{container="x"');
  fc.assert(
    fc.property(fc.nat(lines.length - 1), spoil, fc.boolean(), (index, junk, seenBefore) => {
      const decoder = newDecoder();
      if (seenBefore) decode(lines.join("\n"), decoder);
      const spoilt = decode(lines.with(index, junk).join("\n"), decoder);
      const without = decode(lines.toSpliced(index, 1).join("\n"));
      expect({ ...spoilt, malformed: 0 }).toEqual(without);
      expect(spoilt.malformed).toBe(junk === "" ? 0 : 1);
      expect(Object.keys(spoilt.rows)).toHaveLength(Object.keys(whole.rows).length);
    }),
    { numRuns: 300 },
  );
}); // prettier-ignore

test("any one byte of a real answer that is changed loses at most its line", () => {
  const body = captured("6-oom-killed");
  const text = body.toString("latin1");
  const whole = decode(text);
  fc.assert(
    fc.property(fc.nat(body.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const changed = Buffer.from(body);
      changed[at] = (changed[at] ?? 0) ^ change;
      const { rows } = expectSound(decode(changed));
      const line = text.slice(text.lastIndexOf("\n", at - 1) + 1, text.indexOf("\n", at));
      const follower = text.slice(text.indexOf("\n", at) + 1).split("\n", 1)[0] ?? "";
      for (const [key, row] of Object.entries(whole.rows)) {
        const [namespace, pod, container] = key.split("/");
        const labels = `{container="${container}",namespace="${namespace}",pod="${pod}"}`;
        // A line end that is changed joins two lines.
        if (!line.includes(labels) && !follower.includes(labels) && !text.startsWith("\n", at))
          expect(rows[key]).toEqual(row);
      }
    }),
    { numRuns: 500 },
  );
});

function expectSound(decoded: ReturnType<typeof decode>): ReturnType<typeof decode> {
  for (const row of Object.values(decoded.rows))
    for (const value of Object.values(row))
      expect(Number.isNaN(value) || (value >= 0 && Number.isFinite(value))).toBe(true);
  return decoded;
}
