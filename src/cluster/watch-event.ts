/**
 * How the world tells of its objects. A listing is announced, gathered aside, and becomes visible at its
 * end; after that, changes come one by one. Whoever follows a kind sees these and nothing else.
 */
import type { ObjectKey } from "../base/ids.ts";

export type WatchEvent<T> =
  | Readonly<{ kind: "listing-began" }>
  | Readonly<{ kind: "listed"; object: T }>
  | Readonly<{ kind: "listing-ended"; resourceVersion: string }>
  | Readonly<{ kind: "changed"; object: T; resourceVersion: string }>
  | Readonly<{ kind: "deleted"; key: ObjectKey; resourceVersion: string }>
  /** A bookmark: nothing changed, but the view is at this version now. */
  | Readonly<{ kind: "progressed"; resourceVersion: string }>;
