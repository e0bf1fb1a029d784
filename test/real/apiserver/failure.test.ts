import { z } from "zod";
import { expect, test } from "vitest";
import { seconds } from "../../../src/base/units.ts";
import { failureOf, isPathUnknown, readOutcome, writeOutcome } from "../../../src/real/apiserver/failure.ts";
import type { ApiAnswer } from "../../../src/real/apiserver/transport.ts";

const answered = (status: number, body?: unknown, retryAfter?: number): ApiAnswer => ({
  kind: "answered",
  status,
  retryAfter: retryAfter === undefined ? undefined : seconds(retryAfter),
  body,
});
const refusal = (reason: string, details: object = { name: "web" }): unknown => ({
  kind: "Status",
  apiVersion: "v1",
  status: "Failure",
  message: `because ${reason}`,
  reason,
  details,
});
const causes = (field: string): object => ({ name: "web", causes: [{ reason: "FieldValueInvalid", field }] });
/** As kube-apiserver 1.36 says it: neither a field nor the failed test is named. */
const PATCH_TEST_FAILED = {
  kind: "Status",
  message: "the server rejected our request due to an error in our request",
  reason: "Invalid",
  details: {},
};
const WEB = { kind: "Scale", metadata: { resourceVersion: "7" } };
const Web = z.object({ kind: z.literal("Scale"), metadata: z.object({ resourceVersion: z.string() }) });
const broken: ApiAnswer = { kind: "unreachable", message: "other side closed" };

test.each<{ when: string; answer: ApiAnswer; read: object; write: object }>([
  { when: "200", answer: answered(200, WEB), read: { kind: "read", value: WEB }, write: { kind: "written", resourceVersion: "7" } },
  { when: "201", answer: answered(201, WEB), read: { kind: "read" }, write: { kind: "written" } },
  { when: "200 with another kind", answer: answered(200, { ...WEB, kind: "Status" }), read: { kind: "failed", status: 200 }, write: { kind: "unreachable" } },
  { when: "200 without a body", answer: answered(200), read: { kind: "failed", status: 200 }, write: { kind: "unreachable" } },
  { when: "302", answer: answered(302), read: { kind: "refused", status: 302 }, write: { kind: "refused" } },
  { when: "400", answer: answered(400, refusal("BadRequest")), read: { kind: "refused", status: 400 }, write: { kind: "refused", status: 400 } },
  { when: "401", answer: answered(401, refusal("Unauthorized")), read: { kind: "forbidden", status: 401 }, write: { kind: "forbidden", status: 401 } },
  { when: "403", answer: answered(403, refusal("Forbidden")), read: { kind: "forbidden", status: 403 }, write: { kind: "forbidden", status: 403 } },
  { when: "404", answer: answered(404, refusal("NotFound")), read: { kind: "absent", message: "because NotFound" }, write: { kind: "absent" } },
  { when: "405", answer: answered(405, refusal("MethodNotAllowed")), read: { kind: "refused" }, write: { kind: "refused", status: 405 } },
  { when: "409, an old version", answer: answered(409, refusal("Conflict")), read: { kind: "refused" }, write: { kind: "conflict", message: "because Conflict" } },
  { when: "409, it exists", answer: answered(409, refusal("AlreadyExists")), read: { kind: "refused" }, write: { kind: "conflict" } },
  { when: "410", answer: answered(410, refusal("Expired")), read: { kind: "refused", status: 410 }, write: { kind: "refused" } },
  { when: "413", answer: answered(413), read: { kind: "refused", status: 413 }, write: { kind: "refused", status: 413 } },
  { when: "415", answer: answered(415, refusal("UnsupportedMediaType")), read: { kind: "refused" }, write: { kind: "refused", status: 415 } },
  { when: "422, a wrong field", answer: answered(422, refusal("Invalid", causes("spec.replicas"))), read: { kind: "refused", status: 422 }, write: { kind: "refused", status: 422 } },
  { when: "422, another uid", answer: answered(422, refusal("Invalid", causes("metadata.uid"))), read: { kind: "refused" }, write: { kind: "conflict" } },
  { when: "422, a failed test of a JSON patch", answer: answered(422, PATCH_TEST_FAILED), read: { kind: "refused" }, write: { kind: "conflict" } },
  { when: "422 without a word", answer: answered(422), read: { kind: "refused" }, write: { kind: "refused" } },
  { when: "429 with Retry-After", answer: answered(429, refusal("TooManyRequests"), 7), read: { kind: "throttled", retryAfter: 7000 }, write: { kind: "throttled", retryAfter: 7000 } },
  { when: "429 without", answer: answered(429), read: { kind: "throttled", retryAfter: undefined }, write: { kind: "throttled" } },
  { when: "500", answer: answered(500, refusal("InternalError")), read: { kind: "failed", status: 500 }, write: { kind: "failed", status: 500 } },
  { when: "503 with Retry-After", answer: answered(503, undefined, 1), read: { kind: "failed", retryAfter: 1000 }, write: { kind: "failed", status: 503 } },
  { when: "504", answer: answered(504, refusal("Timeout")), read: { kind: "failed", status: 504 }, write: { kind: "failed", status: 504 } },
  { when: "a reset, a cut body, silence", answer: broken, read: broken, write: broken },
])("$when", ({ answer, read, write }) => {
  expect(readOutcome(answer, Web)).toMatchObject(read);
  expect(writeOutcome(answer, "Scale")).toMatchObject(write);
  if (read !== broken && !("value" in read)) expect(writeOutcome(answer, "Scale").kind).not.toBe("read");
}); // prettier-ignore

test("an answer without words is told by its status", () => {
  expect(failureOf(answered(502))).toEqual({
    kind: "failed",
    status: 502,
    retryAfter: undefined,
    message: "the API server answered 502",
  });
});

test("a message is one line of at most 300 characters", () => {
  const body = { kind: "Status", message: `admission webhook\n"x" denied: ${"no ".repeat(200)}` };
  const { message } = failureOf(answered(403, body));
  expect(message).toMatch(/^admission webhook "x" denied: no no/);
  expect(message).not.toContain("\n");
  expect(message).toHaveLength(300);
});

test.each([
  { what: "a path that is not served", body: { kind: "Status", details: {} }, unknown: true },
  { what: "an API that is not there (text)", body: undefined, unknown: true },
  { what: "an object", body: refusal("NotFound"), unknown: false },
])("a 404 about $what", ({ body, unknown }) => {
  expect(isPathUnknown(answered(404, body))).toBe(unknown);
  expect(isPathUnknown(answered(403, body))).toBe(false);
});
