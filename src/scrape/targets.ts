/**
 * Whom to ask when. Every node has a moment of its own in the round, by the hash of its name, and these lie
 * as close together as the number of nodes allows. A workload whose pods are measured within a moment of
 * each other is decided on as it is; were the round spread over the whole resolution, half of its samples
 * would be old whenever the last one arrives, and a step in its load would be seen half a resolution later.
 *
 * Invariant: a node is asked at most once at a time, at once when it is new, then once a round; one that
 * fails is asked ever more rarely, up to every fourth round, and every round again once it answers.
 */
import { nodeName } from "../base/ids.ts";
import type { NodeName } from "../base/ids.ts";
import { elapsed, later, millis, minutes, monoMillis, seconds } from "../base/units.ts";
import type { Millis, MonoMillis } from "../base/units.ts";
import type { Node } from "../cluster/node.ts";

/** Rounds between two tries of a node that keeps failing, at most. */
const FAILING_ROUNDS_MAX = 4;
/** How long a node that has answered counts among those that should (the blind-cluster rail). */
const REMEMBERED_FOR = minutes(24 * 60);
/** Silent: no fresh sample for this many rounds, and at least this long. */
const SILENT_ROUNDS = 4;
const SILENT_MIN = seconds(60);
/** Room for one node in a round: some ten times what asking it and storing its answer takes. */
const ROOM_FOR_A_NODE = millis(10);
/** A round is never squeezed into less than this part of the resolution. */
const SQUEEZED_MOST = 64;

type Target = {
  node: Node;
  due: MonoMillis;
  askedAt: MonoMillis | undefined;
  running: boolean;
  failures: number;
  /** Answers with fresh samples so far, counted up to two. */
  freshAnswers: number;
  /** When it last brought fresh samples. */
  freshAt: MonoMillis | undefined;
};

/** The last look at what is due, for "are metrics collected in time". */
export type Round = Readonly<{
  startedAt: MonoMillis;
  nodes: number;
  failing: number;
  /**
   * Nodes that have neither brought fresh samples twice nor failed twice: their usage is still to come. One
   * that the API server has given up is not among them.
   */
  unsettled: number;
  /** Nodes that have brought fresh samples twice. */
  measured: number;
}>;

export type SilentNodes = Readonly<{
  /** Ready nodes that brought fresh samples within the last day: those that should. */
  expected: number;
  /** Those of them without a fresh sample for max(4 rounds, 60 s). */
  silent: readonly NodeName[];
  /** Ready nodes that never brought any. They are named, not counted. */
  never: readonly NodeName[];
}>;

export class ScrapeTargets {
  readonly #resolution: Millis;
  readonly #targets = new Map<NodeName, Target>();
  #lookedAt: MonoMillis | undefined;
  /** The part of the resolution in which all nodes are asked. */
  #span: Millis;

  constructor(resolution: Millis) {
    this.#resolution = resolution;
    this.#span = resolution;
  }

  /** Whether this node is one to ask; it may have gone while a request was under way. */
  has(node: NodeName): boolean {
    return this.#targets.has(node);
  }

