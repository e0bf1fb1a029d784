/**
 * Steps in what a Deployment uses, at random moments, and how long each takes to become another `spec.replicas`.
 *
 * Invariant: both sides get the same steps at the same moments, and each step asks for exactly one write: a pod more, or
 * that pod less.
 */
import { setTimeout as wait } from "node:timers/promises";
import type { ApiTransport } from "../../../src/real/apiserver/transport.ts";
import type { Place } from "../../cluster/manifests.ts";
import { podsOf, useEach } from "../../soak/fleet.ts";

/** Both steps start where everything is at its target, 60m of a request of 100m. */
const USE = { up: "120m", target: "60m", down: "25m" } as const;
const SEED = 20_261_125;
const PATIENCE_MILLIS = 60_000;

export type Steps = Readonly<{
  transport: ApiTransport;
  places: readonly Place[];
  seconds: number;
  /** Makes every pod of a Deployment use an amount such as `120m`; without, kwok is told. */
  use?: (place: Place, amount: string) => Promise<void>;
}>;
/** Seconds from the step to the write that the watch showed; `missed` had none within a minute. */
export type Lags = Readonly<{ lags: readonly number[]; missed: number }>;

/** Two a Deployment, half of `seconds` apart: up, and after a while at the target again, down. */
export async function runSteps({
  transport,
  places,
  seconds,
  use = kwokUse(transport),
}: Steps): Promise<Lags> {
  const watching = new AbortController();
  const counts = await watchCounts(transport, watching.signal);
  const random = randomFrom(SEED);
  const half = (seconds * 1000) / 2;
  const step = async (place: Place, ...[amount, at]: [string, number]): Promise<number | undefined> => {
    await wait(at);
    const changed = counts.nextChange(place);
    const began = performance.now();
    await use(place, amount);
    const ended = await Promise.race([changed, wait(PATIENCE_MILLIS, undefined)]);
    return ended === undefined ? undefined : (ended - began) / 1000;
  };
  const settle = async (place: Place, at: number): Promise<void> => {
    await wait(at);
    await use(place, USE.target);
  };
  const stepsOf = async (place: Place) => {
    const at = random() * half;
    const settled = settle(place, at + half / 2);
    const lags = await Promise.all([step(place, USE.up, at), step(place, USE.down, at + half)]);
    await settled;
    return lags;
  };
  try {
    const lags = (await Promise.all(places.map(stepsOf))).flat();
    const seen = lags.filter((lag) => lag !== undefined);
    return { lags: seen, missed: lags.length - seen.length };
  } finally {
    watching.abort();
  }
}

const kwokUse =
  (transport: ApiTransport) =>
  async (place: Place, amount: string): Promise<void> =>
    useEach(transport, place, await podsOf(transport, place), amount);

type Counts = Readonly<{
  /** When `spec.replicas` is next another than before. */
  nextChange(place: Place): Promise<number>;
}>;
type Event = Readonly<{
  object: {
    metadata: { namespace?: string; name?: string; resourceVersion: string };
    spec?: { replicas: number };
  };
}>;

async function watchCounts(transport: ApiTransport, signal: AbortSignal): Promise<Counts> {
  const path = "/apis/apps/v1/deployments";
  const query = {
    watch: "true",
    sendInitialEvents: "true",
    resourceVersionMatch: "NotOlderThan",
    allowWatchBookmarks: "true",
  };
  const stream = await transport.stream({ method: "GET", path, query, signal });
  if (stream.kind !== "open") throw new Error(`no watch on Deployments: ${JSON.stringify(stream)}`);
  const known = new Map<string, number>();
  const waiting = new Map<string, (at: number) => void>();
  const note = ({ object: { metadata, spec } }: Event): void => {
    const key = `${metadata.namespace}/${metadata.name}`;
    if (spec === undefined || known.get(key) === spec.replicas) return;
    if (known.has(key)) waiting.get(key)?.(performance.now());
    known.set(key, spec.replicas);
  };
  void readLines(stream.chunks, (line) => note(JSON.parse(line) as Event)).catch(() => undefined); // ended by us
  return {
    nextChange: ({ namespace, name }) => new Promise((settle) => waiting.set(`${namespace}/${name}`, settle)),
  };
}

async function readLines(chunks: AsyncIterable<Uint8Array>, tell: (line: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) tell(line);
  }
}

/** A linear congruential generator: the same moments at every run. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}

/** Of values in any order; 0.5 is the median. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? Number.NaN;
}
