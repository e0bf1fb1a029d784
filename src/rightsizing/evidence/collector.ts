/**
 * Usage as it is gathered for a report, whatever the source, until figures are made of it.
 *
 * Invariant: a container's figures take all its pods alike, and each reading once.
 */
import { epochMillis, type EpochMillis, type Millis } from "../../base/units.ts";
import { Column, type Reading } from "./column.ts";
import type { Span } from "./confidence.ts";
import { type Figures, figuresOf } from "./figures.ts";
import { Moments } from "./moments.ts";

export type Place = Readonly<{ namespace: string; pod: string; container: string }>;

export type ContainerUsage = Readonly<{
  /** In the unit of a request, with fractions: millicores and bytes. */
  cpu: Figures | undefined;
  memory: Figures | undefined;
  span: Span;
  /**
   * Pods that ran at a time: over the moments at which any of them did, and from the first to the last moment
   * at which anything did.
   */
  meanReplicas: Readonly<{ whileAny: number; always: number }>;
}>;

/** Several containers of a namespace that count as one. */
export type Places = Readonly<{ namespace: string; pods: readonly string[]; container: string }>;

const NANO_PER_MILLI = 1_000_000;

export class UsageCollector {
  /** How far two moments of the source are apart. */
  readonly step: Millis;
  readonly #columns = new Map<string, Column>();
  readonly #pods = new Map<string, Set<string>>();
  readonly #moments = new Moments();

  constructor(step: Millis) {
    this.step = step;
  }

  /** `moment` numbers the looks at the cluster: what was seen in one look shares it. */
  add({ namespace, pod, container }: Place, reading: Reading, moment: number): void {
    const column = entry(this.#columns, keyOf(namespace, pod, container), () => new Column(pod));
    entry(this.#pods, namespace, () => new Set<string>()).add(pod);
    this.#moments.add(moment);
    column.moments.add(moment);
    column.add(reading);
  }

  /** Every pod that was seen in a namespace, also those that are gone. */
  podsIn(namespace: string): ReadonlySet<string> {
    return this.#pods.get(namespace) ?? new Set();
  }

  /** Pods that were never seen are left out. */
  columns({ namespace, pods, container }: Places): readonly Column[] {
    return pods.flatMap((pod) => this.#columns.get(keyOf(namespace, pod, container)) ?? []);
  }

  /** undefined: nothing was ever measured. */
  usage(places: Places): ContainerUsage | undefined {
    const columns = this.columns(places);
    const ends = endsOf(columns);
    if (ends === undefined) return undefined;
    const [cpu, memory]: [number[], number[]] = [[], []];
    for (const column of columns)
      for (const reading of column.readings()) {
        if (reading.cpu !== undefined) cpu.push(reading.cpu / NANO_PER_MILLI);
        if (reading.memory !== undefined) memory.push(reading.memory);
      }
    const [together, total] = presence(columns);
    return {
      cpu: figuresOf(cpu),
      memory: figuresOf(memory),
      span: { ...ends, moments: together, step: this.step },
      meanReplicas: { whileAny: total / together, always: total / this.#moments.length() },
    };
  }

  /** Of everything that was seen; undefined while nothing was. */
  span(): Span | undefined {
    const ends = endsOf([...this.#columns.values()]);
    return ends && { ...ends, moments: this.#moments.length(), step: this.step };
  }
}

/** At how many moments any of them was there, and how often all of them together. */
function presence(columns: readonly Column[]): readonly [together: number, total: number] {
  const together = new Moments();
  let total = 0;
  for (const { moments } of columns)
    for (const moment of moments) {
      together.add(moment);
      total++;
    }
  return [together.count(), total];
}

const keyOf = (...names: readonly string[]): string => names.join("/");

function endsOf(columns: readonly Column[]): Readonly<{ from: EpochMillis; to: EpochMillis }> | undefined {
  let [from, to] = [Infinity, -Infinity];
  for (const column of columns) {
    const ends = column.ends();
    if (ends !== undefined) [from, to] = [Math.min(from, ends.from), Math.max(to, ends.to)];
  }
  return from > to ? undefined : { from: epochMillis(from), to: epochMillis(to) };
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key) ?? make();
  map.set(key, found);
  return found;
}
