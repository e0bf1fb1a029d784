import { describe, expect, onTestFinished, test } from "vitest";
import { seededRandom } from "../../../src/base/random.ts";
import { epochMillis, millis, minutes, seconds } from "../../../src/base/units.ts";
import type { Kind, Kinds } from "../../../src/cluster/port.ts";
import type { WatchEvent } from "../../../src/cluster/watch-event.ts";
import { createClusterSource } from "../../../src/real/apiserver/watch/source.ts";
import type { Raw } from "../../../src/real/apiserver/watch/trim/raw.ts";
import { createClock, VirtualTime } from "../../../src/sim/clock.ts";
import { rawMeta } from "./raw-objects.ts";
import { ScriptedServer } from "./scripted-server.ts";

const PATH = "/apis/apps/v1/deployments";
const LISTING = `${PATH}?watch=true&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`;
const watchFrom = (version: number): string =>
  `${PATH}?watch=true&allowWatchBookmarks=true&resourceVersion=${version}`;

const deployment = (name: string, version: number): Raw => ({
  metadata: rawMeta(name, { resourceVersion: `${version}` }),
  spec: { replicas: 1 },
});
const event = (type: string, name: string, version: number) => ({ type, object: deployment(name, version) });
const bookmark = (version: number) => ({
  type: "BOOKMARK",
  object: { metadata: { resourceVersion: `${version}` } },
});
const listingEnds = (version: number) => ({
  type: "BOOKMARK",
  object: {
    metadata: { resourceVersion: `${version}`, annotations: { "k8s.io/initial-events-end": "true" } },
  },
});
const error = (code: number, over: Raw = {}) => ({
  type: "ERROR",
  object: { kind: "Status", message: "m", code, ...over },
});
const page = (version: number, names: readonly string[], token?: string): string =>
  JSON.stringify({
    metadata: { resourceVersion: `${version}`, continue: token },
    items: names.map((name) => deployment(name, version)),
  });

/** One kind followed over a server that the test plays, in time that the test moves. */
function follow(kind: Kind = "deployments") {
  const time = new VirtualTime(epochMillis(0));
  const server = new ScriptedServer();
  const told: string[] = [];
  const troubles: string[] = [];
  const lost: string[] = [];
  const logged: string[] = [];
  let heardCount = 0;
  const end = new AbortController();
  onTestFinished(() => end.abort());
  const source = createClusterSource(
    {
      transport: server,
      clock: createClock(time),
      random: seededRandom(1),
      log: (_, message) => logged.push(message),
    },
    { pageSize: 2 },
  );
  const ended = source.follow(
    kind,
    {
      apply: (what) => told.push(inWords(what)),
      hear: () => (heardCount += 1),
      trouble: ({ problem }) => troubles.push(problem),
      lose: ({ message }) => lost.push(message),
    },
    end.signal,
  );
  const settled = (): Promise<void> => time.advance(millis(0));
  /** Listed up to version 9, and watching on the stream that is returned. */
  const watching = async () => {
    const stream = server.last.open();
    stream.send(event("ADDED", "web", 4), listingEnds(9));
    await settled();
    told.length = 0;
    return stream;
  };
  return {
    time,
    server,
    told,
    troubles,
    lost,
    logged,
    end,
    ended,
    settled,
    watching,
    heard: () => heardCount,
  };
}

function inWords(event: WatchEvent<Kinds[Kind]>): string {
  const version = "resourceVersion" in event ? ` ${event.resourceVersion}` : "";
  if ("object" in event) return `${event.kind} ${event.object.meta.name}${version}`;
  return "key" in event ? `${event.kind} ${event.key}${version}` : `${event.kind}${version}`;
}

