/**
 * The outcomes of a request that suite R4 knows, each as the fault that makes it.
 */
import type { Fault, OwnAnswer } from "./rule.ts";

/** A refusal in the words of the API server. */
export function refusal(
  code: number,
  reason: string,
  headers: Readonly<Record<string, string>> = {},
): OwnAnswer {
  const message = `the fault proxy says ${code} ${reason}`;
  const body = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason, code };
  return { status: code, headers, body };
}

const answer = (own: OwnAnswer): Fault => ({ do: "answer", answer: own });
const refuse = (...words: Parameters<typeof refusal>): Fault => answer(refusal(...words));

/** What a server says that is no Kubernetes API, or another part of it: a success about something else. */
const WRONG_KIND: OwnAnswer = {
  status: 200,
  body: { kind: "ConfigMap", apiVersion: "v1", metadata: { name: "x", resourceVersion: "1" } },
};

export const RETRY_AFTER_SECONDS = 7;

export const OUTCOMES = {
  "400": refuse(400, "BadRequest"),
  "401": refuse(401, "Unauthorized"),
  "403": refuse(403, "Forbidden"),
  "404": refuse(404, "NotFound"),
  "409 conflict": refuse(409, "Conflict"),
  "409 exists": refuse(409, "AlreadyExists"),
  "410": refuse(410, "Expired"),
  "413": refuse(413, "RequestEntityTooLarge"),
  "415": refuse(415, "UnsupportedMediaType"),
  "422": refuse(422, "Invalid"),
  "429": refuse(429, "TooManyRequests"),
  "429 with Retry-After": refuse(429, "TooManyRequests", { "retry-after": `${RETRY_AFTER_SECONDS}` }),
  "500": refuse(500, "InternalError"),
  "503": refuse(503, "ServiceUnavailable"),
  "504": refuse(504, "Timeout"),
  "reset before headers": { do: "cut", at: "seen" },
  "cut mid-body": { do: "cut", at: "telling" },
  "200 with wrong kind": answer(WRONG_KIND),
} as const satisfies Readonly<Record<string, Fault>>;

export type OutcomeName = keyof typeof OUTCOMES;
export const OUTCOME_NAMES = Object.keys(OUTCOMES) as OutcomeName[];

/** A watch that ends as one whose version etcd has compacted: an event inside a 200. */
export const EXPIRED_EVENT: Fault = answer({
  status: 200,
  body: { type: "ERROR", object: refusal(410, "Expired").body },
});
