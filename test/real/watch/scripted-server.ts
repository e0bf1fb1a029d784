/**
 * A transport whose other end is the test: it sees each request, and decides when and how it is answered.
 */
import { type Millis } from "../../../src/base/units.ts";
import type {
  ApiAnswer,
  ApiRequest,
  ApiStream,
  ApiTransport,
} from "../../../src/real/apiserver/transport.ts";

export class ScriptedServer implements ApiTransport {
  /** Every request so far, the last one last. */
  readonly asked: Asked[] = [];

  send(request: ApiRequest): Promise<ApiAnswer> {
    return new Promise((resolve) => this.asked.push(new Asked(request, resolve as Asked["resolve"])));
  }

  stream(request: ApiRequest): Promise<ApiStream> {
    return new Promise((resolve) => this.asked.push(new Asked(request, resolve as Asked["resolve"])));
  }

  async close(): Promise<void> {
    return Promise.resolve();
  }

  /** The request that waits for its answer. */
  get last(): Asked {
    return this.asked.at(-1)!;
  }
}

class Asked {
  readonly request: ApiRequest;
  readonly resolve: (answer: ApiAnswer | ApiStream) => void;

  constructor(request: ApiRequest, resolve: (answer: ApiAnswer | ApiStream) => void) {
    this.request = request;
    this.resolve = resolve;
    request.signal?.addEventListener("abort", () => this.disconnect("aborted"));
  }

  /** `path?query`, with the time limit left out because chance chooses it. */
  get url(): string {
    const { timeoutSeconds: _, ...query } = this.request.query ?? {};
    return `${this.request.path}?${new URLSearchParams(query).toString()}`;
  }

  answer(
    status: number,
    body: unknown = { kind: "Status", message: "m", code: status },
    retryAfter?: Millis,
  ) {
    this.resolve({ kind: "answered", status, retryAfter, body });
  }

  disconnect(message = "connect ECONNREFUSED"): void {
    this.resolve({ kind: "unreachable", message });
  }

  /** The whole body at once. */
  body(text: string): void {
    const stream = this.open();
    stream.sendText(text);
    stream.end();
  }

  open(): OpenStream {
    const stream = new OpenStream();
    this.resolve({ kind: "open", chunks: stream });
    this.request.signal?.addEventListener("abort", () => stream.breakOff());
    return stream;
  }
}

/** A body that the test writes while it is read. */
class OpenStream implements AsyncIterable<Uint8Array> {
  readonly #waiting: Uint8Array[] = [];
  #over: "ended" | "broken" | undefined;
  #wake: () => void = () => undefined;
  /** Whether the reader let go of it. */
  released = false;

  send(...events: readonly unknown[]): void {
    this.sendText(events.map((event) => `${JSON.stringify(event)}\n`).join(""));
  }

  sendText(text: string): void {
    this.#waiting.push(Buffer.from(text));
    this.#wake();
  }

  end(): void {
    this.#over ??= "ended";
    this.#wake();
  }

  breakOff(): void {
    this.#over ??= "broken";
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const chunk = this.#waiting.shift();
        if (chunk !== undefined) yield chunk;
        else if (this.#over === "ended") return;
        else if (this.#over === "broken") throw new Error("terminated");
        else await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      this.released = true;
    }
  }
}
