/**
 * Where faults get in: each port asks them, in order, before it answers. A world without faults has an
 * empty list.
 *
 * Invariant: a fault only stands in for an answer or keeps one back; what it does to the cluster itself
 * (a dead node, a bad release) it does through the model, as the world would.
 */
import type { NodeName } from "../../base/ids.ts";
import type { Failure, WriteOutcome } from "../../base/outcome.ts";
import type { Millis } from "../../base/units.ts";
import type { Kind } from "../../cluster/port.ts";
import type { NodeReply } from "../../scrape/port.ts";

/** A request to the API server, as a fault may want to tell it from others. */
export type ApiCall = Readonly<{
  verb:
    | "read-scale"
    | "write-scale"
    | "resize-pod"
    | "read-template"
    | "write-template"
    | "write-status"
    | "emit"
    | "read-lease"
    | "create-lease"
    | "update-lease";
  /** `namespace/name` of what it is about. */
  about: string;
}>;

/** What becomes of a call. */
export type Interference =
  /** It never arrives; this is the answer. Only a write can meet a conflict. */
  | Readonly<{ kind: "instead"; failure: Failure | Extract<WriteOutcome, { kind: "conflict" }> }>
  /** It is carried out, and the answer is lost. */
  | Readonly<{ kind: "answer-lost"; message: string }>;

/**
 * A watch that is broken: what happens meanwhile is not told. The listing that follows is of a server that
 * is `age` behind, and what that one has not seen yet is told after it.
 */
export type Cut = Readonly<{
  age: Millis;
  /** It ends a watch, and not the one that follows: there is nothing to wait for. */
  once?: true;
}>;

export type Fault = Readonly<{
  name: string;
  /** undefined lets the kubelet answer. */
  scrape?(node: NodeName): NodeReply | undefined;
  /** What becomes of a kubelet's answer on its way. */
  garble?(node: NodeName, answer: string): string;
  /** undefined lets the API server answer. */
  call?(call: ApiCall): Interference | undefined;
  /** How much longer a call takes: half there, half back. */
  slow?(call: ApiCall): Millis | undefined;
  /** How much later changes of a kind are told; undefined: not by this fault. */
  delay?(kind: Kind): Millis | undefined;
  /** While it answers, the watch of a kind is broken. */
  cut?(kind: Kind): Cut | undefined;
}>;

export const interferenceOf = (faults: readonly Fault[], call: ApiCall): Interference | undefined =>
  firstAnswer(faults, (fault) => fault.call?.(call));

export const slownessOf = (faults: readonly Fault[], call: ApiCall): number =>
  firstAnswer(faults, (fault) => fault.slow?.(call)) ?? 0;

export const standInFor = (faults: readonly Fault[], node: NodeName): NodeReply | undefined =>
  firstAnswer(faults, (fault) => fault.scrape?.(node));

export const delayOf = (faults: readonly Fault[], kind: Kind): number =>
  firstAnswer(faults, (fault) => fault.delay?.(kind)) ?? 0;

/** `met`: cuts that are not meant for this watch any more. */
export const cutOf = (faults: readonly Fault[], kind: Kind, met: ReadonlySet<Cut>): Cut | undefined =>
  firstAnswer(faults, (fault) => {
    const cut = fault.cut?.(kind);
    return cut !== undefined && met.has(cut) ? undefined : cut;
  });

/** Every fault gets its turn at the answer of the one before. */
export const garbled = (faults: readonly Fault[], node: NodeName, answer: string): string =>
  faults.reduce((text, fault) => fault.garble?.(node, text) ?? text, answer);

function firstAnswer<T>(faults: readonly Fault[], ask: (fault: Fault) => T | undefined): T | undefined {
  for (const fault of faults) {
    const answer = ask(fault);
    if (answer !== undefined) return answer;
  }
  return undefined;
}
