/**
 * What the API server sends, as inputs of the machine: lines of a watch, items of a list, refusals.
 *
 * Invariant: nothing that arrives makes this throw; what is no event, no object or no list is said to be so.
 */
import { millis } from "../../../base/units.ts";
import { keyOf, type Meta } from "../../../cluster/object.ts";
import { failureOf } from "../failure.ts";
import { cleanMessage, wordsOf } from "../message.ts";
import type { ApiAnswer } from "../transport.ts";
import type { Input, Problem } from "./machine.ts";
import { annotation } from "./trim/meta.ts";
import { count, type Raw, record, text } from "./trim/raw.ts";

type HasMeta = Readonly<{ meta: Meta }>;
export type Failed = Extract<Input<never>, { kind: "failed" }>;

/** Trims one object, and tells of one that it cannot read. */
export type ReadObject<T> = (raw: Raw) => T | undefined;

/** The annotation of the bookmark that ends the listing of a WatchList (KEP-3157). */
const LISTING_ENDS = "k8s.io/initial-events-end";

export function readLine<T extends HasMeta>(line: string, readObject: ReadObject<T>): Input<T> {
  const parsed = parse(line);
  if (parsed.kind === "failed") return parsed;
  const event = record(parsed.value);
  const object = record(event["object"]);
  switch (event["type"]) {
    case "ADDED":
    case "MODIFIED":
      return change(readObject(object));
    case "DELETED":
      return departure(readObject(object));
    case "BOOKMARK":
      return bookmark(object);
    case "ERROR":
      return refusal(object);
    default:
      return failed("garbled", "a line of the watch is no event");
  }
}

function change<T extends HasMeta>(object: T | undefined): Input<T> {
  if (object === undefined) return { kind: "lost" };
  return { kind: "object", object, resourceVersion: object.meta.resourceVersion };
}

function departure<T extends HasMeta>(object: T | undefined): Input<T> {
  if (object === undefined) return { kind: "lost" };
  return { kind: "gone", key: keyOf(object), resourceVersion: object.meta.resourceVersion };
}

function bookmark(object: Raw): Input<never> {
  const resourceVersion = text(record(object["metadata"])["resourceVersion"]);
  if (resourceVersion === undefined) return failed("garbled", "a bookmark names no version");
  return { kind: "bookmark", resourceVersion, endsListing: annotation(object, LISTING_ENDS) === "true" };
}

/** The Status inside an ERROR event means what it would have meant as an answer. */
function refusal(status: Raw): Failed {
  const seconds = count(record(status["details"])["retryAfterSeconds"]);
  const retryAfter = seconds === undefined ? undefined : millis(seconds * 1000);
  return failureInput({ kind: "answered", status: count(status["code"]) ?? 500, retryAfter, body: status });
}

export function readItem<T extends HasMeta>(item: string, readObject: ReadObject<T>): Input<T> {
  const parsed = parse(item);
  return parsed.kind === "failed" ? parsed : change(readObject(record(parsed.value)));
}

/** A list without its items: which version it is of, and where it goes on. */
export function readEnvelope(envelope: string): Input<never> {
  const parsed = parse(envelope);
  if (parsed.kind === "failed") return parsed;
  const list = record(parsed.value);
  const metadata = record(list["metadata"]);
  const resourceVersion = text(metadata["resourceVersion"]);
  if (resourceVersion === undefined || !isListed(list["items"]))
    return failed("garbled", "the answer is no list");
  return { kind: "page-end", resourceVersion, token: text(metadata["continue"]) };
}

/** An empty list may have `null` for its items. */
const isListed = (items: unknown): boolean => items === null || Array.isArray(items);

function parse(json: string): Readonly<{ kind: "parsed"; value: unknown }> | Failed {
  try {
    return { kind: "parsed", value: JSON.parse(json) };
  } catch (error) {
    return failed("garbled", cleanMessage(`what came is not JSON: ${wordsOf(error)}`));
  }
}

/** An answer that is not what was asked for. */
export function failureInput(answer: ApiAnswer): Failed {
  const failure = failureOf(answer);
  const retryAfter = "retryAfter" in failure ? failure.retryAfter : undefined;
  return failed(problemOf(failure), failure.message, retryAfter);
}

/** 410 is the one refusal that says what to do; of the rest, the machine knows by name. */
function problemOf(failure: ReturnType<typeof failureOf>): Problem {
  switch (failure.kind) {
    case "refused":
      return failure.status === 410 ? "expired" : "refused";
    case "forbidden":
      return failure.status === 401 ? "unauthorized" : "forbidden";
    case "failed":
      return "server-error";
    case "absent":
    case "throttled":
    case "unreachable":
      return failure.kind;
  }
}

export function failed(problem: Problem, message: string, retryAfter?: Failed["retryAfter"]): Failed {
  return { kind: "failed", problem, message, retryAfter };
}
