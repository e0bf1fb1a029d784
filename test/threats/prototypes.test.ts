/**
 * S17: objects whose fields are named after parts of JavaScript's objects change nothing but themselves.
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, test } from "vitest";
import { epochMillis } from "../../src/base/units.ts";
import { KINDS } from "../../src/cluster/port.ts";
import { parseSelector } from "../../src/cluster/selector.ts";
import { parsePolicy } from "../../src/policy/parse.ts";
import { parseStatus } from "../../src/policy/parse-status.ts";
import { RESOURCES } from "../../src/real/apiserver/watch/resources.ts";
import { createShared } from "../../src/real/apiserver/watch/trim/meta.ts";
import { isRecord } from "../../src/real/apiserver/watch/trim/raw.ts";
import { readItem } from "../../src/real/apiserver/watch/wire.ts";
import { createDecodeScratch, NodeDecoder } from "../../src/scrape/decode.ts";
import { nameOf } from "../fail-safe/row.ts";

const NAMES = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf", "polluted"];

/** What every object inherits, with what is behind it. */
const inheritance = (): unknown[] =>
  [Object.prototype, Array.prototype, Function.prototype, Map.prototype].flatMap((prototype) =>
    Reflect.ownKeys(prototype).map((key) => [key, Object.getOwnPropertyDescriptor(prototype, key)]),
  );

/** JSON text, since an object literal could not have a field of its own named `__proto__`. */
const poisonedJson = fc.letrec<{ value: string; object: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom('"polluted"', "1", "true", "null", '{"polluted":true}', '"250m"'),
    tie("object"),
    fc.array(tie("value"), { maxLength: 3 }).map((items) => `[${items.join(",")}]`),
  ),
  object: fc
    .array(fc.tuple(fc.constantFrom(...NAMES, "name", "labels", "spec", "requests"), tie("value")), {
      maxLength: 4,
    })
    .map((fields) => `{${fields.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(",")}}`),
})).object;

test(nameOf("S17"), () => {
  const before = inheritance();
  const shared = createShared();
  const decoder = new NodeDecoder(createDecodeScratch());
  let objects = 0;
  fc.assert(
    fc.property(poisonedJson, fc.constantFrom(...NAMES), (json, name) => {
      objects += 1;
      const meta = `"name":"${name}","namespace":"${name}","uid":"${name}","resourceVersion":"1","creationTimestamp":"2026-11-25T12:00:00Z"`;
      const item = `{"metadata":{${meta},"labels":${json},"annotations":${json}},"spec":${json},"status":${json}}`;
      for (const kind of KINDS) readItem(item, (raw) => RESOURCES[kind].trim(raw, shared));
      const value: unknown = JSON.parse(json);
      parsePolicy(value);
      parseStatus(isRecord(value) ? { ...value, horizontal: value } : value);
      parseSelector(`${name}=${name}`)?.({ [name]: name });
      const line = `container_cpu_usage_seconds_total{container="${name}",namespace="${name}",pod="${name}"} 1 1000\n`;
      decoder.decode(new TextEncoder().encode(line), epochMillis(1000));
    }),
    { numRuns: 5_000 },
  );
  expect(objects).toBeGreaterThanOrEqual(5_000);
  expect(inheritance()).toEqual(before);
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  console.log(`S17: ${objects} objects of each kind, no prototype changed`);
});

test("S17 the program runs where __proto__ does not exist, as the manifest starts it", () => {
  const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
  const run = (...args: string[]): string =>
    execFileSync(process.execPath, ["--disable-proto=delete", main, ...args], { encoding: "utf8" });
  expect(run("version")).toMatch(/\d+\.\d+\.\d+/);
  const decisions = run("demo", "--output", "json", "--for", "5m", "--speed", "600").trim().split("\n");
  expect(decisions.length).toBeGreaterThan(5);
}, 30_000);