  /** Takes over the nodes that there are now; answers with those that are gone. */
  renew(nodes: Iterable<Node>, now: MonoMillis): readonly NodeName[] {
    const all = [...nodes];
    this.#span = spanOf(all.length, this.#resolution);
    const gone = new Set(this.#targets.keys());
    for (const node of all) {
      const name = nodeName(node.meta.name);
      gone.delete(name);
      const known = this.#targets.get(name);
      if (known === undefined) this.#targets.set(name, newTarget(node, now));
      else renewTarget(known, node, now);
    }
    for (const name of gone) this.#targets.delete(name);
    this.#lookedAt = now;
    return [...gone];
  }

  /** The nodes to ask now. Each counts as being asked until `finish`. */
  takeDue(now: MonoMillis): readonly Node[] {
    const due: Node[] = [];
    for (const [name, target] of this.#targets) {
      if (target.running || target.due > now) continue;
      target.running = true;
      target.askedAt = now;
      target.due = this.#nextDue(name, target);
      due.push(target.node);
    }
    return due;
  }

  /** When the next node is due; undefined when none waits. */
  nextDue(): MonoMillis | undefined {
    let earliest: MonoMillis | undefined;
    for (const { due, running } of this.#targets.values())
      if (!running && (earliest === undefined || due < earliest)) earliest = due;
    return earliest;
  }

  /** `fresh`: there were samples with new stamps among the answer. */
  finish(name: NodeName, outcome: "failed" | "answered" | "fresh", now: MonoMillis): void {
    const target = this.#targets.get(name);
    if (target === undefined) return;
    target.running = false;
    target.failures = outcome === "failed" ? target.failures + 1 : 0;
    if (outcome === "fresh") target.freshAnswers = Math.min(target.freshAnswers + 1, 2);
    if (outcome === "fresh") target.freshAt = now;
    target.due = this.#nextDue(name, target);
    // What was missed while waiting for a slow answer is not made up for.
    if (target.due < now) target.due = this.#slotAfter(name, now);
  }

  lastRound(): Round | undefined {
    if (this.#lookedAt === undefined) return undefined;
    const targets = [...this.#targets.values()];
    const failing = targets.filter(({ failures }) => failures > 0).length;
    const unsettled = targets.filter(isUnsettled).length;
    const measured = targets.filter(({ freshAnswers }) => freshAnswers === 2).length;
    return { startedAt: this.#lookedAt, nodes: this.#targets.size, failing, unsettled, measured };
  }

  silentNodes(now: MonoMillis): SilentNodes {
    const patience = Math.max(SILENT_ROUNDS * this.#resolution, SILENT_MIN);
    const silent: NodeName[] = [];
    const never: NodeName[] = [];
    let expected = 0;
    for (const [name, { node, freshAt }] of this.#targets) {
      if (node.ready?.status !== "True") continue;
      const silence = freshAt === undefined ? undefined : elapsed(freshAt, now);
      if (silence === undefined) never.push(name);
      else if (silence <= REMEMBERED_FOR) expected++;
      if (silence !== undefined && silence > patience && silence <= REMEMBERED_FOR) silent.push(name);
    }
    return { expected, silent, never };
  }

  /** The node's moment in the round after next half round, and as many rounds later as its failures ask. */
  #nextDue(name: NodeName, { askedAt, due, failures }: Target): MonoMillis {
    const soonest = this.#slotAfter(name, later(askedAt ?? due, millis(this.#resolution / 2)));
    const roundsLeftOut = Math.min(2 ** Math.max(failures - 1, 0), FAILING_ROUNDS_MAX) - 1;
    return later(soonest, millis(roundsLeftOut * this.#resolution));
  }

  #slotAfter(name: NodeName, moment: MonoMillis): MonoMillis {
    const offset = offsetOf(name, this.#span);
    const rounds = Math.floor((moment - offset) / this.#resolution) + 1;
    return monoMillis(offset + rounds * this.#resolution);
  }
}

/**
 * How long it takes to ask all nodes once: room for each, at most the resolution. It halves and doubles, so
 * that a node more or less seldom moves the others.
 *
 *   15 s and   20 nodes → 234 ms
 *   15 s and  100 nodes → 1 s 875 ms (a 16th would have room for 93)
 *   15 s and 5000 nodes → 15 s
 */
export function spanOf(nodes: number, resolution: Millis): Millis {
  let parts = SQUEEZED_MOST;
  while (parts > 1 && resolution / parts < nodes * ROOM_FOR_A_NODE) parts /= 2;
  return millis(Math.floor(resolution / parts));
}

/** A node's moment in every round: whole milliseconds in [0, span), by 32-bit FNV-1a of its name. */
export function offsetOf(name: NodeName, span: Millis): Millis {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  // FNV leaves names that differ in their last letter side by side; one more mixing spreads them.
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return millis(Math.floor((((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32) * span));
}

function newTarget(node: Node, now: MonoMillis): Target {
  return {
    node,
    due: now,
    askedAt: undefined,
    running: false,
    failures: 0,
    freshAnswers: 0,
    freshAt: undefined,
  };
}

function isUnsettled({ node, failures, freshAnswers }: Target): boolean {
  return !isGivenUp(node) && failures < 2 && freshAnswers < 2;
}

/** Its kubelet has told nothing for a while: `Unknown`. A new node has no such condition yet. */
const isGivenUp = ({ ready }: Node): boolean => ready?.status === "Unknown";

/** A failing node that became ready or moved is worth another try at once. */
function renewTarget(target: Target, node: Node, now: MonoMillis): void {
  const isWorthATry = target.failures > 0 && whereabouts(target.node) !== whereabouts(node);
  target.node = node;
  if (!isWorthATry) return;
  target.failures = 0;
  if (!target.running) target.due = now;
}

function whereabouts({ ready, addresses, kubeletPort, metricsPath }: Node): string {
  return JSON.stringify([ready?.status === "True", addresses, kubeletPort, metricsPath]);
}
