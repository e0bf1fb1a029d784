/**
 * Saying once what is wrong with a node: when it begins and when it ends, not at every scrape.
 *
 * Invariant: of one topic at most ten nodes are named in a minute, however many fail at once; the first line
 * of the next minute says how many were left out.
 */
import type { NodeName } from "../base/ids.ts";
import type { Log, LogFields } from "../base/log.ts";
import { elapsed, minutes } from "../base/units.ts";
import type { MonoMillis } from "../base/units.ts";

const NAMED_MAX = 10;
const NAMED_PER = minutes(1);
/** A pod that moves to another node is reported by both for some seconds. */
const TOLD_AFTER = minutes(1);

export type Complaint = Readonly<{
  /** What it is about; a node has at most one complaint of a topic. */
  topic: string;
  message: string;
  fields?: LogFields;
  /** Not worth more than a debug line: the cluster knows that this node is down. */
  expected?: boolean;
  /** Worth telling people of where they look at the node, when it has lasted a minute. */
  toTell?: boolean;
}>;

/** Whether it was told; if not, it is tried again with the next answer of the node. */
export type Tell = (node: NodeName, complaint: Complaint) => boolean;

type Open = Readonly<{ complaint: Complaint; since: MonoMillis; isTold: boolean }>;
type Window = { openedAt: MonoMillis; named: number; leftOut: number };

export class Complaints {
  readonly #log: Log;
  readonly #tell: Tell;
  readonly #open = new Map<NodeName, readonly Open[]>();
  readonly #windows = new Map<string, Window>();

  constructor(log: Log, tell: Tell = () => false) {
    this.#log = log;
    this.#tell = tell;
  }

  /** What is wrong with a node as of now; what was and is not among it has ended. */
  update(node: NodeName, complaints: readonly Complaint[], now: MonoMillis): void {
    const before = this.#open.get(node);
    if (before === undefined && complaints.length === 0) return;
    const knownOf = ({ topic }: Complaint) => before?.find((known) => known.complaint.topic === topic);
    const open = complaints.map((complaint) => {
      const known = knownOf(complaint);
      if (known === undefined) this.#begin(node, complaint, now);
      return this.#told(node, { since: now, isTold: false, ...known, complaint }, now);
    });
    const isOver = ({ topic }: Complaint): boolean => !complaints.some((still) => still.topic === topic);
    for (const { complaint } of before ?? []) if (isOver(complaint)) this.#end(node, complaint);
    if (open.length > 0) this.#open.set(node, open);
    else this.#open.delete(node);
  }

  #told(node: NodeName, open: Open, now: MonoMillis): Open {
    const { complaint, since, isTold } = open;
    if (isTold || complaint.toTell !== true || elapsed(since, now) < TOLD_AFTER) return open;
    return { ...open, isTold: this.#tell(node, complaint) };
  }

  forget(node: NodeName): void {
    this.#open.delete(node);
  }

  #begin(node: NodeName, { topic, message, fields, expected }: Complaint, now: MonoMillis): void {
    if (expected === true) return this.#log("debug", message, { node, problem: topic, ...fields });
    const window = this.#windowOf(topic, now);
    if (window.named >= NAMED_MAX) {
      window.leftOut++;
      return undefined;
    }
    window.named++;
    const leftOut = window.leftOut === 0 ? {} : { nodes_not_named: window.leftOut };
    window.leftOut = 0;
    return this.#log("warn", message, { node, problem: topic, ...leftOut, ...fields });
  }

  #end(node: NodeName, { topic, expected }: Complaint): void {
    this.#log(expected === true ? "debug" : "info", "a problem with a node is over", {
      node,
      problem: topic,
    });
  }

  #windowOf(topic: string, now: MonoMillis): Window {
    const known = this.#windows.get(topic);
    if (known !== undefined && elapsed(known.openedAt, now) < NAMED_PER) return known;
    const window = { openedAt: now, named: 0, leftOut: known?.leftOut ?? 0 };
    this.#windows.set(topic, window);
    return window;
  }
}
