/**
 * The scrape loop: asks every node at its moment, and brings what it says to the store.
 *
 * Invariant: no node waits for another. Few requests run side by side, but one that has no answer after half
 * a second no longer counts; there is at most one a node.
 */
import pLimit from "p-limit";
import type { Clock } from "../base/clock.ts";
import { nodeName } from "../base/ids.ts";
import type { NodeName, Uid } from "../base/ids.ts";
import type { Log } from "../base/log.ts";
import type { Meter } from "../base/meter.ts";
import { elapsed, later, millis, seconds } from "../base/units.ts";
import type { EpochMillis, Millis, MonoMillis } from "../base/units.ts";
import type { Node } from "../cluster/node.ts";
import type { Labels } from "../cluster/object.ts";
import type { Pod } from "../cluster/pod.ts";
import type { Reader } from "../cluster/view.ts";
import type { SampleWriter, StoredPoints } from "../store/batch.ts";
import { Complaints, type Tell } from "./complaints.ts";
import { NodeDecoder, createDecodeScratch } from "./decode.ts";
import { Ingestion } from "./ingestion.ts";
import {
  complaintsAbout, countAnswer, countFailure, countPoints, countRequest, emptyAnswer, forgetNode, isEmpty,
} from "./findings.ts"; // prettier-ignore
import type { ScrapeFailure } from "./findings.ts";
import type { NodeMetricsSource } from "./port.ts";
import { ScrapeTargets } from "./targets.ts";
import type { Round, SilentNodes } from "./targets.ts";

export type ScraperParts = Readonly<{
  clock: Clock;
  log: Log;
  meter: Meter;
  source: NodeMetricsSource;
  nodes: Reader<Node>;
  podByName(namespace: string, name: string): Pod | undefined;
  writer: SampleWriter;
  points(): StoredPoints;
  /** How often each node is asked. */
  resolution: Millis;
  /** Nodes to ask; all when absent. */
  nodeSelector?: ((labels: Labels) => boolean) | undefined;
  /** Requests side by side that are younger than half a second. */
  concurrency?: number;
  /** After each answer that was stored: the pods with new samples, perhaps none. */
  onAnswer(node: NodeName, renewedPods: readonly Uid[]): void;
  /** What people should see who look at a node. */
  tell?: Tell;
}>;

export type Scraper = Readonly<{
  /** Runs until `signal` aborts and the last answer is stored. */
  run(signal: AbortSignal): Promise<void>;
  lastRound(): Round | undefined;
  silentNodes(now: MonoMillis): SilentNodes;
}>;

const CONCURRENCY = 48;
/** A kubelet answers in 5 to 50 ms; what takes this long is waiting, and waits beside the others. */
const HOLDS_PLACE_FOR = millis(500);
/** A reason spares the exception that an abort without one makes each time. */
const ANSWERED = "answered";
/** How soon a new node is noticed, at the latest. */
const LOOK_EVERY = millis(1_000);
/** How often the store is rid of what is gone; a pass over 100,000 containers takes some 15 ms. */
const KEEP_HOUSE_EVERY = seconds(15);
/** Nodes that are due within this of each other are started together. */
const BEAT = millis(20);

export function createScraper(parts: ScraperParts): Scraper {
  const targets = new ScrapeTargets(parts.resolution);
  return {
    run: (signal) => new ScrapeLoop(parts, targets).run(signal),
    lastRound: () => targets.lastRound(),
    silentNodes: (now) => targets.silentNodes(now),
  };
}

class ScrapeLoop {
  readonly #parts: ScraperParts;
  readonly #targets: ScrapeTargets;
  readonly #ingestion: Ingestion;
  readonly #complaints: Complaints;
  readonly #scratch = createDecodeScratch();
  readonly #decoders = new Map<NodeName, NodeDecoder>();
  readonly #running = new Set<Promise<void>>();
  #lookedAt: MonoMillis | undefined;
  #housekeptAt: MonoMillis | undefined;

