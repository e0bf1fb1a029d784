/**
 * One conversation with the API server. Adapters speak in paths and JSON; how connections, credentials and
 * time limits work is behind this interface.
 */
import type { Millis } from "../../base/units.ts";

export type ApiRequest = Readonly<{
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path without query, such as `/apis/apps/v1/namespaces/shop/deployments/web/scale`. */
  path: string;
  query?: Readonly<Record<string, string>>;
  body?: unknown;
  /** Default `application/json`; patches name theirs. */
  contentType?: string;
  /** Default: 30 s for an answer. A stream has no limit of its own. */
  timeout?: Millis;
  signal?: AbortSignal;
  /** Leading has connections of its own, so that no other traffic can make it late. */
  lane?: "lease";
}>;

export type ApiAnswer =
  /** Any HTTP status; `body` is parsed JSON, or undefined when there was none or it was not JSON. */
  | Readonly<{ kind: "answered"; status: number; retryAfter: Millis | undefined; body: unknown }>
  | Readonly<{ kind: "unreachable"; message: string }>;

export type ApiStream =
  | Readonly<{ kind: "open"; chunks: AsyncIterable<Uint8Array> }>
  /** A status other than 200. */
  | Extract<ApiAnswer, { kind: "answered" }>
  | Extract<ApiAnswer, { kind: "unreachable" }>;

export interface ApiTransport {
  send(request: ApiRequest): Promise<ApiAnswer>;
  /**
   * GET whose body is read as it comes (watches, lists). Iterating ends with an error when the stream
   * breaks.
   */
  stream(request: ApiRequest): Promise<ApiStream>;
  close(): Promise<void>;
}
