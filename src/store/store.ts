/**
 * The samples of all running containers and nodes of the last minutes. One writer, the scraper; readers ask
 * for usage and get a value or the reason why there is none.
 *
 * Invariant: what is read is of the newest answer that each node gave. A scrape that failed changes nothing,
 * so that the last good answer stays, with its age; a container that a good answer no longer names is gone.
 *
 * Where this differs from metrics-server, on purpose: it forgets a node's pods at the first failed scrape;
 * it leaves a container whose rate is in doubt out of its pod (the pod then looks idle); it forgets all of a
 * pod when one of its containers reports 0; it lets an older sample replace a newer one, and new numbers
 * the old ones under one stamp; it measures over a leap of the node's clock.
 */
import { assert } from "../base/assert.ts";
import type { NodeName, Uid } from "../base/ids.ts";
import { bytes, elapsed, epochMillis, minutes } from "../base/units.ts";
import type { Millis, MonoMillis } from "../base/units.ts";
import type {
  PodSamples,
  SampleBatch,
  SampleFate,
  SampleWriter,
  StoredBatch,
  StoredPoints,
} from "./batch.ts";
import { ContainerTable, NONE } from "./container-table.ts";
import type { Row } from "./container-table.ts";
import { usageBetween, usageOfFresh } from "./rate.ts";
import type { Usage } from "./rate.ts";
import type {
  ContainerUsage, NodeUsage, NodeUsageReader, PodAbsence, PodStateReader, PodUsage, RecentSample,
  SampleHistory, SampleReader,
} from "./reader.ts"; // prettier-ignore

/** How long a pod that no answer names is remembered: a kubelet that is away shorter loses no history. */
const SILENCE_MAX = minutes(5);
/** How long it is known that a node once answered: what was silent for a day is not counted. */
const NODE_SILENCE_MAX = minutes(24 * 60);

type NodeEntry = { answeredAt: MonoMillis; renewedAt: MonoMillis | undefined; row: Row };
type PodEntry = { node: NodeEntry; expected: readonly string[]; first: Row; namedAt: MonoMillis };

export type Store = Readonly<{
  writer: SampleWriter;
  reader: SampleReader & PodStateReader & NodeUsageReader & SampleHistory;
  /** How much has a rate, for metrics-server's gauge and for "is there anything to serve". */
  points(): StoredPoints;
}>;

/** @param resolution How often nodes are scraped: younger containers are measured from their start. */
export function createStore({ resolution }: Readonly<{ resolution: Millis }>): Store {
  const samples = new Samples(resolution);
  return {
    writer: {
      append: (batch) => samples.append(batch),
      evict: (now, silence) => samples.evict(now, silence),
    },
    reader: {
      pod: (pod) => samples.pod(pod),
      podState: (pod) => samples.podState(pod),
      node: (node) => samples.node(node),
      lastAnswer: (node) => samples.lastAnswer(node),
      recent: (pod, container) => samples.recent(pod, container),
    },
    points: () => samples.points(),
  };
}

class Samples {
  readonly #resolution: Millis;
  readonly #table = new ContainerTable();
  readonly #nodes = new Map<NodeName, NodeEntry>();
  readonly #pods = new Map<Uid, PodEntry>();

  constructor(resolution: Millis) {
    this.#resolution = resolution;
  }

