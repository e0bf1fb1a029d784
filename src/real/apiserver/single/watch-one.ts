/**
 * Following one object by name, without a cache: a watch from the state that is there, and another whenever
 * it ends.
 *
 * Invariant: nothing rejects; an object that is there is told at the beginning of every watch, so nothing
 * is missed between two.
 */
import type { Clock } from "../../../base/clock.ts";
import type { Random } from "../../../base/random.ts";
import { seconds } from "../../../base/units.ts";
import type { ApiRequest, ApiTransport } from "../transport.ts";
import { backOff, CALM } from "../watch/backoff.ts";
import { LineReader } from "../watch/lines.ts";
import { startWatchdog } from "../watch/watchdog.ts";

export type Watched = Readonly<{
  /** Of the collection, such as `/api/v1/namespaces/kube-system/configmaps`. */
  path: string;
  name: string;
  lane?: "lease";
}>;

/** There is a bookmark a minute, even when nothing happens. */
const SILENCE_MAX = seconds(75);
const WATCH_SECONDS_MIN = 300;

type Tools = Readonly<{ clock: Clock; random: Random }>;
/** `event`: one line of the watch, parsed; undefined: it was no JSON. */
type Hear = (event: unknown) => void;

export async function watchOne(
  transport: ApiTransport,
  { clock, random, ...watched }: Watched & Tools,
  hear: Hear,
  signal: AbortSignal,
): Promise<void> {
  let backoff = CALM;
  while (!signal.aborted) {
    const request = { method: "GET", path: watched.path, query: queryFor(watched.name, random) } as const;
    const lane = watched.lane === undefined ? {} : { lane: watched.lane };
    if (await watchOnce(transport, { request: { ...request, ...lane }, clock, hear }, signal)) backoff = CALM;
    const next = backOff(backoff, { now: clock.mono(), chance: random.next(), retryAfter: undefined });
    backoff = next.backoff;
    await clock.sleep(next.wait, signal);
  }
}

type Once = Readonly<{ request: ApiRequest; clock: Clock; hear: Hear }>;

/** One watch, to its end; whether it brought anything. */
async function watchOnce(
  transport: ApiTransport,
  { request, clock, hear }: Once,
  signal: AbortSignal,
): Promise<boolean> {
  const watchdog = startWatchdog(clock, SILENCE_MAX, signal);
  let heard = false;
  try {
    const stream = await transport.stream({ ...request, signal: watchdog.signal });
    if (stream.kind !== "open") return false;
    const lines = new LineReader();
    for await (const chunk of stream.chunks) {
      watchdog.feed();
      heard = true;
      for (const line of lines.read(chunk)) hear(parsed(line));
    }
  } catch {
    // A broken watch ends like one that the server closed; `heard` tells whether it was worth anything.
  } finally {
    watchdog.stop();
  }
  return heard;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Without a version a watch begins with what is there. */
const queryFor = (name: string, random: Random): Readonly<Record<string, string>> => ({
  watch: "true",
  fieldSelector: `metadata.name=${name}`,
  allowWatchBookmarks: "true",
  timeoutSeconds: String(Math.round(WATCH_SECONDS_MIN * (1 + random.next()))),
});
