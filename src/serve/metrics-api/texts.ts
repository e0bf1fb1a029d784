/**
 * Objects as JSON. A pod's is kept until its kubelet's next answer: who lists between two rounds gets what
 * was made for the first who did, under a new creationTimestamp.
 *
 * Invariant: a text is of the object as the API server shows it now, and of what the store has of it now.
 */
import type { EpochMillis, MonoMillis } from "../../base/units.ts";
import type { Catalog, Entry } from "./catalog.ts";
import { type Measured, metricsObject } from "./object.ts";

export type ServedText = Readonly<{ at: EpochMillis; text: string }>;

export type Texts = Readonly<{
  /** Without kind and apiVersion; undefined while there is no rate of it. */
  of(plural: string, entry: Entry, createdAt: string): ServedText | undefined;
}>;

/** The text without its creationTimestamp, before and after it. */
type Kept = Readonly<{ state: MonoMillis; measured: Measured; before: string; after: string }>;

export function createTexts(catalog: Pick<Catalog, "measure" | "state" | "isOver">): Texts {
  /** By the object itself: a change of it is another object, and one that is gone takes its text along. */
  const kept = new WeakMap<Entry, Kept>();
  return {
    of(plural, entry, createdAt) {
      const state = catalog.state(plural, entry);
      const known = state === undefined ? undefined : kept.get(entry);
      if (known !== undefined && known.state === state)
        return catalog.isOver(known.measured) ? undefined : textOf(known, createdAt);
      const measured = catalog.measure(plural, entry);
      if (measured === undefined) return undefined;
      const parts = { measured, ...split(JSON.stringify(metricsObject(measured, createdAt))) };
      if (state !== undefined) kept.set(entry, { state, ...parts });
      return textOf(parts, createdAt);
    },
  };
}

const textOf = ({ measured, before, after }: Omit<Kept, "state">, createdAt: string): ServedText => ({
  at: measured.at,
  text: before + createdAt + after,
});

/** Quotes within names and labels are escaped, so this is the field itself. */
const CREATED = '"creationTimestamp":"';

function split(text: string): Readonly<{ before: string; after: string }> {
  const at = text.indexOf(CREATED) + CREATED.length;
  return { before: text.slice(0, at), after: text.slice(text.indexOf('"', at)) };
}
