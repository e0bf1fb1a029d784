import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { monoMillis } from "../../src/base/units.ts";
import { Cache, type Change } from "../../src/cluster/cache.ts";
import { keyOf } from "../../src/cluster/object.ts";
import type { WatchEvent } from "../../src/cluster/watch-event.ts";
import { changed, deleted, key, listing, type Thing, thing } from "./objects.ts";

/** A cache and all that it told, in words. */
function openCache() {
  const told: string[] = [];
  const say = ({ key: at, object, previous }: Change<Thing>): string =>
    `${at.slice(5)} ${previous?.meta.uid ?? "-"}:${previous?.meta.resourceVersion ?? "-"} → ${object?.meta.uid ?? "-"}:${object?.meta.resourceVersion ?? "-"}`;
  const cache = new Cache<Thing>({}, (change) => told.push(say(change)));
  const apply = (...events: WatchEvent<Thing>[]): void => events.forEach((event) => cache.apply(event));
  return { apply, told, cache, reader: cache.reader };
}

const namesOf = (things: Iterable<Thing>): string[] => [...things].map(({ meta }) => meta.name).toSorted();

test("before the first listing ends, nothing is known and no version is reached", () => {
  const { apply, reader, told } = openCache();
  apply({ kind: "listing-began" }, { kind: "listed", object: thing("web", 7) });
  expect(reader.synced()).toBe(false);
  expect(reader.resourceVersion()).toBe("");
  expect(reader.count()).toBe(0);
  expect(reader.heardAt()).toBeUndefined();
  expect(told).toEqual([]);
});

test("a listing becomes visible whole, at its end", () => {
  const { apply, reader } = openCache();
  apply(...listing("9", [thing("web"), thing("api")]));
  expect(reader.synced()).toBe(true);
  expect(reader.resourceVersion()).toBe("9");
  expect(namesOf(reader.all())).toEqual(["api", "web"]);
  expect(reader.get(key("web"))).toEqual(thing("web"));
});

test("while a relist is gathered, readers see the old listing and its version", () => {
  const { apply, reader, told } = openCache();
  apply(...listing("9", [thing("web"), thing("api")]));
  told.length = 0;
  apply({ kind: "listing-began" }, { kind: "listed", object: thing("db", 12) });
  apply({ kind: "progressed", resourceVersion: "12" });
  expect(namesOf(reader.all())).toEqual(["api", "web"]);
  expect(reader.resourceVersion()).toBe("9");
  expect(told).toEqual([]);
});

test("what a relist does not name is deleted, and what it names unchanged is no news", () => {
  const { apply, reader, told } = openCache();
  const web = thing("web", 1);
  apply(...listing("9", [web, thing("api", 2)]));
  told.length = 0;
  apply(...listing("12", [thing("web", 1), thing("db", 11)]));
  expect(told).toEqual(["api api-1:2 → -:-", "db -:- → db-1:11"]);
  expect(reader.get(key("web")), "the object that was there before").toBe(web);
});

test("F20 an object deleted and made again under its name is the end of one and the beginning of another", () => {
  const { apply, told } = openCache();
  apply(...listing("9", [thing("web", 1, 1)]));
  told.length = 0;
  apply(...listing("12", [thing("web", 10, 2)]));
  apply(changed(thing("web", 13, 3)));
  expect(told).toEqual([
    "web web-1:1 → -:-",
    "web -:- → web-2:10",
    "web web-2:10 → -:-",
    "web -:- → web-3:13",
  ]);
});

test("events and bookmarks move the version", () => {
  const { apply, reader } = openCache();
  apply(...listing("9", [thing("web", 1)]));
  apply(changed(thing("web", 10)));
  expect(reader.resourceVersion()).toBe("10");
  apply({ kind: "progressed", resourceVersion: "15" });
  expect(reader.resourceVersion()).toBe("15");
  apply(deleted("web", 16));
  expect(reader.resourceVersion()).toBe("16");
  expect(reader.count()).toBe(0);
});

test("a repeated version and the deletion of an unknown object are no news", () => {
  const { apply, told } = openCache();
  apply(...listing("9", [thing("web", 1)]));
  told.length = 0;
  apply(changed(thing("web", 1)), deleted("never-seen", 10));
  expect(told).toEqual([]);
});

test("changes that come within a listing belong to it", () => {
  const { apply, reader, told } = openCache();
  apply(...listing("9", [thing("web", 1)]));
  told.length = 0;
  apply({ kind: "listing-began" }, { kind: "listed", object: thing("web", 1) });
  apply(changed(thing("api", 11)), deleted("web", 12));
  expect(namesOf(reader.all())).toEqual(["web"]);
  expect(told).toEqual([]);
  apply({ kind: "listing-ended", resourceVersion: "13" });
  expect(namesOf(reader.all())).toEqual(["api"]);
  expect(told).toEqual(["web web-1:1 → -:-", "api -:- → api-1:11"]);
});

