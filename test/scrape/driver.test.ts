import { beforeEach, describe, expect, test } from "vitest";
import { nodeName, uid } from "../../src/base/ids.ts";
import type { NodeName, Uid } from "../../src/base/ids.ts";
import type { LogFields, LogLevel } from "../../src/base/log.ts";
import type { Meter } from "../../src/base/meter.ts";
import { epochMillis, millis, minutes, seconds } from "../../src/base/units.ts";
import type { Millis } from "../../src/base/units.ts";
import type { Node } from "../../src/cluster/node.ts";
import type { Pod } from "../../src/cluster/pod.ts";
import type { Reader } from "../../src/cluster/view.ts";
import { createScraper } from "../../src/scrape/driver.ts";
import type { Scraper, ScraperParts } from "../../src/scrape/driver.ts";
import type { NodeMetricsSource, NodeReply } from "../../src/scrape/port.ts";
import { VirtualTime, createClock } from "../../src/sim/clock.ts";
import { createStore } from "../../src/store/store.ts";
import type { Store } from "../../src/store/store.ts";
import { print } from "./answers.ts";
import { aNode, aRunningPod } from "./nodes.ts";

const RESOLUTION = seconds(15);
const TIMEOUT: NodeReply = { kind: "failed", cause: "timeout", message: "no whole answer within 10 s" };

