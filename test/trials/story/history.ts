/**
 * How one kind of object was, change by change, as one watch told it.
 *
 * Invariant: it begins anew with each listing of the server.
 */
import { must } from "../../../src/base/assert.ts";
import type { ObjectKey } from "../../../src/base/ids.ts";
import { keyOf, type Meta } from "../../../src/cluster/object.ts";
import type { WatchEvent } from "../../../src/cluster/watch-event.ts";

type Told = Readonly<{ meta: Meta }>;
export type Change<T> = Extract<WatchEvent<T>, { kind: "changed" | "deleted" }>;
export type State<T> = Readonly<{ objects: ReadonlyMap<ObjectKey, T>; revision: string }>;

export class History<T extends Told> {
  /** Before the first change, and after each of them. */
  #states: State<T>[] = [{ objects: new Map(), revision: "0" }];
  #changes: Change<T>[] = [];

  note(event: WatchEvent<T>): void {
    const { objects, revision } = this.before(0);
    const revisionNow = "resourceVersion" in event ? event.resourceVersion : revision;
    if (event.kind === "changed" || event.kind === "deleted") {
      this.#changes.push(event);
      this.#states.push({ objects: changed(objects, event), revision: revisionNow });
      return;
    }
    const listed = new Map(event.kind === "listing-began" ? [] : objects);
    if (event.kind === "listed") listed.set(keyOf(event.object), event.object);
    if (event.kind === "listing-began") [this.#states, this.#changes] = [[], []];
    else this.#states.pop();
    this.#states.push({ objects: listed, revision: revisionNow });
  }

  /** The state before the last changes; 0: as it is. */
  before(changes: number): State<T> {
    return must(this.#states.at(Math.max(-1 - changes, -this.#states.length)), "there is a state");
  }

  last(changes: number): readonly Change<T>[] {
    return this.#changes.slice(-changes);
  }
}

function changed<T extends Told>(
  objects: ReadonlyMap<ObjectKey, T>,
  event: Change<T>,
): ReadonlyMap<ObjectKey, T> {
  const next = new Map(objects);
  if (event.kind === "deleted") next.delete(event.key);
  else next.set(keyOf(event.object), event.object);
  return next;
}
