/**
 * The believed objects of one kind.
 *
 * Invariant: a reader sees the old listing whole or the new listing whole, with its lookups, never a mix;
 * whoever is told of a change finds it done; and no one is told twice of one version.
 */
import { must, unreachable } from "../base/assert.ts";
import type { ObjectKey } from "../base/ids.ts";
import type { MonoMillis } from "../base/units.ts";
import { keyOf, type Meta } from "./object.ts";
import { type Lookups, Shelf } from "./shelf.ts";
import type { Reader } from "./view.ts";
import type { WatchEvent } from "./watch-event.ts";

/** What became of one key: new without `previous`, gone without `object`. */
export type Change<T> = Readonly<{ key: ObjectKey; object: T | undefined; previous: T | undefined }>;

type HasMeta = Readonly<{ meta: Meta }>;

/** A listing that has not ended, and the keys that may not be in it what they are now. */
type Gathering<T, Name extends string> = Readonly<{ shelf: Shelf<T, Name>; differing: Set<ObjectKey> }>;

export class Cache<T extends HasMeta, Name extends string = never> {
  readonly #lookups: Lookups<T, Name>;
  readonly #tell: (change: Change<T>) => void;
  #live: Shelf<T, Name>;
  #gathering: Gathering<T, Name> | undefined;
  #version = "";
  #synced = false;
  #heardAt: MonoMillis | undefined;

  /**
   * `tell` is called for each change, after all changes of a listing are in. An object that was deleted and
   * made again under its name is two changes, the end of the old one first.
   */
  constructor(lookups: Lookups<T, Name>, tell: (change: Change<T>) => void) {
    this.#lookups = lookups;
    this.#tell = tell;
    this.#live = new Shelf(lookups);
  }

  readonly reader: Reader<T> = {
    get: (key) => this.#live.objects.get(key),
    all: () => this.#live.objects.values(),
    count: () => this.#live.objects.size,
    synced: () => this.#synced,
    resourceVersion: () => this.#version,
    heardAt: () => this.#heardAt,
  };

  findInOrder(name: Name, by: string, order: (a: T, b: T) => number): readonly T[] {
    return this.#live.findInOrder(name, by, order);
  }

  find(name: Name, by: string): Iterable<T> {
    return this.#live.find(name, by);
  }

  hear(at: MonoMillis): void {
    this.#heardAt = at;
  }

  apply(event: WatchEvent<T>): void {
    switch (event.kind) {
      case "listing-began":
        this.#gathering = { shelf: new Shelf(this.#lookups), differing: new Set() };
        return;
      case "listed":
        this.#gather(must(this.#gathering, "a listing has begun"), keyOf(event.object), event.object);
        return;
      case "listing-ended":
        this.#swap(event.resourceVersion);
        return;
      case "changed":
        this.#change(keyOf(event.object), event.object, event.resourceVersion);
        return;
      case "deleted":
        this.#change(event.key, undefined, event.resourceVersion);
        return;
      case "progressed":
        if (this.#gathering === undefined) this.#version = event.resourceVersion;
        return;
      default:
        unreachable(event);
    }
  }

  /**
   * What is the same version stays the very object that is there, so that a relist of a quiet cluster
   * changes nothing and costs no memory once it is over. Comparing here keeps the swap short.
   */
  #gather({ shelf, differing }: Gathering<T, Name>, key: ObjectKey, object: T | undefined): void {
    const live = this.#live.objects.get(key);
    const same = live !== undefined && object !== undefined && isSameVersion(live, object);
    if (!same) differing.add(key);
    shelf.put(key, same ? live : object);
  }

  #swap(version: string): void {
    const before = this.#live.objects;
    const { shelf, differing } = must(this.#gathering, "a listing ends only after it began");
    this.#live = shelf;
    this.#gathering = undefined;
    this.#version = version;
    this.#synced = true;
    for (const [key, previous] of before)
      if (!shelf.objects.has(key)) this.#tell({ key, object: undefined, previous });
    for (const key of differing) {
      const [object, previous] = [shelf.objects.get(key), before.get(key)];
      if (object !== undefined && object !== previous) this.#tellOf({ key, object, previous });
    }
  }

  #change(key: ObjectKey, object: T | undefined, version: string): void {
    if (this.#gathering !== undefined) {
      this.#gather(this.#gathering, key, object);
      return;
    }
    const previous = this.#live.objects.get(key);
    this.#version = version;
    if (object !== undefined && previous !== undefined && isSameVersion(object, previous)) return;
    this.#live.put(key, object);
    if (object !== undefined || previous !== undefined) this.#tellOf({ key, object, previous });
  }

  #tellOf(change: Change<T>): void {
    const { key, object, previous } = change;
    if (object === undefined || previous === undefined || object.meta.uid === previous.meta.uid) {
      this.#tell(change);
      return;
    }
    this.#tell({ key, object: undefined, previous });
    this.#tell({ key, object, previous: undefined });
  }
}

const isSameVersion = (a: HasMeta, b: HasMeta): boolean =>
  a.meta.uid === b.meta.uid && a.meta.resourceVersion === b.meta.resourceVersion;