/** Kubelets as the test wants them: each node answers after a while, or fails. */
class Kubelets implements NodeMetricsSource {
  readonly asked: { node: string; at: number }[] = [];
  readonly forgotten: string[] = [];
  readonly slow = new Map<string, Millis>();
  readonly failing = new Map<string, NodeReply>();
  readonly #time: VirtualTime;
  inFlight = 0;
  inFlightMax = 0;

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  async read({ meta: { name } }: Node, signal: AbortSignal): Promise<NodeReply> {
    this.asked.push({ node: name, at: this.#time.now() });
    this.inFlightMax = Math.max(this.inFlightMax, ++this.inFlight);
    await this.#time.sleep(this.slow.get(name) ?? millis(20), signal);
    this.inFlight--;
    return this.failing.get(name) ?? { kind: "answered", body: Buffer.from(this.answer(name)) };
  }

  /** Every node runs one pod of its own, which burns half a core. */
  answer(name: string): string {
    const at = this.#time.wall();
    return print([
      { pod: `on-${name}`, cpu: 1 + this.#time.now() / 2000, memory: 4096, at, start: 1_700_000_000 },
    ]);
  }

  forget(node: NodeName): void {
    this.forgotten.push(node);
  }
}

let time: VirtualTime;
let kubelets: Kubelets;
let nodes: Map<string, Node>;
let store: Store;
let scraper: Scraper;
let answers: { node: string; renewed: readonly Uid[] }[];
let lines: { level: LogLevel; message: string; fields: LogFields | undefined }[];
let series: Map<string, number>;
let stop: AbortController;

beforeEach(() => {
  time = new VirtualTime(epochMillis(1_790_000_000_000));
  kubelets = new Kubelets(time);
  nodes = new Map();
  store = createStore({ resolution: RESOLUTION });
  answers = [];
  lines = [];
  series = new Map();
  stop = new AbortController();
});

const addNode = (name: string, over: Partial<Node> = {}): void =>
  void nodes.set(name, aNode({ name, ...over }));

function start(over: Partial<ScraperParts> = {}): Promise<void> {
  scraper = createScraper({
    clock: createClock(time),
    log: (level, message, fields) => void lines.push({ level, message, fields }),
    meter: aMeter(series),
    source: kubelets,
    nodes: readerOf(nodes),
    podByName: (_, name): Pod => aRunningPod(name, { node: nodeName(name.replace("on-", "")) }),
    writer: store.writer,
    points: () => store.points(),
    resolution: RESOLUTION,
    onAnswer: (node, renewed) => void answers.push({ node, renewed }),
    ...over,
  });
  return scraper.run(stop.signal);
}

/** Counts of each series with its labels; gauges as they stand. */
function aMeter(into: Map<string, number>): Meter {
  const key = (name: string, labels: object = {}): string => [name, ...Object.values(labels)].join(" ");
  return {
    count: (name, labels, by = 1) =>
      void into.set(key(name, labels), (into.get(key(name, labels)) ?? 0) + by),
    set: (name, value, labels) => void into.set(key(name, labels), value),
    observe: (name, _, labels) => void into.set(key(name, labels), (into.get(key(name, labels)) ?? 0) + 1),
    forget: (name, labels) => void into.delete(key(name, labels)),
  };
}

function readerOf(objects: ReadonlyMap<string, Node>): Reader<Node> {
  return {
    get: (key) => objects.get(key),
    all: () => objects.values(),
    count: () => objects.size,
    synced: () => true,
    resourceVersion: () => "1",
    heardAt: () => undefined,
  };
}

const askedTimes = (node: string): number[] =>
  kubelets.asked.filter((asked) => asked.node === node).map(({ at }) => at);

describe("scraping", () => {
  test("begins at once, and two rounds later every pod has usage", async () => {
    for (const name of ["a", "b", "c"]) addNode(name);
    void start();
    await time.advance(seconds(1));
    expect(kubelets.asked.map(({ at }) => at)).toEqual([0, 0, 0]);
    expect(answers).toHaveLength(3);
    await time.advance(seconds(31));
    for (const name of ["a", "b", "c"]) {
      const usage = store.reader.pod(uid(`uid-of-on-${name}`));
      expect(usage).toMatchObject({ kind: "usage", containers: [{ cpu: expect.closeTo(500_000_000, -5) }] });
    }
    expect(answers.at(-1)).toEqual({
      node: expect.any(String),
      renewed: [expect.stringMatching(/^uid-of-on-/)],
    });
  });

  test("asks every node at the same distance", async () => {
    addNode("a");
    void start();
    await time.advance(minutes(3));
    const times = askedTimes("a").slice(1);
    for (const [index, at] of times.slice(1).entries())
      expect(Math.abs(at - times[index]! - 15_000)).toBeLessThan(50);
    expect(times.length).toBeGreaterThanOrEqual(10);
  });

  test("notices a new node within a second, and lets go of one that is gone", async () => {
    addNode("a");
    void start();
    await time.advance(seconds(20));
    addNode("b");
    await time.advance(seconds(1.1));
    expect(askedTimes("b")).toHaveLength(1);
    nodes.delete("a");
    await time.advance(seconds(1.1));
    expect(kubelets.forgotten).toEqual(["a"]);
    const before = askedTimes("a").length;
    await time.advance(minutes(2));
    expect(askedTimes("a")).toHaveLength(before);
    expect([...series.keys()].filter((key) => key.endsWith(" a"))).toEqual([]);
    expect([...series.keys()].filter((key) => key.endsWith(" b"))).not.toEqual([]);
  });

  test("asks only the nodes that the selector selects", async () => {
    addNode("a", { labels: { pool: "blue" } });
    addNode("b");
    void start({ nodeSelector: ({ pool }) => pool === "blue" });
    await time.advance(seconds(20));
    expect(new Set(kubelets.asked.map(({ node }) => node))).toEqual(new Set(["a"]));
  });

  test("ends when told to, with no request left behind", async () => {
    for (let n = 0; n < 100; n++) addNode(`n-${n}`);
    const running = start({ concurrency: 10 });
    await time.advance(millis(10));
    stop.abort();
    await time.settle(running);
    expect(kubelets.inFlight).toBe(0);
    expect(kubelets.asked).toHaveLength(10);
  });
});

describe("a slow node", () => {
  test("delays nobody, however many hang", async () => {
    for (let n = 0; n < 300; n++) {
      addNode(`hangs-${n}`);
      kubelets.slow.set(`hangs-${n}`, seconds(10));
      kubelets.failing.set(`hangs-${n}`, TIMEOUT);
    }
    for (let n = 0; n < 20; n++) addNode(`well-${n}`);
    void start({ concurrency: 20 });
    await time.advance(minutes(5));
    for (let n = 0; n < 20; n++) {
      const times = askedTimes(`well-${n}`);
      const gaps = times.slice(2).map((at, index) => at - times[index + 1]!);
      expect(Math.max(...gaps)).toBeLessThan(17_000);
    }
  });

  test("is asked one request at a time", async () => {
    addNode("a");
    kubelets.slow.set("a", minutes(1));
    void start();
    await time.advance(minutes(5));
    expect(kubelets.inFlightMax).toBe(1);
  });

  test("and many quick ones never make more requests side by side than are allowed", async () => {
    for (let n = 0; n < 500; n++) addNode(`n-${n}`);
    void start({ concurrency: 25 });
    await time.advance(minutes(1));
    expect(kubelets.inFlightMax).toBe(25);
    expect(answers.length).toBeGreaterThan(1500);
  });
});

describe("a node that fails", () => {
  test("is named once with the way out, asked more rarely, and at every round again once it answers", async () => {
    addNode("a");
    kubelets.failing.set("a", TIMEOUT);
    void start();
    await time.advance(minutes(10));
    expect(lines).toEqual([
      { level: "warn", message: TIMEOUT.message, fields: { node: "a", problem: "timeout" } },
    ]);
    expect(kubelets.asked.length).toBeLessThan(15);
    kubelets.failing.clear();
    await time.advance(minutes(2));
    expect(lines.at(-1)).toMatchObject({ level: "info", fields: { node: "a", problem: "timeout" } });
    const before = kubelets.asked.length;
    await time.advance(minutes(1));
    expect(kubelets.asked.length - before).toBe(4);
  });

  test.each(["reading", "looking up", "telling"])(
    "on a bug in %s its answer loses that answer: it is said, and the node is asked again",
    async (what) => {
      addNode("a");
      let isBroken = false;
      const bug = (where: string): void => {
        if (isBroken && where === what) throw new Error("a bug");
      };
      void start({
        source: {
          read: (node, signal) => (bug("reading"), kubelets.read(node, signal)),
          forget: (node) => kubelets.forget(node),
        },
        podByName: (_, name) => (bug("looking up"), aRunningPod(name, { node: nodeName("a") })),
        onAnswer: (node, renewed) => (bug("telling"), answers.push({ node, renewed })),
      });
      await time.advance(seconds(40));
      isBroken = true;
      await time.advance(seconds(16));
      expect(lines[0]).toMatchObject({ level: "error", fields: { node: "a" } });
      isBroken = false;
      const before = answers.length;
      await time.advance(minutes(2));
      expect(answers.length - before).toBeGreaterThanOrEqual(7);
      expect(answers.at(-1)?.renewed).toHaveLength(1);
    },
  );

  test("keeps its pods' last usage, with its age", async () => {
    addNode("a");
    void start();
    await time.advance(seconds(40));
    kubelets.failing.set("a", TIMEOUT);
    const before = store.reader.pod(uid("uid-of-on-a"));
    await time.advance(minutes(2));
    expect(store.reader.pod(uid("uid-of-on-a"))).toMatchObject({ kind: "usage" });
    expect(store.reader.pod(uid("uid-of-on-a"))).toEqual({ ...before, ...sinceLastAnswer(before) });
    await time.advance(minutes(5));
    expect(store.reader.pod(uid("uid-of-on-a"))).toEqual({ kind: "absent", because: "never-scraped" });
  });

  test("is not one that runs nothing: its pods are gone, not unknown", async () => {
    addNode("a");
    void start();
    await time.advance(seconds(40));
    kubelets.answer = () => "node_cpu_usage_seconds_total 0\nnode_memory_working_set_bytes 0\n";
    await time.advance(seconds(16));
    expect(lines).toEqual([]);
    expect(store.reader.pod(uid("uid-of-on-a"))).toEqual({ kind: "absent", because: "container-missing" });
  });

  test("and is not ready is expected to, and only noted", async () => {
    addNode("a", { ready: { status: "False", since: epochMillis(0) } });
    kubelets.failing.set("a", TIMEOUT);
    void start();
    await time.advance(minutes(1));
    expect(lines.map(({ level }) => level)).toEqual(["debug"]);
  });

  test.each([
    { answer: "resource_scrape_error 1\n", says: /could not read its statistics/ },
    { answer: "<html>?\n<body>?\n", says: /none of its 2 lines could be read/ },
    { answer: "up 1\n", says: /has no line of a container or of the node/ },
    { answer: "", says: /has no line of a container or of the node/ },
  ])("is also one that answers 200 with nothing in it: $answer", async ({ answer, says }) => {
    addNode("a");
    void start();
    await time.advance(seconds(40));
    kubelets.answer = () => answer;
    await time.advance(seconds(16));
    expect(lines).toEqual([
      { level: "warn", message: expect.stringMatching(says), fields: { node: "a", problem: "no-samples" } },
    ]);
    expect(store.reader.pod(uid("uid-of-on-a"))).toMatchObject({ kind: "usage" });
    expect(series.get("plimsoll_scrape_failures_total no-samples")).toBeGreaterThanOrEqual(1);
  });
});

describe("what is found out", () => {
  test("is counted under metrics-server's names where they mean the same", async () => {
    addNode("a");
    addNode("b");
    kubelets.failing.set("b", TIMEOUT);
    void start();
    await time.advance(seconds(61));
    expect(Object.fromEntries(series)).toMatchObject({
      "metrics_server_kubelet_request_total true": 5,
      "metrics_server_kubelet_request_duration_seconds a": 5,
      "metrics_server_kubelet_last_request_time_seconds b": expect.closeTo(time.wall() / 1000, -2),
      "metrics_server_storage_points container": 1,
      "metrics_server_storage_points node": 0,
      "plimsoll_scrape_samples_total stored": 5,
      "plimsoll_kubelet_clock_skew_seconds a": 0,
    });
    expect(series.get("plimsoll_scrape_failures_total timeout")).toBe(
      series.get("metrics_server_kubelet_request_total false"),
    );
  });

  test("is said once for each node: spoilt lines, foreign pods, clocks that are off", async () => {
    addNode("a");
    kubelets.answer = () =>
      print([
        { pod: "on-a", cpu: 1, memory: 1, at: time.wall() + 90_000 },
        { pod: "on-b", cpu: 1, memory: 1, at: time.wall() },
      ]) + "?\n";
    void start();
    await time.advance(minutes(1));
    expect(lines.map(({ level, fields }) => ({ level, ...fields }))).toEqual([
      { level: "warn", node: "a", problem: "malformed-lines", lines: 1 },
      { level: "warn", node: "a", problem: "foreign-pods", containers: 1 },
      { level: "warn", node: "a", problem: "clock-skew", skew_seconds: 90 },
    ]);
    expect(series.get("plimsoll_scrape_samples_total foreign-pod")).toBe(5);
    expect(series.get("plimsoll_scrape_lines_lost_total malformed")).toBe(5);
  });

  test("says whether metrics are collected in time, and which nodes are silent", async () => {
    for (const name of ["a", "b"]) addNode(name);
    void start();
    await time.advance(seconds(40));
    kubelets.failing.set("b", TIMEOUT);
    await time.advance(minutes(3));
    const now = createClock(time).mono();
    expect(scraper.silentNodes(now)).toEqual({ expected: 2, silent: ["b"], never: [] });
    expect(scraper.lastRound()).toMatchObject({ nodes: 2, failing: 1 });
    expect(now - scraper.lastRound()!.startedAt).toBeLessThanOrEqual(1_100);
  });
});

/** A request that was on its way when the node began to fail may still have brought one more answer. */
function sinceLastAnswer(before: ReturnType<Store["reader"]["pod"]>) {
  const now = store.reader.pod(uid("uid-of-on-a"));
  if (before.kind === "absent" || now.kind === "absent") return {};
  expect(now.arrivedAt - before.arrivedAt).toBeLessThan(50);
  return now;
}