  append({ node: name, arrivedAt, nodeSample, pods }: SampleBatch): StoredBatch {
    const node = this.#nodeEntry(name, arrivedAt);
    assert(arrivedAt >= node.answeredAt, "answers of a node are stored in the order of their arrival");
    node.answeredAt = arrivedAt;
    const fates = { kept: 0, repeated: 0, restarted: 0, stale: 0, impossible: 0 };
    const nodeRenewed =
      nodeSample !== undefined &&
      isNews(this.#table.append(node.row, { ...nodeSample, start: Number.NaN }, arrivedAt));
    const renewed: Uid[] = [];
    for (const pod of pods) if (this.#appendPod(node, pod, fates)) renewed.push(pod.pod);
    if (nodeRenewed || renewed.length > 0) node.renewedAt = arrivedAt;
    return { renewed, nodeRenewed, fates };
  }

  evict(now: MonoMillis, silence: Millis = SILENCE_MAX): number {
    let evicted = 0;
    for (const [uid, pod] of this.#pods) {
      if (elapsed(pod.namedAt, now) <= silence) continue;
      this.#table.free(pod.first);
      this.#pods.delete(uid);
      evicted++;
    }
    for (const [name, node] of this.#nodes) {
      if (elapsed(node.answeredAt, now) <= NODE_SILENCE_MAX) continue;
      this.#table.free(node.row);
      this.#nodes.delete(name);
    }
    return evicted;
  }

  pod(uid: Uid): PodUsage | PodAbsence {
    const pod = this.#pods.get(uid);
    if (pod === undefined) return absent("never-scraped");
    const rows = this.#rowsThatCount(pod);
    if (rows === undefined) return absent("container-missing");
    const containers: ContainerUsage[] = [];
    let arrivedAt: MonoMillis | undefined;
    for (const row of rows) {
      const usage = this.#usage(row);
      if (usage === undefined) return absent(this.#whyNoRate(rows));
      containers.push({ container: this.#table.name(row), ...usage });
      const renewedAt = this.#table.renewedAt(row);
      if (arrivedAt === undefined || renewedAt < arrivedAt) arrivedAt = renewedAt;
    }
    if (arrivedAt === undefined) return absent("container-missing");
    containers.sort((one, other) => (one.container < other.container ? -1 : 1));
    const { at, window } = containers.reduce((first, next) => (next.at < first.at ? next : first));
    return { kind: "usage", at, window, arrivedAt, containers };
  }

  podState(uid: Uid): MonoMillis | undefined {
    return this.#pods.get(uid)?.node.answeredAt;
  }

  node(name: NodeName): ReturnType<NodeUsageReader["node"]> {
    const node = this.#nodes.get(name);
    if (node === undefined || this.#table.sampleCount(node.row) === 0)
      return { kind: "absent", because: "never-scraped" };
    const pair = this.#table.pair(node.row);
    if (pair === undefined) return { kind: "absent", because: "one-sample-only" };
    const usage: Omit<NodeUsage, "arrivedAt"> = { kind: "usage", ...usageBetween(pair) };
    return { ...usage, arrivedAt: this.#table.renewedAt(node.row) };
  }

  lastAnswer(name: NodeName): MonoMillis | undefined {
    return this.#nodes.get(name)?.renewedAt;
  }

  recent(uid: Uid, container: string): readonly RecentSample[] {
    const pod = this.#pods.get(uid);
    const row = pod === undefined ? undefined : this.#rowNamed(pod, container);
    if (row === undefined) return [];
    return Array.from({ length: this.#table.sampleCount(row) }, (_, back) => {
      const { at, cpu, memory } = this.#table.sample(row, back);
      return { at: epochMillis(at), cpu, memory: bytes(memory) };
    }).toReversed();
  }

  points(): StoredPoints {
    let nodes = 0;
    let containers = 0;
    for (const node of this.#nodes.values()) if (this.#table.pair(node.row) !== undefined) nodes++;
    for (const pod of this.#pods.values())
      for (const row of this.#rows(pod))
        if (this.#table.sampleCount(row) > 1 || this.#usage(row) !== undefined) containers++;
    return { nodes, containers };
  }

  /** Whether any container of the pod has a new stamp. */
  #appendPod(node: NodeEntry, { pod: uid, expected, samples, unusable }: PodSamples, fates: Fates): boolean {
    const pod = this.#podEntry(uid, node, expected);
    let isRenewed = false;
    for (const { container, cpu, memory, at, start = Number.NaN } of samples) {
      const row = this.#markNamed(pod, container);
      const fate = this.#table.append(row, { cpu, memory, at, start }, node.answeredAt);
      fates[fate]++;
      isRenewed ||= isNews(fate);
    }
    for (const container of unusable) this.#markNamed(pod, container);
    return isRenewed;
  }

  #markNamed(pod: PodEntry, container: string): Row {
    let row = this.#rowNamed(pod, container);
    if (row === undefined) row = pod.first = this.#table.take(container, pod.first);
    this.#table.markNamed(row, pod.node.answeredAt);
    return row;
  }

  #nodeEntry(name: NodeName, arrivedAt: MonoMillis): NodeEntry {
    const known = this.#nodes.get(name);
    if (known !== undefined) return known;
    const made = { answeredAt: arrivedAt, renewedAt: undefined, row: this.#table.take("", NONE) };
    this.#nodes.set(name, made);
    return made;
  }

  #podEntry(uid: Uid, node: NodeEntry, expected: readonly string[]): PodEntry {
    const known = this.#pods.get(uid);
    if (known !== undefined) {
      assert(known.node === node, "a pod runs on one node for as long as it lives");
      known.expected = expected;
      known.namedAt = node.answeredAt;
      return known;
    }
    const made = { node, expected, first: NONE, namedAt: node.answeredAt };
    this.#pods.set(uid, made);
    return made;
  }

  /** The containers that make up the pod's usage; undefined when one that should run is not there. */
  #rowsThatCount(pod: PodEntry): readonly Row[] | undefined {
    const named = [...this.#rows(pod)].filter((row) => this.#table.namedAt(row) === pod.node.answeredAt);
    const isComplete = pod.expected.every((name) => named.some((row) => this.#table.name(row) === name));
    return isComplete ? named : undefined;
  }

  #whyNoRate(rows: readonly Row[]): PodAbsence["because"] {
    if (rows.some((row) => this.#table.restarted(row))) return "container-restarted";
    return rows.every((row) => this.#table.sampleCount(row) === 0) ? "never-scraped" : "one-sample-only";
  }

  #usage(row: Row): Usage | undefined {
    if (this.#table.sampleCount(row) === 0) return undefined;
    const fresh = usageOfFresh(this.#table.sample(row, 0), this.#resolution);
    if (fresh !== undefined) return fresh;
    const pair = this.#table.pair(row);
    return pair === undefined ? undefined : usageBetween(pair);
  }

  #rowNamed(pod: PodEntry, container: string): Row | undefined {
    for (const row of this.#rows(pod)) if (this.#table.name(row) === container) return row;
    return undefined;
  }

  *#rows(pod: PodEntry): Generator<Row> {
    for (let row = pod.first; row !== NONE; row = this.#table.next(row)) yield row;
  }
}

type Fates = Record<SampleFate, number>;

function isNews(fate: SampleFate): boolean {
  return fate === "kept" || fate === "restarted";
}

function absent(because: PodAbsence["because"]): PodAbsence {
  return { kind: "absent", because };
}
