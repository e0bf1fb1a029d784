/**
 * From an answer of the API server to what it means for who asked; every status has exactly one meaning.
 *
 *   200, 201 of the right kind        read, written
 *   200, 201 of another kind          read: failed; write: unreachable, since it may have happened
 *   401, 403                          forbidden
 *   404                               absent
 *   409 (stale, exists, wrong uid)    write: conflict; read: refused
 *   422 from a JSON patch's `test`,
 *   422 about metadata.uid            write: conflict (another object, or another version, is there)
 *   400, 405, 410, 413, 415, 422      refused
 *   429                               throttled
 *   500, 502, 503, 504                failed
 *   reset, cut body, timeout          unreachable
 */
import { z } from "zod";
import type { Failure, ReadOutcome, WriteOutcome } from "../../base/outcome.ts";
import { cleanMessage } from "./message.ts";
import type { ApiAnswer } from "./transport.ts";

type Answered = Extract<ApiAnswer, { kind: "answered" }>;

/** The parts of a metav1.Status that tell one refusal from another. */
const Status = z.object({
  kind: z.literal("Status"),
  message: z.string().default(""),
  reason: z.string().default(""),
  details: z
    .object({
      name: z.string().default(""),
      causes: z.array(z.object({ field: z.string().default("") })).default([]),
    })
    .prefault({}),
});

const Written = z.object({ kind: z.string(), metadata: z.object({ resourceVersion: z.string().min(1) }) });

/** What the server says to a JSON patch whose `test` does not hold; it names no field and gives no cause. */
const PATCH_TEST_FAILED = "the server rejected our request due to an error in our request";

/** The value inside an answer to a GET; `schema` accepts only the kind that was asked for. */
export function readOutcome<T>(answer: ApiAnswer, schema: z.ZodType<T>): ReadOutcome<T> {
  if (answer.kind === "unreachable" || !succeeded(answer)) return failureOf(answer);
  const parsed = schema.safeParse(answer.body);
  if (parsed.success) return { kind: "read", value: parsed.data };
  const [issue] = parsed.error.issues;
  const where = issue === undefined ? "" : ` at ${issue.path.join(".") || "its root"}: ${issue.message}`;
  const message = cleanMessage(`the API server answered ${answer.status} with something else${where}`);
  return { kind: "failed", status: answer.status, retryAfter: undefined, message };
}

/** What became of a write; `kind` is the kind of the object that a success answers with. */
export function writeOutcome(answer: ApiAnswer, kind: string): WriteOutcome {
  if (answer.kind === "unreachable") return failureOf(answer);
  if (!succeeded(answer))
    return isConflict(answer) ? { kind: "conflict", message: messageOf(answer) } : failureOf(answer);
  const parsed = Written.safeParse(answer.body);
  if (parsed.success && parsed.data.kind === kind)
    return { kind: "written", resourceVersion: parsed.data.metadata.resourceVersion };
  return {
    kind: "unreachable",
    message: `the API server answered ${answer.status} to a write, but not with the ${kind}; it may have happened`,
  };
}

/** Why an answer is not a success. */
export function failureOf(answer: ApiAnswer): Failure {
  if (answer.kind === "unreachable") return answer;
  const { status, retryAfter } = answer;
  const message = messageOf(answer);
  if (status === 401 || status === 403) return { kind: "forbidden", status, message };
  if (status === 404) return { kind: "absent", message };
  if (status === 429) return { kind: "throttled", retryAfter, message };
  if (status >= 500 || status < 300) return { kind: "failed", status, retryAfter, message };
  return { kind: "refused", status, message };
}

/** Whether a 404 is about the path (its kind is not served), not about the object in it. */
export function isPathUnknown(answer: ApiAnswer): boolean {
  return answer.kind === "answered" && answer.status === 404 && (statusOf(answer)?.details.name ?? "") === "";
}

const succeeded = ({ status }: Answered): boolean => status === 200 || status === 201;

function isConflict(answer: Answered): boolean {
  if (answer.status === 409) return true;
  const status = statusOf(answer);
  if (answer.status !== 422 || status === undefined) return false;
  const { causes } = status.details;
  if (causes.length === 0) return status.message.includes(PATCH_TEST_FAILED);
  return causes.some(({ field }) => field === "metadata.uid");
}

function messageOf(answer: Answered): string {
  const message = statusOf(answer)?.message ?? "";
  return cleanMessage(message === "" ? `the API server answered ${answer.status}` : message);
}

function statusOf({ body }: Answered): z.infer<typeof Status> | undefined {
  return Status.safeParse(body).data;
}
