/**
 * What every world owes cluster/port.ts: a listing first, then each change in order, until the end.
 */
import { describe, expect, onTestFinished, test } from "vitest";
import { hasReached } from "../../src/base/resource-version.ts";
import type { Meta } from "../../src/cluster/object.ts";
import type { ClusterSource, Trouble } from "../../src/cluster/port.ts";
import type { WatchEvent } from "../../src/cluster/watch-event.ts";
import type { Workload } from "../../src/cluster/workload.ts";

export type ClusterSourceWorld = Readonly<{
  source: ClusterSource;
  /** Where the suite makes its Deployments. */
  namespace: string;
  createDeployment(name: string, replicas: number): Promise<void>;
  scaleDeployment(name: string, replicas: number): Promise<void>;
  /** Resolves when it is gone. */
  deleteDeployment(name: string): Promise<void>;
  /** Lets time pass until `holds`; rejects when it takes too long. */
  until(holds: () => boolean): Promise<void>;
  close(): Promise<void>;
}>;

type Event = WatchEvent<Workload>;

export function describeClusterSource(open: () => Promise<ClusterSourceWorld>): void {
  describe("following a kind", () => {
    const opened = async (): Promise<ClusterSourceWorld> => {
      const world = await open();
      onTestFinished(() => world.close());
      return world;
    };

    test("begins with a listing of what is there, which ends at a version", async () => {
      const world = await opened();
      await world.createDeployment("web", 3);
      await world.createDeployment("api", 1);
      const { events, listed } = await follow(world);
      expect(events[0]).toEqual({ kind: "listing-began" });
      const inListing = events.slice(1, endOfListing(events));
      expect(inListing.every(({ kind }) => kind === "listed")).toBe(true);
      expect(namesIn(inListing, world)).toEqual(["api", "web"]);
      expect(listed.resourceVersion).not.toBe("");
    });

    test("lists an object as it is, trimmed", async () => {
      const world = await opened();
      await world.createDeployment("web", 3);
      const { events } = await follow(world);
      const web = events.flatMap((event) =>
        "object" in event && isOurs(event.object, world) ? event.object : [],
      )[0];
      expect(web).toMatchObject({
        kind: "Deployment",
        replicas: 3,
        meta: { name: "web", namespace: world.namespace, deleting: false, owner: undefined },
      });
      expect(web?.meta.uid).not.toBe("");
      expect(web?.meta.createdAt).toBeGreaterThan(0);
    });

    test("tells of what appears, changes and goes, in order and at rising versions", async () => {
      const world = await opened();
      const following = await follow(world);
      await world.createDeployment("web", 1);
      await world.until(() => following.replicasOf("web") === 1);
      await world.scaleDeployment("web", 5);
      await world.until(() => following.replicasOf("web") === 5);
      await world.deleteDeployment("web");
      await world.until(() => following.replicasOf("web") === undefined);
      const after = following.events.slice(endOfListing(following.events) + 1);
      expect(after.some(({ kind }) => kind === "listed")).toBe(false);
      const versions = after.flatMap((event) => ("resourceVersion" in event ? event.resourceVersion : []));
      versions.slice(1).forEach((version, index) => {
        expect(hasReached(version, versions[index] ?? ""), `${versions[index]} then ${version}`).toBe(true);
      });
      expect(hasReached(versions[0] ?? "", following.listed.resourceVersion)).toBe(true);
    });

    test("an object that is deleted and made again under its name is another", async () => {
      const world = await opened();
      await world.createDeployment("web", 1);
      const following = await follow(world);
      const first = following.metaOf("web");
      await world.deleteDeployment("web");
      await world.createDeployment("web", 2);
      await world.until(() => following.replicasOf("web") === 2);
      expect(following.metaOf("web")?.uid).not.toBe(first?.uid);
    });

    test("the world is heard when a listing ends and with each change, and a healthy one is no trouble", async () => {
      const world = await opened();
      const following = await follow(world);
      const before = following.heardCount();
      expect(before).toBeGreaterThan(0);
      await world.createDeployment("web", 1);
      await world.until(() => following.replicasOf("web") === 1);
      expect(following.heardCount()).toBeGreaterThan(before);
      expect(following.troubles).toEqual([]);
    });

    test("ends when it is told to, and tells no more", async () => {
      const world = await opened();
      const gone = await follow(world);
      const staying = await follow(world);
      gone.stop();
      await gone.ended;
      const count = gone.events.length;
      await world.createDeployment("web", 1);
      await world.until(() => staying.replicasOf("web") === 1);
      expect(gone.events).toHaveLength(count);
      expect(gone.troubles).toEqual([]);
    });
  });
}

const isOurs = ({ meta }: Readonly<{ meta: Meta }>, { namespace }: ClusterSourceWorld): boolean =>
  meta.namespace === namespace;

const endOfListing = (events: readonly Event[]): number =>
  events.findIndex(({ kind }) => kind === "listing-ended");

const namesIn = (events: readonly Event[], world: ClusterSourceWorld): string[] =>
  events
    .flatMap((event) => ("object" in event && isOurs(event.object, world) ? event.object.meta.name : []))
    .toSorted();

/** Follows Deployments up to the end of the first listing. */
async function follow(world: ClusterSourceWorld) {
  const events: Event[] = [];
  const troubles: Trouble[] = [];
  const known = new Map<string, Workload>();
  let heardCount = 0;
  const end = new AbortController();
  const ended = world.source.follow(
    "deployments",
    {
      apply(event) {
        events.push(event);
        if ("object" in event && isOurs(event.object, world)) known.set(event.object.meta.name, event.object);
        else if (event.kind === "deleted") known.delete(event.key.slice(world.namespace.length + 1));
      },
      hear: () => (heardCount += 1),
      trouble: (what) => troubles.push(what),
    },
    end.signal,
  );
  onTestFinished(() => end.abort());
  await world.until(() => endOfListing(events) >= 0);
  const listed = events[endOfListing(events)] as Extract<Event, { kind: "listing-ended" }>;
  return {
    events,
    troubles,
    listed,
    ended,
    stop: () => end.abort(),
    heardCount: () => heardCount,
    replicasOf: (name: string) => known.get(name)?.replicas,
    metaOf: (name: string) => known.get(name)?.meta,
  };
}
