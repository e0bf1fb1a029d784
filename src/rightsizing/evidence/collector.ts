/**
 * Usage as it is gathered for a report, whatever the source, until figures are made of it.
 *
 * Invariants: a pod's readings of one container rise in time, and a time stamp that was seen before brings
 * none. A container's figures take all its pods alike.
 */
import { type Bytes, type EpochMillis, epochMillis, type Millis, type NanoCores } from "../../base/units.ts";
import type { Span } from "./confidence.ts";
import { type Figures, figuresOf } from "./figures.ts";

export type Place = Readonly<{ namespace: string; pod: string; container: string }>;

export type Reading = Readonly<{
  at: EpochMillis;
  cpu: NanoCores | undefined;
  memory: Bytes | undefined;
}>;

/** One container of one pod. */
export type Series = Readonly<{ pod: string; readings: readonly Reading[] }>;

export type ContainerUsage = Readonly<{
  /** In the unit of a request, with fractions: millicores and bytes. */
  cpu: Figures | undefined;
  memory: Figures | undefined;
  span: Span;
  /** Pods that ran at a time: over the moments at which any of them did, and over all moments. */
  meanReplicas: Readonly<{ whileAny: number; always: number }>;
}>;

/** Several containers of a namespace that count as one. */
export type Places = Readonly<{ namespace: string; pods: readonly string[]; container: string }>;

const NANO_PER_MILLI = 1_000_000;

type Column = Readonly<{ pod: string; readings: Reading[]; moments: Set<number> }>;

export class UsageCollector {
  /** How far two moments of the source are apart. */
  readonly step: Millis;
  readonly #columns = new Map<string, Column>();
  readonly #pods = new Map<string, Set<string>>();
  readonly #moments = new Set<number>();

  constructor(step: Millis) {
    this.step = step;
  }

  /** `moment` numbers the looks at the cluster: what was seen in one look shares it. */
  add({ namespace, pod, container }: Place, reading: Reading, moment: number): void {
    const column = entry(this.#columns, keyOf(namespace, pod, container), () => ({
      pod,
      readings: [],
      moments: new Set<number>(),
    }));
    entry(this.#pods, namespace, () => new Set<string>()).add(pod);
    this.#moments.add(moment);
    column.moments.add(moment);
    const last = column.readings.at(-1);
    if (last === undefined || last.at < reading.at) column.readings.push(reading);
  }

  /** Every pod that was seen in a namespace, also those that are gone. */
  podsIn(namespace: string): ReadonlySet<string> {
    return this.#pods.get(namespace) ?? new Set();
  }

  /** Pods that were never seen are left out. */
  series(places: Places): readonly Series[] {
    return this.#columnsOf(places);
  }

  /** undefined: nothing was ever measured. */
  usage(places: Places): ContainerUsage | undefined {
    const columns = this.#columnsOf(places);
    const readings = columns.flatMap((one) => one.readings);
    if (readings.length === 0) return undefined;
    const moments = new Set(columns.flatMap((one) => [...one.moments]));
    const total = columns.reduce((sum, one) => sum + one.moments.size, 0);
    return {
      cpu: figuresOf(readings.flatMap(({ cpu }) => (cpu === undefined ? [] : cpu / NANO_PER_MILLI))),
      memory: figuresOf(readings.flatMap(({ memory }) => memory ?? [])),
      span: { ...endsOf(readings), moments: moments.size, step: this.step },
      meanReplicas: { whileAny: total / moments.size, always: total / this.#moments.size },
    };
  }

  /** Of everything that was seen; undefined while nothing was. */
  span(): Span | undefined {
    const readings = [...this.#columns.values()].flatMap((one) => [
      ...one.readings.slice(0, 1),
      ...one.readings.slice(-1),
    ]);
    if (readings.length === 0) return undefined;
    return { ...endsOf(readings), moments: this.#moments.size, step: this.step };
  }

  #columnsOf({ namespace, pods, container }: Places): readonly Column[] {
    return pods.flatMap((pod) => this.#columns.get(keyOf(namespace, pod, container)) ?? []);
  }
}

const keyOf = (...names: readonly string[]): string => names.join("/");

function endsOf(readings: readonly Reading[]): Readonly<{ from: EpochMillis; to: EpochMillis }> {
  let [from, to] = [Infinity, -Infinity];
  for (const { at } of readings) [from, to] = [Math.min(from, at), Math.max(to, at)];
  return { from: epochMillis(from), to: epochMillis(to) };
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key) ?? make();
  map.set(key, found);
  return found;
}
