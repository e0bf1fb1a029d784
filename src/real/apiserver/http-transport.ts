/**
 * The transport over real connections. It never waits on its own account and never repeats what may have
 * happened: a request is sent a second time only when the first surely had no effect or is a GET.
 *
 *   401, and there are newer credentials       any method, once
 *   certificates refused, and there are newer  any method, once
 *   connection reset (idle race)               GET, once
 *
 * A server that says when to come back (Retry-After) is heard by the caller, who decides what is worth
 * asking then. Invariants: nothing rejects but the iteration of a broken stream; no request leaves after its
 * time is over, however long it waited for a connection and whatever held up the event loop.
 */
import type { Dispatcher } from "undici";
import { millis, seconds, type Millis } from "../../base/units.ts";
import type { Connection } from "./connection/connection.ts";
import type { Material } from "./connection/credentials.ts";
import { type Departure, Lanes } from "./lanes.ts";
import { cleanMessage, codeOf, wordsOf } from "./message.ts";
import type { ApiAnswer, ApiRequest, ApiStream, ApiTransport } from "./transport.ts";

export type TransportOptions = Readonly<{
  /** `plimsoll/<version>`: what the API server's audit log and metrics show. */
  userAgent: string;
}>;

const ANSWER_WITHIN = seconds(30);
/** The largest whole answer: discovery of a big group is some 100 KiB, one object at most 1.5 MiB. */
const BODY_BYTES_MAX = 8 * 1_048_576;

const RESET = ["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"];
/** Codes of OpenSSL and of Node for a certificate, ours or theirs, that was not accepted. */
const CERTIFICATE_REFUSED =
  /^(ERR_TLS_CERT|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED|INVALID_CA|EPROTO$)/;
/** Not ours to give: the flags of Node are no setting of this program. */
const ADVICE_OF_NODE = /; if the root CA is installed locally.*$/;

export function createTransport(connection: Connection, options: TransportOptions): ApiTransport {
  return new HttpTransport(connection, options);
}

/** How one attempt went. */
type Attempt =
  | Readonly<{ kind: "response"; response: Dispatcher.ResponseData; material: Material }>
  | Readonly<{ kind: "broken"; error: unknown; material: Material }>
  | Readonly<{ kind: "no-credentials"; message: string }>
  /** Its end came while credentials were being made, or it waited for a connection or an answer. */
  | Readonly<{ kind: "too-late" }>;
type Responded = Extract<Attempt, { kind: "response" }>;
type Failed =
  Exclude<Attempt, { kind: "response" | "broken" }> | Readonly<{ kind: "broken"; error: unknown }>;

class HttpTransport implements ApiTransport {
  readonly #connection: Connection;
  readonly #userAgent: string;
  readonly #lanes: Lanes;
  /** The API's path on the server, without a slash at its end. */
  readonly #prefix: string;

  constructor(connection: Connection, { userAgent }: TransportOptions) {
    this.#connection = connection;
    this.#userAgent = userAgent;
    this.#lanes = new Lanes(connection.proxy);
    this.#prefix = connection.server.pathname.replace(/\/+$/, "");
  }

  async send(request: ApiRequest): Promise<ApiAnswer> {
    const limit = startLimit(request);
    try {
      const responded = await this.#respond(request, limit);
      return responded.kind === "response"
        ? await this.#readAnswer(responded, limit)
        : this.#unreachable(responded, limit);
    } finally {
      limit.stop();
    }
  }

  async stream(request: ApiRequest): Promise<ApiStream> {
    const limit = startLimit(request);
    const responded = await this.#respond(request, limit);
    if (responded.kind !== "response") {
      limit.stop();
      return this.#unreachable(responded, limit);
    }
    const { response } = responded;
    if (response.statusCode !== 200) {
      const answer = await this.#readAnswer(responded, limit);
      limit.stop();
      return answer;
    }
    limit.endTime();
    response.body.once("close", () => limit.stop());
    return { kind: "open", chunks: response.body };
  }

  close(): Promise<void> {
    return this.#lanes.close();
  }

