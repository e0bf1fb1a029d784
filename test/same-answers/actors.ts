/**
 * What an actor of the script gives to a round: what is to be changed in the cluster, what its kubelet says of it, and how
 * far the two servers may differ about it.
 */
import type { Moment } from "./lives.ts";
import type { ContainerSaid } from "./exposition.ts";

export type PodSpec = Readonly<{
  name: string;
  node: string;
  containers: readonly string[];
  labels: Record<string, string>;
}>;

export type Change =
  | Readonly<{ kind: "add-pod"; pod: PodSpec }>
  | Readonly<{ kind: "delete-pod"; name: string }>
  | Readonly<{ kind: "label-pod"; name: string; labels: Record<string, string> }>
  | Readonly<{ kind: "finish-pod"; name: string }>
  | Readonly<{ kind: "add-node"; name: string }>
  | Readonly<{ kind: "delete-node"; name: string }>;

export type Outlook = "absent" | "there";

/** An object about which the servers differ for a reason that docs/metrics-api.md names. */
export type NamedDifference = Readonly<{
  /** `pods/NAME` or `nodes/NAME`. */
  object: string;
  why: string;
  theirs: Outlook;
  ours: Outlook;
  /** Where both have it: only stamp and window differ, and the stamp is of these minutes. */
  onlyStamps?: boolean;
}>;

export type Turn = Readonly<{
  changes: readonly Change[];
  said: readonly ContainerSaid[];
  differences: readonly NamedDifference[];
}>;

export interface Actor {
  /** The node whose kubelet speaks of it. */
  readonly node: string;
  /** Rounds count from 1. */
  turn(round: number, moment: Moment): Turn;
}

/** When something is done to it, counted in rounds since: 0 at the moment, undefined where nothing is near. */
export function phaseIn(round: number, first: number): number | undefined {
  return round < first ? undefined : (round - first) % CYCLE;
}

/** Everything that happens to what has a name for it is over, and forgotten by both, before it happens again. */
export const CYCLE = 6;
