/**
 * The HPA controller's conversation, cut into syncs: what each HPA read, and what it made of it.
 *
 * Invariant: a sync begins with reading the scale; whatever the same HPA asks and writes until it reads it again belongs
 * to it. A scale that is read again after a conflict begins nothing.
 */
import { parseQuantity } from "../../src/base/quantity.ts";
import { parseTime } from "../../src/base/rfc3339.ts";
import { parseDuration } from "../../src/base/duration.ts";
import { uid } from "../../src/base/ids.ts";
import type { EpochMillis } from "../../src/base/units.ts";
import { bytes, epochMillis, millis, nanoCores } from "../../src/base/units.ts";
import type { Reading } from "../../src/reconcile/round/phases.ts";
import type { PodUsage } from "../../src/store/reader.ts";
import type { Exchange } from "./recording-proxy.ts";

/** By pod name, as the metrics API answered; undefined when it did not. */
export type Samples = ReadonlyMap<string, Omit<PodUsage, "arrivedAt">>;

export type Tick = Readonly<{
  namespace: string;
  /** Of the target, which here is also the HPA's and the policy's. */
  name: string;
  reading: Reading;
  /** One for each metric, in the spec's order. */
  samples: readonly (Samples | undefined)[];
  /** The moment that it decided at, as near as the wire shows: it had its last answer then. */
  at: EpochMillis;
  /** It cannot have decided later: its next request, or the end of the record. */
  before: EpochMillis;
  /** The scale that it wrote; undefined when it wrote none. */
  wrote: Readonly<{ replicas: number; at: EpochMillis }> | undefined;
  /** Utilization in percent as its status said after this sync, one for each metric; undefined when it said nothing new. */
  told: readonly (number | undefined)[] | undefined;
}>;

/** What may pass on a busy machine between an answer and the decision that rests on it, when no further request tells. */
export const DECIDES_WITHIN = 1000;

type Draft = {
  readonly begun: Exchange;
  readonly metrics: Exchange[];
  wrote: Exchange | undefined;
  status: Exchange | undefined;
};

export function ticksOf(exchanges: readonly Exchange[]): readonly Tick[] {
  const drafts = new Map<string, Draft>();
  const done: Draft[] = [];
  for (const exchange of exchanges.toSorted((a, b) => a.answeredAt - b.answeredAt)) {
    const key = keyOf(exchange);
    const draft = drafts.get(key);
    if (isScaleRead(exchange)) {
      if (draft?.wrote?.status === 409) continue;
      const fresh = { begun: exchange, metrics: [], wrote: undefined, status: undefined };
      drafts.set(key, fresh);
      done.push(fresh);
    } else if (draft !== undefined) add(draft, exchange);
  }
  return done.filter(({ begun }) => begun.status === 200).map(tickOf);
}

const isScaleRead = ({ method, path }: Exchange): boolean => method === "GET" && path.endsWith("/scale");

function add(draft: Draft, exchange: Exchange): void {
  if (exchange.method === "GET") draft.metrics.push(exchange);
  else if (exchange.path.endsWith("/scale")) draft.wrote = exchange;
  else if (exchange.status === 200) draft.status = exchange;
}

/** Of the target in `…/deployments/web/scale`, of the HPA, or of the pods' label `app=web`. */
function placeOf({ path, query }: Exchange): Pick<Tick, "namespace" | "name"> {
  const [, namespace = "", rest = ""] = /\/namespaces\/([^/]+)\/(.*)$/.exec(path) ?? [];
  const name = rest === "pods" ? query.get("labelSelector")?.replace("app=", "") : rest.split("/")[1];
  return { namespace, name: name ?? "" };
}

function keyOf(exchange: Exchange): string {
  const { namespace, name } = placeOf(exchange);
  return `${namespace}/${name}`;
}

type Scale = Readonly<{
  metadata: { uid: string };
  spec: { replicas?: number };
  status: { replicas?: number; selector?: string };
}>;

function tickOf({ begun, metrics, wrote, status }: Draft): Tick {
  const last = metrics.at(-1) ?? begun;
  const accepted = wrote?.status === 200 ? wrote : undefined;
  const nextAskedAt = (accepted ?? status)?.askedAt ?? Infinity;
  return {
    ...placeOf(begun),
    reading: readingOf(JSON.parse(begun.said) as Scale),
    samples: metrics.map(samplesOf),
    at: last.answeredAt,
    before: epochMillis(Math.min(nextAskedAt, last.answeredAt + DECIDES_WITHIN)),
    wrote: accepted && writtenBy(accepted),
    told: status && toldBy(status),
  };
}

const readingOf = (scale: Scale): Reading => ({
  uid: uid(scale.metadata.uid),
  replicas: replicasOf(scale),
  observedReplicas: scale.status.replicas ?? 0,
  selector: scale.status.selector,
});

const writtenBy = ({ sent, answeredAt }: Exchange): Tick["wrote"] => ({
  replicas: replicasOf(JSON.parse(sent) as Scale),
  at: answeredAt,
});

/** The API leaves out what is 0. */
const replicasOf = ({ spec }: Scale): number => spec.replicas ?? 0;

type PodMetricsList = Readonly<{
  items: readonly Readonly<{
    metadata: { name: string };
    timestamp: string;
    window: string;
    containers: readonly Readonly<{ name: string; usage: { cpu?: string; memory?: string } }>[];
  }>[];
}>;

function samplesOf({ status, said }: Exchange): Samples | undefined {
  if (status !== 200) return undefined;
  const { items } = JSON.parse(said) as PodMetricsList;
  return new Map(
    items.map(({ metadata, timestamp, window, containers }) => {
      const times = { at: momentOf(timestamp), window: lengthOf(window) };
      const used = containers.map(({ name, usage }) => ({
        container: name,
        cpu: nanoCores(nanoOf(usage.cpu)),
        memory: bytes(nanoOf(usage.memory) / 1e9),
        ...times,
      }));
      return [metadata.name, { kind: "usage" as const, ...times, containers: used }];
    }),
  );
}

function momentOf(text: string): EpochMillis {
  const moment = parseTime(text);
  if (moment === undefined) throw new Error(`"${text}" is no moment`);
  return moment;
}

const lengthOf = (text: string) => parseDuration(text) ?? millis(Number.NaN);

function nanoOf(text: string | undefined): number {
  const parsed = parseQuantity(text ?? "");
  if (parsed.kind === "malformed") throw new Error(`"${text}" is no quantity`);
  return Number(parsed.quantity.nano);
}

type MetricStatus = Readonly<
  Partial<Record<"resource" | "containerResource", { current: { averageUtilization?: number } }>>
>;

function toldBy({ sent }: Exchange): readonly (number | undefined)[] {
  const { status } = JSON.parse(sent) as { status: { currentMetrics?: readonly MetricStatus[] | null } };
  return (status.currentMetrics ?? []).map(
    ({ resource, containerResource }) => (resource ?? containerResource)?.current.averageUtilization,
  );
}