  /** One or two attempts, up to the head of a response. */
  async #respond(request: ApiRequest, limit: Limit): Promise<Attempt> {
    const first = await this.#attempt(request, limit);
    if (!(await limit.cut(this.#isWorthRepeating(request, first)))) return first;
    if (first.kind === "response") first.response.body.destroy();
    return this.#attempt(request, limit);
  }

  async #attempt(request: ApiRequest, limit: Limit): Promise<Attempt> {
    const obtained = await limit.cut(this.#connection.credentials.current());
    if (obtained === undefined) return { kind: "too-late" };
    if (obtained.kind === "unobtainable") return { kind: "no-credentials", message: obtained.message };
    const material = obtained.value;
    return (await limit.cut(this.#exchange(request, { material, limit }))) ?? { kind: "too-late" };
  }

  async #exchange(
    request: ApiRequest,
    { material, limit: { signal, look } }: Readonly<{ material: Material; limit: Limit }>,
  ): Promise<Attempt> {
    try {
      const pool = this.#lanes.pool(request.lane ?? "shared", material.tls);
      const departure: Departure = { ...this.#toHttp(request, material), signal, onLeave: look };
      const response = await pool.request(departure);
      // A body that breaks while nobody reads it must not end the process; who reads it is told.
      response.body.on("error", () => undefined);
      return { kind: "response", response, material };
    } catch (error) {
      return { kind: "broken", error, material };
    }
  }

  #toHttp(request: ApiRequest, material: Material): Omit<Dispatcher.RequestOptions, "signal"> {
    const { method, path, query, body, contentType } = request;
    return {
      origin: this.#connection.server.origin,
      path: this.#prefix + path,
      method,
      ...(query !== undefined && { query }),
      ...(body !== undefined && { body: JSON.stringify(body) }),
      headers: {
        ...material.headers,
        accept: "application/json",
        "user-agent": this.#userAgent,
        ...(body !== undefined && { "content-type": contentType ?? "application/json" }),
      },
    };
  }

  async #isWorthRepeating({ method }: ApiRequest, attempt: Attempt): Promise<boolean> {
    if (attempt.kind === "no-credentials" || attempt.kind === "too-late") return false;
    const code = attempt.kind === "broken" ? codeOf(attempt.error) : "";
    const refused =
      attempt.kind === "response" ? attempt.response.statusCode === 401 : CERTIFICATE_REFUSED.test(code);
    if (refused) return this.#connection.credentials.renew(attempt.material);
    return method === "GET" && RESET.includes(code);
  }

  async #readAnswer({ response }: Responded, limit: Limit): Promise<ApiAnswer> {
    try {
      const body = await readJson(response);
      return { kind: "answered", status: response.statusCode, retryAfter: retryAfterOf(response), body };
    } catch (error) {
      return this.#unreachable({ kind: "broken", error }, limit);
    }
  }

  #unreachable(attempt: Failed, limit: Limit): Extract<ApiAnswer, { kind: "unreachable" }> {
    if (attempt.kind === "no-credentials") return { kind: "unreachable", message: attempt.message };
    const { server } = this.#connection;
    const why = limit.verdict() ?? (attempt.kind === "broken" ? this.#explain(attempt.error) : "");
    return { kind: "unreachable", message: cleanMessage(`no answer from ${server.origin}: ${why}`) };
  }

  #explain(error: unknown): string {
    const words = wordsOf(error).replace(ADVICE_OF_NODE, "");
    if (!CERTIFICATE_REFUSED.test(codeOf(error))) return words;
    return `${words}; check the certificates of ${this.#connection.source}`;
  }
}

/** A request's end: its caller gives up, or its time is over. */
type Limit = Readonly<{
  signal: AbortSignal;
  /** Ends it if its time is over, though no timer may have had its turn. */
  look(this: void): void;
  /** Why the signal aborted; undefined while it has not. */
  verdict(): string | undefined;
  /** What `work`, which never rejects, comes to; undefined when the end comes first. */
  cut<T>(work: Promise<T>): Promise<T | undefined>;
  /** The time limit no longer applies; the caller may still give up. */
  endTime(): void;
  /** Nothing more may end it; leaves neither a timer nor a listener behind. */
  stop(): void;
}>;

function startLimit({ signal: outer, timeout = ANSWER_WITHIN }: ApiRequest): Limit {
  const inner = new AbortController();
  let verdict: string | undefined;
  let announce: () => void;
  const ended = new Promise<undefined>((resolve) => {
    announce = () => resolve(undefined);
  });
  const end = (why: string): void => {
    verdict ??= why;
    announce();
    inner.abort();
  };
  const giveUp = (): void => end("the caller gave up");
  const until = performance.now() + timeout;
  const expire = (): void => end(`nothing within ${timeout / 1000} s`);
  const timer = setTimeout(expire, timeout);
  outer?.addEventListener("abort", giveUp, { once: true });
  if (outer?.aborted === true) giveUp();
  return {
    signal: inner.signal,
    look: () => void (performance.now() >= until && expire()),
    verdict: () => verdict,
    cut: (work) => Promise.race([ended, work]),
    endTime: () => clearTimeout(timer),
    stop() {
      clearTimeout(timer);
      outer?.removeEventListener("abort", giveUp);
    },
  };
}

async function readJson({ body, headers }: Dispatcher.ResponseData): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_BYTES_MAX) throw new Error(`the answer is larger than ${BODY_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  if (!String(headers["content-type"]).startsWith("application/json")) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    return undefined;
  }
}

/** The API server writes whole seconds. */
function retryAfterOf({ headers }: Dispatcher.ResponseData): Millis | undefined {
  const text = headers["retry-after"];
  return typeof text === "string" && /^\d{1,6}$/.test(text) ? millis(Number(text) * 1000) : undefined;
}
