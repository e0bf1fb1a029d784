/**
 * One process's watch of one kind, which can be spoilt in the ways that a lens knows.
 *
 * Invariant: whatever is kept back or lost is told in the end, by itself or by a listing.
 */
import type { ObjectKey } from "../../../src/base/ids.ts";
import { type Millis, seconds } from "../../../src/base/units.ts";
import { keyOf } from "../../../src/cluster/object.ts";
import type { Kind, Kinds, Listener } from "../../../src/cluster/port.ts";
import type { WatchEvent } from "../../../src/cluster/watch-event.ts";
import type { VirtualTime } from "../../../src/sim/clock.ts";
import { type Change, History, type State } from "./history.ts";

type Event<K extends Kind> = WatchEvent<Kinds[K]>;
type Happened<K extends Kind> = Change<Kinds[K]>;

export const isChange = <T>(event: WatchEvent<T>): event is Change<T> =>
  event.kind === "changed" || event.kind === "deleted";
const subjectOf = <K extends Kind>(event: Happened<K>): ObjectKey =>
  event.kind === "deleted" ? event.key : keyOf(event.object);

export class View<K extends Kind> {
  readonly listener: Listener<Kinds[K]>;
  readonly history = new History<Kinds[K]>();
  readonly #time: VirtualTime;
  readonly #over: () => void;
  /** What is kept back, while the watch is silent. */
  #held: Event<K>[] | undefined;
  /** What is to happen before the next change is told. */
  #next: ((event: Happened<K>) => void) | undefined;

  constructor(time: VirtualTime, listener: Listener<Kinds[K]>, over: () => void) {
    this.#time = time;
    this.listener = listener;
    this.#over = over;
  }

  apply(event: Event<K>): void {
    this.history.note(event);
    if (this.#held !== undefined) return void this.#held.push(event);
    if (isChange(event)) this.#next?.(event);
    this.listener.apply(event);
  }

  hear(): void {
    if (this.#held === undefined) this.listener.hear();
  }

  /** Silent until so many changes are held back, or for so long. */
  freeze(event: Happened<K>, changes: number, longest: Millis): void {
    this.history.note(event);
    this.#silence([event], changes, longest);
  }

  rewind(event: Happened<K>, changes: number, longest: Millis): void {
    this.history.note(event);
    this.#list(this.history.before(changes + 1));
    this.#silence([...this.history.last(changes + 1)], Infinity, longest);
  }

  /** The listings of the beginning are by a server that is behind. */
  beginBehind(state: State<Kinds[K]>, longest: Millis): void {
    this.#held = [];
    // The source lists when it answers first; by then this has been told.
    this.#time.after(seconds(1), () => this.#list(state));
    this.#time.after(longest, () => {
      this.#held = undefined;
      this.#list(this.history.before(0));
      this.#over();
    });
  }

  lose(event: Happened<K>, mending: Millis): void {
    this.history.note(event);
    this.#time.after(mending, () => this.#relist());
  }

  merge(event: Happened<K>, mending: Millis): void {
    this.history.note(event);
    this.#until(mending, {
      next: (another) => subjectOf(another) === subjectOf(event),
      late: () => this.#relist(),
    });
  }

  reorder(event: Happened<K>, mending: Millis): void {
    this.history.note(event);
    const tell = (): void => {
      this.listener.apply(event);
      this.#over();
    };
    this.#next = (another) => {
      this.#next = undefined;
      // What is told of one object keeps its order.
      if (subjectOf(another) === subjectOf(event)) tell();
      else this.#time.after(seconds(0), tell);
    };
    this.#time.after(mending, () => {
      if (this.#next === undefined) return;
      this.#next = undefined;
      tell();
    });
  }

  expire(event: Happened<K>): void {
    this.history.note(event);
    this.#relist();
  }

  #until(
    longest: Millis,
    { next, late }: Readonly<{ next(event: Happened<K>): boolean; late(): void }>,
  ): void {
    this.#next = (event) => {
      if (!next(event)) return;
      this.#next = undefined;
      this.#over();
    };
    this.#time.after(longest, () => {
      if (this.#next === undefined) return;
      this.#next = undefined;
      late();
    });
  }

  #silence(held: Event<K>[], changes: number, longest: Millis): void {
    this.#held = held;
    let isOver = false;
    const thaw = (): void => {
      if (isOver) return;
      isOver = true;
      this.#held = undefined;
      for (const event of held) this.listener.apply(event);
      this.listener.hear();
      this.#over();
    };
    this.#time.after(longest, thaw);
    const look = (): void => {
      if (isOver) return;
      if (held.filter(isChange).length > changes) thaw();
      else this.#time.after(seconds(0.5), look);
    };
    if (changes < Infinity) look();
  }

  #relist(): void {
    this.#list(this.history.before(0));
    this.#over();
  }

  #list({ objects, revision }: State<Kinds[K]>): void {
    this.listener.apply({ kind: "listing-began" });
    for (const object of objects.values()) this.listener.apply({ kind: "listed", object });
    this.listener.apply({ kind: "listing-ended", resourceVersion: revision });
    this.listener.hear();
  }
}