describe("listing by WatchList", () => {
  test("objects come as they stream in, and the watch goes on in the same request", async () => {
    const { server, told, settled, heard } = follow();
    expect(server.last.url).toBe(LISTING);
    const stream = server.last.open();
    stream.send(event("ADDED", "web", 7), event("ADDED", "api", 3));
    await settled();
    expect(told).toEqual(["listing-began", "listed web", "listed api"]);
    expect(heard(), "what is gathered does not make the old view younger").toBe(0);
    stream.send(listingEnds(9), event("MODIFIED", "web", 11), event("DELETED", "api", 12), bookmark(20));
    await settled();
    expect(told.slice(3)).toEqual([
      "listing-ended 9",
      "changed web 11",
      "deleted shop/api 12",
      "progressed 20",
    ]);
    expect(heard()).toBe(4);
    expect(server.asked).toHaveLength(1);
  });

  test("a stream that breaks before the end is begun again", async () => {
    const { server, time, told, troubles } = follow();
    const stream = server.last.open();
    stream.send(event("ADDED", "web", 7));
    stream.breakOff();
    await time.advance(seconds(2));
    expect(troubles).toEqual(["broken-off"]);
    expect(server.last.url).toBe(LISTING);
    server.last.open();
    await time.advance(millis(0));
    expect(told).toEqual(["listing-began", "listed web", "listing-began"]);
  });
});

describe("a server that does not know WatchList", () => {
  test.each([400, 405, 422])("answers %i, and is listed by pages from then on", async (status) => {
    const { server, settled, told, troubles, logged, heard, time } = follow();
    server.last.answer(status);
    await settled();
    expect(server.last.url).toBe(`${PATH}?limit=2`);
    server.last.body(page(9, ["a", "b"], "next"));
    await settled();
    expect(server.last.url).toBe(`${PATH}?limit=2&continue=next`);
    server.last.body(page(9, ["c"]));
    await settled();
    expect(told).toEqual(["listing-began", "listed a", "listed b", "listed c", "listing-ended 9"]);
    expect([troubles, heard()]).toEqual([[], 1]);
    expect(logged).toEqual(["the API server does not know WatchList; listing by pages"]);
    expect(server.last.url).toBe(watchFrom(9));
    server.last.answer(410);
    await time.advance(seconds(2));
    expect(server.last.url).toBe(`${PATH}?limit=2`);
  });

  test("a page that is cut short is no list, and the list is begun again", async () => {
    const { server, settled, time, troubles } = follow();
    server.last.answer(422);
    await settled();
    server.last.body(page(9, ["a", "b"], "next").slice(0, -5));
    await time.advance(seconds(2));
    expect(troubles).toEqual(["garbled"]);
    expect(server.last.url).toBe(`${PATH}?limit=2`);
  });

  test("an expired page begins the list again; one that did not arrive is asked for again", async () => {
    const { server, settled, time, troubles } = follow();
    server.last.answer(422);
    await settled();
    server.last.body(page(9, ["a", "b"], "next"));
    await settled();
    server.last.disconnect();
    await time.advance(seconds(2));
    expect(server.last.url).toBe(`${PATH}?limit=2&continue=next`);
    server.last.answer(410);
    await time.advance(seconds(4));
    expect(server.last.url).toBe(`${PATH}?limit=2`);
    expect(troubles).toEqual(["unreachable", "expired"]);
  });
});

