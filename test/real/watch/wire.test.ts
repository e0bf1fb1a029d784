import { describe, expect, test } from "vitest";
import { objectKey } from "../../../src/base/ids.ts";
import { millis } from "../../../src/base/units.ts";
import { createShared, trimMeta } from "../../../src/real/apiserver/watch/trim/meta.ts";
import type { Raw } from "../../../src/real/apiserver/watch/trim/raw.ts";
import { failureInput, readEnvelope, readItem, readLine } from "../../../src/real/apiserver/watch/wire.ts";
import { rawMeta } from "./raw-objects.ts";

const readObject = (raw: Raw) => {
  const meta = trimMeta(raw, createShared());
  return meta === undefined ? undefined : { meta };
};
const read = (event: unknown) => readLine(JSON.stringify(event), readObject);
const web = { metadata: rawMeta("web") };
const status = (code: number, over: Raw = {}): Raw => ({
  kind: "Status",
  status: "Failure",
  message: "m",
  code,
  ...over,
});

describe("a line of a watch", () => {
  test.each(["ADDED", "MODIFIED"])("%s brings the object at its version", (type) => {
    expect(read({ type, object: web })).toMatchObject({
      kind: "object",
      object: { meta: { name: "web" } },
      resourceVersion: "7",
    });
  });

  test("DELETED names what is gone, and the version of its going", () => {
    expect(read({ type: "DELETED", object: web })).toEqual({
      kind: "gone",
      key: objectKey("shop", "web"),
      resourceVersion: "7",
    });
  });

  test.each([
    [undefined, false],
    [{ "k8s.io/initial-events-end": "true" }, true],
    [{ "k8s.io/initial-events-end": "false" }, false],
  ])("BOOKMARK with annotations %j", (annotations, endsListing) => {
    const object = { metadata: { resourceVersion: "9", annotations } };
    expect(read({ type: "BOOKMARK", object })).toEqual({
      kind: "bookmark",
      resourceVersion: "9",
      endsListing,
    });
  });

  test.each(["ADDED", "MODIFIED", "DELETED"])("%s of what is no object loses only that", (type) => {
    expect(read({ type, object: { metadata: { name: "web" } } })).toEqual({ kind: "lost" });
    expect(read({ type })).toEqual({ kind: "lost" });
  });

  test.each([
    [410, "expired"],
    [429, "throttled"],
    [500, "server-error"],
    [503, "server-error"],
    [504, "server-error"],
    [403, "forbidden"],
    [401, "unauthorized"],
    [404, "absent"],
    [400, "refused"],
  ])("ERROR %i is %s", (code, problem) => {
    expect(read({ type: "ERROR", object: status(code) })).toMatchObject({
      kind: "failed",
      problem,
      message: "m",
    });
  });

  test("ERROR without a code is the server's problem; its wish to wait is kept", () => {
    expect(read({ type: "ERROR", object: {} })).toMatchObject({ problem: "server-error" });
    const busy = status(429, { details: { retryAfterSeconds: 3 } });
    expect(read({ type: "ERROR", object: busy })).toMatchObject({ retryAfter: 3000 });
  });

  test.each([
    ["{", "is not JSON"],
    ['{"type":"ADD', "is not JSON"],
    ["<html>", "is not JSON"],
    ["null", "no event"],
    ["[]", "no event"],
    ['{"type":"RENAMED"}', "no event"],
    ['{"type":"BOOKMARK","object":{}}', "no version"],
  ])("%j is garbled", (line, message) => {
    const input = readLine(line, readObject);
    expect(input).toMatchObject({
      kind: "failed",
      problem: "garbled",
      message: expect.stringContaining(message),
    });
  });
});

describe("a list", () => {
  test("has items, each at its version", () => {
    expect(readItem(JSON.stringify(web), readObject)).toMatchObject({
      kind: "object",
      object: { meta: { name: "web" } },
      resourceVersion: "7",
    });
    expect(readItem("{}", readObject)).toEqual({ kind: "lost" });
    expect(readItem("{", readObject)).toMatchObject({ kind: "failed", problem: "garbled" });
  });

  test.each([
    ['{"metadata":{"resourceVersion":"9","continue":"t"},"items":[]}', "t"],
    ['{"metadata":{"resourceVersion":"9","continue":""},"items":[]}', undefined],
    ['{"items":[],"metadata":{"resourceVersion":"9"}}', undefined],
    ['{"metadata":{"resourceVersion":"9"},"items":null}', undefined],
  ])("%s goes on at %s", (envelope, token) => {
    expect(readEnvelope(envelope)).toEqual({ kind: "page-end", resourceVersion: "9", token });
  });

  test.each(["", "[]", '"text"', '{"items":[]}', '{"metadata":{"resourceVersion":"9"}}', '{"items":['])(
    "%s is garbled",
    (envelope) => {
      expect(readEnvelope(envelope)).toMatchObject({ kind: "failed", problem: "garbled" });
    },
  );
});

describe("an answer that is not what was asked for", () => {
  test.each([
    [410, "expired"],
    [422, "refused"],
    [429, "throttled"],
    [503, "server-error"],
  ])("%i is %s", (code, problem) => {
    const answer = { kind: "answered", status: code, retryAfter: millis(2000), body: status(code) } as const;
    expect(failureInput(answer)).toMatchObject({ kind: "failed", problem, message: "m" });
  });

  test("no answer is unreachable", () => {
    expect(failureInput({ kind: "unreachable", message: "connect ECONNREFUSED" })).toMatchObject({
      problem: "unreachable",
      message: "connect ECONNREFUSED",
    });
  });
});
