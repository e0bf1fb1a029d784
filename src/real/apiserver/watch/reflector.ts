/**
 * The hands of the machine: asks the API server what the phase says, and feeds it what comes back.
 *
 * Invariant: one request is under way at a time; events go out in the order in which they came; when
 * `signal` aborts nothing is left open, and the end is not taken for trouble.
 */
import type { Clock } from "../../../base/clock.ts";
import type { Log } from "../../../base/log.ts";
import type { Random } from "../../../base/random.ts";
import { elapsed, seconds } from "../../../base/units.ts";
import type { Meta } from "../../../cluster/object.ts";
import type { Kind, Listener } from "../../../cluster/port.ts";
import { cleanMessage, wordsOf } from "../message.ts";
import type { ApiRequest, ApiTransport } from "../transport.ts";
import { createPageDecoder, createWatchDecoder } from "./decoder.ts";
import { type Input, type Next, type Phase, READ_ON, START, type State, step } from "./machine.ts";
import type { Pacer } from "./pacer.ts";
import type { Resource } from "./resources.ts";
import type { Shared } from "./trim/meta.ts";
import { type Raw, record, text } from "./trim/raw.ts";
import { startWatchdog, type Watchdog } from "./watchdog.ts";
import { type Failed, failed, failureInput } from "./wire.ts";

export type ReflectorPorts = Readonly<{
  transport: ApiTransport;
  clock: Clock;
  random: Random;
  log: Log;
}>;

/** What is followed, for whom. */
export type Subject<T> = Readonly<{
  kind: Kind;
  resource: Resource<T>;
  shared: Shared;
  pacer: Pacer;
  /** Objects in one page of a list. */
  pageSize: number;
  listener: Listener<T>;
}>;

/** No byte for longer than this, while bookmarks come about once a minute: the connection is dead. */
const SILENCE_MAX = seconds(75);
/** After client-go: a watch is asked to end after 5–10 minutes, so that a dead one is noticed at last. */
const WATCH_SECONDS_MIN = 300;

/** Follows one kind; resolves when `signal` aborts. */
export async function runReflector<T extends Readonly<{ meta: Meta }>>(
  ports: ReflectorPorts,
  subject: Subject<T>,
  signal: AbortSignal,
): Promise<void> {
  const reflector = new Reflector(ports, subject);
  while (!signal.aborted) {
    const next = await reflector.ask(signal);
    if (next.act !== "retry" || signal.aborted) continue;
    const { problem, message, wait } = next;
    subject.listener.trouble({ kind: subject.kind, problem, message, retryIn: wait });
    await ports.clock.sleep(wait, signal);
  }
}

class Reflector<T extends Readonly<{ meta: Meta }>> {
  readonly #ports: ReflectorPorts;
  readonly #subject: Subject<T>;
  #state: State = START;

  constructor(ports: ReflectorPorts, subject: Subject<T>) {
    this.#ports = ports;
    this.#subject = subject;
  }

  /** Asks once, and reads the answer to its end. */
  async ask(signal: AbortSignal): Promise<Next> {
    const watchdog = startWatchdog(this.#ports.clock, SILENCE_MAX, signal);
    try {
      return await this.#readAnswer(watchdog);
    } finally {
      watchdog.stop();
    }
  }

  async #readAnswer(watchdog: Watchdog): Promise<Next> {
    const { clock, transport } = this.#ports;
    const { phase } = this.#state;
    const stream = await transport.stream(this.#requestOf(phase, watchdog.signal));
    if (stream.kind !== "open") return this.#feed(explain(failureInput(stream), watchdog));
    const openedAt = clock.mono();
    this.#feed({ kind: "opened" });
    const decode = phase.at === "paging" ? createPageDecoder : createWatchDecoder;
    const decoder = decode(this.#readObject);
    const chunks = stream.chunks[Symbol.asyncIterator]();
    for (;;) {
      const chunk = await pull(chunks);
      if (chunk.kind === "broken") return this.#feed(explain(failed("broken-off", chunk.message), watchdog));
      if (chunk.kind === "end") return this.#feed(decoder.end(elapsed(openedAt, clock.mono())));
      watchdog.feed();
      const next = this.#feedAll(decoder.read(chunk.bytes));
      if (next.act !== "read-on") {
        await letGo(chunks);
        return next;
      }
      await this.#subject.pacer.rest(watchdog.signal);
    }
  }

  #requestOf(phase: Phase, signal: AbortSignal): ApiRequest {
    const { path, fieldSelector } = this.#subject.resource;
    const query = phase.at === "paging" ? this.#pageQuery(phase.token) : this.#watchQuery(phase);
    return {
      method: "GET",
      path,
      query: { ...query, ...(fieldSelector !== undefined && { fieldSelector }) },
      signal,
    };
  }

  #pageQuery(token: string | undefined) {
    return { limit: `${this.#subject.pageSize}`, ...(token !== undefined && { continue: token }) };
  }

  #watchQuery(phase: Exclude<Phase, { at: "paging" }>) {
    const timeoutSeconds = `${Math.floor(WATCH_SECONDS_MIN * (1 + this.#ports.random.next()))}`;
    const from = phase.at === "watching" ? { resourceVersion: phase.from } : LISTING_FIRST;
    return { watch: "true", allowWatchBookmarks: "true", timeoutSeconds, ...from };
  }

  #feedAll(inputs: Iterable<Input<T>>): Next {
    for (const input of inputs) {
      const next = this.#feed(input);
      if (next.act !== "read-on") return next;
    }
    return READ_ON;
  }

  #feed(input: Input<T>): Next {
    const { clock, random, log } = this.#ports;
    const { kind, listener } = this.#subject;
    const before = this.#state;
    const { state, events, heard, next } = step(before, input, { now: clock.mono(), chance: random.next() });
    this.#state = state;
    for (const event of events) listener.apply(event);
    if (heard) listener.hear();
    if (before.streams && !state.streams)
      log("info", "the API server does not know WatchList; listing by pages", { kind });
    return next;
  }

  readonly #readObject = (raw: Raw): T | undefined => {
    const { kind, resource, shared, listener } = this.#subject;
    const object = resource.trim(raw, shared);
    if (object === undefined)
      listener.lose?.({ kind, message: `${nameOf(raw)} lacks what every object has` });
    return object;
  };
}

/** A watch that begins with everything there is (KEP-3157); without a version, the newest state. */
const LISTING_FIRST = { sendInitialEvents: "true", resourceVersionMatch: "NotOlderThan" };

type Chunk =
  | Readonly<{ kind: "bytes"; bytes: Uint8Array }>
  | Readonly<{ kind: "end" }>
  | Readonly<{ kind: "broken"; message: string }>;

async function pull(chunks: AsyncIterator<Uint8Array>): Promise<Chunk> {
  try {
    const { done, value } = await chunks.next();
    return done === true ? { kind: "end" } : { kind: "bytes", bytes: value };
  } catch (error) {
    return { kind: "broken", message: cleanMessage(wordsOf(error)) };
  }
}

async function letGo(chunks: AsyncIterator<Uint8Array>): Promise<void> {
  try {
    await chunks.return?.();
  } catch {
    return; // how a stream ends that is no longer read is of no interest
  }
}

/** A stream that the watchdog broke was silent. */
const explain = (failure: Failed, watchdog: Watchdog): Failed =>
  watchdog.barked() ? failed("silent", `nothing came for ${SILENCE_MAX / 1000} s`) : failure;

function nameOf({ metadata }: Raw): string {
  const { namespace, name } = record(metadata);
  return `an object (${text(namespace) ?? "-"}/${text(name) ?? "-"})`;
}