describe("a watch", () => {
  test("that ended in time goes on from the last version, at once", async () => {
    const { server, time, settled, watching, troubles } = follow();
    const stream = await watching();
    stream.send(event("MODIFIED", "web", 11), bookmark(30));
    await time.advance(seconds(60));
    stream.end();
    await settled();
    expect(server.last.url).toBe(watchFrom(30));
    expect(troubles).toEqual([]);
  });

  test("is asked to end after 5 to 10 minutes, each after its own", async () => {
    const { server, time, watching } = follow();
    const limits = [Number(server.last.request.query?.["timeoutSeconds"])];
    let stream = await watching();
    for (let round = 0; round < 20; round++) {
      await time.advance(seconds(2));
      stream.end();
      await time.advance(millis(0));
      limits.push(Number(server.last.request.query?.["timeoutSeconds"]));
      stream = server.last.open();
    }
    expect(Math.min(...limits)).toBeGreaterThanOrEqual(300);
    expect(Math.max(...limits)).toBeLessThan(600);
    expect(new Set(limits).size).toBeGreaterThan(15);
  });

  test.each([
    ["a connection that breaks", "broken-off", (stream: { breakOff(): void }) => stream.breakOff()],
    ["a server that ends it at once", "ended-early", (stream: { end(): void }) => stream.end()],
  ])("goes on from the last version, after a wait, after %s", async (_, problem, act) => {
    const { server, time, settled, watching, troubles } = follow();
    act(await watching());
    await settled();
    expect(server.asked, "not at once").toHaveLength(1);
    await time.advance(seconds(2));
    expect(server.last.url).toBe(watchFrom(9));
    expect(troubles).toEqual([problem]);
  });

  test.each([
    ["429", 429, "throttled"],
    ["500", 500, "server-error"],
    ["403", 403, "forbidden"],
    ["401", 401, "unauthorized"],
  ])(
    "refused with %s is asked for again from the same version, without a listing",
    async (_, status, problem) => {
      const { server, time, watching, troubles, told } = follow();
      (await watching()).breakOff();
      await time.advance(seconds(2));
      server.last.answer(status);
      await time.advance(seconds(4));
      expect(server.last.url).toBe(watchFrom(9));
      expect(troubles).toEqual(["broken-off", problem]);
      expect(told).toEqual([]);
    },
  );

  test("waits as long as a busy server asks, whether it asks in an answer or in an event", async () => {
    const { server, time, settled, watching } = follow();
    const stream = await watching();
    stream.send(error(429, { details: { retryAfterSeconds: 20 } }));
    await time.advance(millis(19_900));
    expect(server.asked).toHaveLength(1);
    await time.advance(millis(200));
    expect(server.last.url).toBe(watchFrom(9));
    server.last.answer(429, undefined, seconds(30));
    await settled();
    await time.advance(millis(29_900));
    expect(server.asked).toHaveLength(2);
    await time.advance(millis(200));
    expect(server.asked).toHaveLength(3);
  });

  test("expired, as an answer, becomes a new listing", async () => {
    const { server, time, watching, troubles } = follow();
    (await watching()).breakOff();
    await time.advance(seconds(2));
    server.last.answer(410);
    await time.advance(seconds(4));
    expect(server.last.url).toBe(LISTING);
    expect(troubles).toEqual(["broken-off", "expired"]);
  });

  test.each([
    ["expired, as an event", (stream: Sending) => stream.send(error(410)), "expired"],
    ["with a line that is not JSON", (stream: Sending) => stream.sendText('{"type":"MOD\n'), "garbled"],
    ["with a line that is no event", (stream: Sending) => stream.sendText("{}\n"), "garbled"],
  ])("%s, lets go of its stream and lists anew", async (_, act, problem) => {
    const { server, time, watching, troubles } = follow();
    const stream = await watching();
    act(stream);
    await time.advance(seconds(2));
    expect(troubles).toEqual([problem]);
    expect(stream.released).toBe(true);
    expect(server.asked[0]?.request.signal?.aborted, "its connection is given up").toBe(true);
    expect(server.last.url).toBe(LISTING);
  });

  test("what came before a bad line in one chunk counts, what came after it does not", async () => {
    const { watching, settled, told } = follow();
    const stream = await watching();
    stream.sendText(
      `${JSON.stringify(event("MODIFIED", "web", 11))}\nbad\n${JSON.stringify(event("MODIFIED", "web", 12))}\n`,
    );
    await settled();
    expect(told).toEqual(["changed web 11"]);
  });

  test("loses an object that cannot be read, says so, and goes on", async () => {
    const { watching, settled, told, lost, troubles } = follow();
    const stream = await watching();
    stream.send({ type: "MODIFIED", object: { metadata: { namespace: "shop", name: "odd" } } });
    stream.send(event("MODIFIED", "web", 12));
    await settled();
    expect(lost).toEqual(["an object (shop/odd) lacks what every object has"]);
    expect(told).toEqual(["changed web 12"]);
    expect(troubles).toEqual([]);
  });
});