test("what a listing says again after saying otherwise is no news", () => {
  const { apply, told } = openCache();
  apply(...listing("9", [thing("web", 1)]));
  told.length = 0;
  apply({ kind: "listing-began" }, { kind: "listed", object: thing("web", 1) }, deleted("web", 8));
  apply({ kind: "listed", object: thing("web", 1) }, { kind: "listing-ended", resourceVersion: "13" });
  expect(told).toEqual([]);
});

test("a listing that broke off leaves no trace when another begins", () => {
  const { apply, reader } = openCache();
  apply({ kind: "listing-began" }, { kind: "listed", object: thing("ghost") });
  apply(...listing("9", [thing("web")]));
  expect(namesOf(reader.all())).toEqual(["web"]);
});

test("whoever is told of a listing finds all of it in the cache and its lookups", () => {
  const seen: string[][] = [];
  const cache: Cache<Thing, "namespace"> = new Cache<Thing, "namespace">(
    { namespace: ({ meta }) => meta.namespace },
    () => seen.push([namesOf(cache.reader.all()).join(), namesOf(cache.find("namespace", "shop")).join()]),
  );
  for (const event of listing("9", [thing("web"), thing("api")])) cache.apply(event);
  expect(seen).toEqual([
    ["api,web", "api,web"],
    ["api,web", "api,web"],
  ]);
});

test("hearing is remembered as it was told", () => {
  const { cache, reader } = openCache();
  cache.hear(monoMillis(5000));
  expect(reader.heardAt()).toBe(5000);
});

describe("however events and relists are mixed", () => {
  /** A history: the names that exist after each change, with versions and lives. */
  const act = fc.record({
    name: fc.constantFrom("a", "b", "c", "d"),
    what: fc.constantFrom("write", "delete"),
  });
  /** After which changes a relist happens, and how many of the changes before it were never delivered. */
  const relist = fc.record({ after: fc.nat(40), missed: fc.nat(6), broken: fc.boolean() });

  test("the cache ends as the last listing would be, and what was told adds up to it", () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), fc.array(relist, { maxLength: 6 }), (acts, relists) => {
        const told = new Map<string, Thing>();
        const cache = new Cache<Thing>({}, ({ key: at, object, previous }) => {
          expect(told.get(at)).toEqual(previous);
          if (object === undefined) told.delete(at);
          else told.set(at, object);
        });
        const truth = playHistory(acts, relists, (event) => cache.apply(event));
        expect(new Map([...cache.reader.all()].map((object) => [keyOf(object), object]))).toEqual(truth);
        expect(told).toEqual(truth);
        expect(cache.reader.count()).toBe(truth.size);
      }),
      { numRuns: 500 },
    );
  });
});

type Relist = Readonly<{ after: number; missed: number; broken: boolean }>;

/**
 * Plays `acts` against a world; the follower misses the last `missed` changes before each relist, and a
 * broken relist is begun once in vain. The history ends with a relist when its last changes were missed.
 */
function playHistory(
  acts: readonly Readonly<{ name: string; what: string }>[],
  relists: readonly Relist[],
  deliver: (event: WatchEvent<Thing>) => void,
): Map<string, Thing> {
  const truth = new Map<string, Thing>();
  const relistAll = (version: number, broken: boolean): void => {
    const objects = [...truth.values()];
    const events = listing(`${version}`, objects);
    if (broken) events.slice(0, Math.ceil(events.length / 2)).forEach((event) => deliver(event));
    events.forEach((event) => deliver(event));
  };
  relistAll(1, false);
  let behind = false;
  acts.forEach(({ name, what }, index) => {
    const version = index + 2;
    const missed = relists.some(({ after, missed: count }) => index <= after && index > after - count);
    behind ||= missed;
    const before = truth.get(key(name));
    if (what === "write") {
      const life = before === undefined ? version : Number(before.meta.uid.split("-")[1]);
      truth.set(key(name), thing(name, version, life));
      if (!missed) deliver(changed(thing(name, version, life)));
    } else if (truth.delete(key(name)) && !missed) deliver(deleted(name, version));
    const due = relists.find(({ after }) => after === index);
    if (due === undefined) return;
    relistAll(version, due.broken);
    behind = false;
  });
  if (behind) relistAll(acts.length + 2, false);
  return truth;
}