  constructor(parts: ScraperParts, targets: ScrapeTargets) {
    this.#parts = parts;
    this.#targets = targets;
    this.#ingestion = new Ingestion((namespace, name) => parts.podByName(namespace, name));
    this.#complaints = new Complaints(parts.log, parts.tell);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, concurrency = CONCURRENCY } = this.#parts;
    const limit = pLimit(concurrency);
    while (!signal.aborted) {
      const now = clock.mono();
      if (this.#isPast(this.#lookedAt, LOOK_EVERY)) this.#look(now);
      if (this.#isPast(this.#housekeptAt, KEEP_HOUSE_EVERY)) this.#keepHouse(now);
      for (const node of this.#targets.takeDue(now)) void limit(() => this.#ask(node, signal));
      const untilDue = elapsed(clock.mono(), this.#targets.nextDue() ?? later(now, LOOK_EVERY));
      await clock.sleep(millis(Math.min(Math.max(untilDue, BEAT), LOOK_EVERY)), signal);
    }
    limit.clearQueue();
    await Promise.all(this.#running);
  }

  /** Takes over nodes that came, and lets go of all that is kept for those that went. */
  #look(now: MonoMillis): void {
    const { nodes, nodeSelector, source, meter } = this.#parts;
    this.#lookedAt = now;
    const wanted = [...nodes.all()].filter(({ labels }) => nodeSelector?.(labels) ?? true);
    for (const gone of this.#targets.renew(wanted, now)) {
      source.forget(gone);
      this.#decoders.delete(gone);
      this.#complaints.forget(gone);
      forgetNode(meter, gone);
    }
  }

  #keepHouse(now: MonoMillis): void {
    const { writer, points, meter } = this.#parts;
    this.#housekeptAt = now;
    writer.evict(now);
    countPoints(meter, points());
  }

  #isPast(last: MonoMillis | undefined, interval: Millis): boolean {
    return last === undefined || elapsed(last, this.#parts.clock.mono()) >= interval;
  }

  /** Starts a request, and resolves when its place is free again: with the answer, or after half a second. */
  async #ask(node: Node, signal: AbortSignal): Promise<void> {
    const answered = new AbortController();
    const scrape = this.#scrape(node, signal)
      .catch((bug: unknown) => this.#isolate(node, bug))
      .finally(() => {
        this.#running.delete(scrape);
        answered.abort(ANSWERED);
      });
    this.#running.add(scrape);
    await this.#parts.clock.sleep(HOLDS_PLACE_FOR, answered.signal);
  }

  /** A bug that one node's answer brings out costs that answer: the others go on, and this one too. */
  #isolate({ meta }: Node, bug: unknown): void {
    const name = nodeName(meta.name);
    const problem = bug instanceof Error ? (bug.stack ?? bug.message) : String(bug);
    this.#parts.log("error", "a node's answer met a bug and is lost", { node: name, problem });
    this.#decoders.delete(name);
    this.#targets.finish(name, "failed", this.#parts.clock.mono());
  }

  async #scrape(node: Node, signal: AbortSignal): Promise<void> {
    const { clock, source, meter } = this.#parts;
    const askedAt = { mono: clock.mono(), wall: clock.wall() };
    const reply = await source.read(node, signal);
    if (signal.aborted || !this.#targets.has(nodeName(node.meta.name))) return;
    const now = clock.mono();
    countRequest(meter, node.meta.name, { reply, took: elapsed(askedAt.mono, now), at: clock.wall() });
    if (reply.kind === "answered") this.#store(node, reply.body, askedAt.wall);
    else this.#fail(node, reply);
  }
  /** Decoding, checking and storing happen in one go: the decoder's columns serve one answer at a time. */
  #store(node: Node, body: Uint8Array, requestedAt: EpochMillis): void {
    const { clock, writer, meter, onAnswer } = this.#parts;
    const name = nodeName(node.meta.name);
    const arrivedAt = clock.mono();
    const answer = this.#decoderOf(name).decode(body, requestedAt);
    if (isEmpty(answer)) return this.#fail(node, emptyAnswer(answer));
    const ingested = this.#ingestion.ingest(answer, { node: name, arrivedAt, wall: clock.wall() });
    const stored = writer.append(ingested.batch);
    countAnswer(meter, { node: name, answer, ingested, stored });
    this.#complaints.update(name, complaintsAbout(answer, ingested), arrivedAt);
    this.#targets.finish(
      name,
      stored.renewed.length > 0 || stored.nodeRenewed ? "fresh" : "answered",
      arrivedAt,
    );
    onAnswer(name, stored.renewed);
  }

  #fail(node: Node, { cause, message }: ScrapeFailure): void {
    const { clock, meter } = this.#parts;
    const name = nodeName(node.meta.name);
    countFailure(meter, cause);
    const expected = node.ready?.status !== "True";
    this.#complaints.update(name, [{ topic: cause, message, expected }], clock.mono());
    this.#targets.finish(name, "failed", clock.mono());
  }

  #decoderOf(name: NodeName): NodeDecoder {
    const known = this.#decoders.get(name);
    if (known !== undefined) return known;
    const made = new NodeDecoder(this.#scratch);
    this.#decoders.set(name, made);
    return made;
  }
}