type Sending = Readonly<{ send(event: unknown): void; sendText(text: string): void }>;

describe("silence", () => {
  test("of 75 s gives the connection up and lists anew, at once: quiet or dead, the view is never older", async () => {
    const { server, time, watching, troubles } = follow();
    await watching();
    await time.advance(seconds(74));
    expect(troubles).toEqual([]);
    await time.advance(seconds(1));
    expect(troubles).toEqual(["silent"]);
    expect(server.asked[0]?.request.signal?.aborted).toBe(true);
    expect(server.last.url).toBe(LISTING);
  });

  test("is broken by any byte, so a quiet watch with bookmarks stays open", async () => {
    const { server, time, watching, troubles, told } = follow();
    const stream = await watching();
    for (let minute = 1; minute <= 5; minute++) {
      await time.advance(minutes(1));
      stream.send(bookmark(9 + minute));
    }
    await time.advance(seconds(10));
    expect(troubles).toEqual([]);
    expect(server.asked).toHaveLength(1);
    expect(told).toHaveLength(5);
  });

  test("instead of an answer counts, too", async () => {
    const { server, time, troubles } = follow();
    await time.advance(seconds(76));
    expect(troubles).toEqual(["silent"]);
    expect(server.last.url, "a server that stalls a WatchList is asked for pages").toBe(`${PATH}?limit=2`);
  });
});

describe("a kind that is not there", () => {
  test("is trouble, asked for again and again, and listed once it appears", async () => {
    const { server, time, troubles, told } = follow("scalepolicies");
    for (let round = 0; round < 5; round++) {
      server.last.answer(404);
      await time.advance(seconds(31));
    }
    expect(troubles).toEqual(Array(5).fill("absent"));
    server.last.open().send(event("ADDED", "web", 7), listingEnds(9));
    await time.advance(millis(0));
    expect(told).toEqual(["listing-began", "listed web", "listing-ended 9"]);
  });
});

test("an API server that is gone for ten minutes is asked at most every 15 to 30 s, and then no event is lost", async () => {
  const { server, time, watching, told } = follow();
  (await watching()).breakOff();
  const before = server.asked.length;
  for (let second = 0; second < 600; second++) {
    await time.advance(seconds(1));
    server.last.disconnect();
  }
  const attempts = server.asked.length - before;
  expect(attempts).toBeGreaterThanOrEqual(20);
  expect(attempts).toBeLessThanOrEqual(45);
  await time.advance(seconds(31));
  expect(server.last.url).toBe(watchFrom(9));
  server.last.open().send(event("MODIFIED", "web", 12));
  await time.advance(millis(0));
  expect(told).toEqual(["changed web 12"]);
});

describe("the end", () => {
  test.each([
    ["while it watches", async ({ watching }: ReturnType<typeof follow>) => void (await watching())],
    ["while it connects", async () => Promise.resolve()],
    [
      "while it waits",
      async ({ server, settled }: ReturnType<typeof follow>) => {
        server.last.answer(503);
        await settled();
      },
    ],
    [
      "while it pages",
      async ({ server, settled }: ReturnType<typeof follow>) => {
        server.last.answer(422);
        await settled();
      },
    ],
  ])("%s comes at once, leaves nothing open, and is no trouble", async (_, prepare) => {
    const following = follow();
    await prepare(following);
    const { server, troubles, told, end, ended } = following;
    const [troublesBefore, toldBefore] = [troubles.length, told.length];
    end.abort();
    await ended;
    expect(server.last.request.signal?.aborted).toBe(true);
    expect([troubles.length, told.length]).toEqual([troublesBefore, toldBefore]);
  });
});

test("of pods, those that have ended are not asked for", () => {
  const { server } = follow("pods");
  expect(server.last.request.query?.["fieldSelector"]).toBe("status.phase!=Succeeded,status.phase!=Failed");
});
