/**
 * What the API server may answer, as values. The reaction to each is decided where it is received;
 * nothing here is thrown.
 */
import type { Millis } from "./units.ts";

/** A request that did not bring what was asked for. */
export type Failure =
  /** 404: the object, its kind or its subresource is not there. */
  | Readonly<{ kind: "absent"; message: string }>
  /** 403, 401: asking again without a change of rights will not help. */
  | Readonly<{ kind: "forbidden"; status: 401 | 403; message: string }>
  /** 400, 405, 413, 415, 422 …: the request is wrong for this server. */
  | Readonly<{ kind: "refused"; status: number; message: string }>
  /** 429: the server is busy and says when to come back. */
  | Readonly<{ kind: "throttled"; retryAfter: Millis | undefined; message: string }>
  /** 5xx: the server has a problem. */
  | Readonly<{ kind: "failed"; status: number; retryAfter: Millis | undefined; message: string }>
  /** No answer, or one that broke off: for a write, whether it happened is unknown. */
  | Readonly<{ kind: "unreachable"; message: string }>;

export type ReadOutcome<T> = Readonly<{ kind: "read"; value: T }> | Failure;

export type WriteOutcome =
  | Readonly<{ kind: "written"; resourceVersion: string }>
  /** 409, or 422 from a JSON-patch test: someone wrote first; look again. */
  | Readonly<{ kind: "conflict"; message: string }>
  | Failure;

/** A server that failed may have done it first. */
export const mayHaveHappened = ({ kind }: WriteOutcome): boolean =>
  kind === "written" || kind === "unreachable" || kind === "failed";
