/**
 * `plimsoll report` with the history of a real Prometheus, eight days of it, that this file wrote: figures that can be
 * worked out by hand come out.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { epochMillis, minutes, seconds } from "../../src/base/units.ts";
import { createUsageHistory } from "../../src/real/prometheus/history.ts";
import { LABEL_NAMES } from "../../src/real/prometheus/queries.ts";
import { openPrometheus, type PrometheusWire } from "../../src/real/prometheus/wire.ts";
import { UsageCollector } from "../../src/rightsizing/evidence/collector.ts";
import { observe } from "../../src/rightsizing/advise.ts";
import { assignPods } from "../../src/rightsizing/evidence/past-pods.ts";
import { scanAsKrr } from "../../src/rightsizing/krr/scan.ts";
import { VERTICAL_SETTINGS } from "../../src/vertical/recommend.ts";
import { type Prometheus, startPrometheus, type Told } from "../prometheus/start.ts";
import { aContainer, amounts, aSubject, MIB } from "../rightsizing/subjects.ts";

const EVERY = 60;
/** On a multiple of the step; not long ago, so that nothing is retained away. */
const NOW = Math.floor(Date.now() / 1000 / 3600) * 3600;
const DAYS = 8;
const signal = new AbortController().signal;

const web = aSubject({ replicas: 2, containers: [aContainer({ requests: amounts(500, 512) })] });
const gone = "web-5c9b7d-x2x7k";

const series = (pod: string, parts: Partial<Told> = {}): Told => ({
  namespace: "shop",
  pod,
  container: "app",
  from: NOW - DAYS * 86_400,
  to: NOW,
  every: EVERY,
  cores: () => 0.2,
  bytes: () => 200 * MIB,
  ...parts,
});

/** One hour in ten is busy. */
const busy = (second: number): boolean => Math.floor((NOW - second) / 3600) % 10 === 0;

let prometheus: Prometheus;
let wire: PrometheusWire;

beforeAll(async () => {
  const [first = "", second = ""] = web.pods;
  prometheus = await startPrometheus([
    series(first, { cores: (at) => (busy(at) ? 0.8 : 0.2), bytes: (at) => (busy(at) ? 300 : 200) * MIB }),
    series(second),
    // the cgroup of a pod and its pause container say the same once more, and are no containers
    series(second, { container: "", cores: () => 5 }),
    series(second, { container: "POD", cores: () => 5 }),
    // a pod that is gone since five days
    series(gone, { to: NOW - 5 * 86_400, cores: () => 0.4, bytes: () => 400 * MIB }),
    // another job that scrapes the same
    series(first, { job: "also", cores: () => 0.1, bytes: () => 100 * MIB }),
    series("few-0", { namespace: "new", from: NOW - 600 }),
  ]);
  const opened = await openPrometheus({
    address: prometheus.address,
    insecureTls: false,
    timeout: seconds(60),
    userAgent: "plimsoll/test",
  });
  if (opened.kind !== "read") throw new Error(opened.message);
  wire = opened.value;
});
afterAll(async () => {
  await wire?.close();
  await prometheus?.stop();
});

const at = (second: number) => epochMillis(second * 1000);

describe("eight days of history", () => {
  test("are loaded whole, and what is computed of them is what was written", async () => {
    const collector = new UsageCollector(minutes(5));
    const window = { from: at(NOW - DAYS * 86_400), to: at(NOW), step: minutes(5) };
    const history = createUsageHistory(wire, LABEL_NAMES);
    const loaded = await history.load({ namespace: "shop", window, signal }, collector);
    // the first moment of a series has no rate yet
    expect(loaded).toEqual({ kind: "read", value: 2 * DAYS * 288 + (DAYS - 5) * 288 });
    const pods = assignPods([web], collector.podsIn("shop")).get(web)!;
    expect(pods).toEqual([...web.pods, gone]);
    const { usage, advice } = observe(web, pods, { now: at(NOW), settings: VERTICAL_SETTINGS, collector });
    const app = usage.get("app")!;
    expect(app.cpu).toMatchObject({ samples: loaded.kind === "read" ? loaded.value : 0 });
    expect(app.cpu!.p50).toBeCloseTo(200, 3);
    expect(app.cpu!.p99).toBeCloseTo(800, 3);
    expect(app.cpu!.max).toBeCloseTo(800, 3);
    expect(app.memory!.max).toBe(400 * MIB);
    expect(app.meanReplicas.whileAny).toBeCloseTo(2 + (DAYS - 5) / DAYS, 2);
    expect(advice.get("app")).toMatchObject({ kind: "advice", by: "report" });
    const advised = advice.get("app");
    const { memory = 0 } = advised?.kind === "advice" ? advised.amounts : {};
    expect(memory).toBeGreaterThan(300 * MIB);
  });

  test("of a namespace that it does not know are none", async () => {
    const collector = new UsageCollector(minutes(5));
    const window = { from: at(NOW - 86_400), to: at(NOW), step: minutes(5) };
    const loaded = await createUsageHistory(wire, LABEL_NAMES).load(
      { namespace: "none", window, signal },
      collector,
    );
    expect(loaded).toEqual({ kind: "read", value: 0 });
  });
});

describe("KRR's simple strategy", () => {
  const few = aSubject({ namespace: "new", kind: "StatefulSet", name: "few", replicas: 0 });

  test("gives the values that its formulas give", async () => {
    const history = createUsageHistory(wire, LABEL_NAMES);
    const figures = await history.figures("shop", at(NOW), signal);
    if (figures.kind !== "read") throw new Error(figures.message);
    const { rows } = scanAsKrr([web], figures.value);
    expect(rows).toHaveLength(1);
    expect(rows[0]!.oldPods).toEqual([gone]);
    // p95 of the busiest pod, of which a tenth is busy; the peak of the largest, and 15 %
    expect(rows[0]!.answer.requests.cpu).toBeCloseTo(0.8, 2);
    expect(rows[0]!.answer.requests.memory).toBe(460 * MIB);
    expect(rows[0]!.answer.info).toEqual({ cpu: undefined, memory: undefined });
    expect(rows[0]!.severity).toBe("WARNING");
  });

  test("says what it would not say anything about", async () => {
    const history = createUsageHistory(wire, LABEL_NAMES);
    const figures = await history.figures("new", at(NOW), signal);
    if (figures.kind !== "read") throw new Error(figures.message);
    expect(scanAsKrr([few], figures.value).rows[0]!.answer.info.cpu).toBe("Not enough data");
    expect(scanAsKrr([few], []).rows[0]!.answer.info.cpu).toBe("No data");
  });
});

test("a query that Prometheus refuses is told in its words", async () =>
  expect(await wire.ask("query", { query: "up{" }, signal)).toMatchObject({
    kind: "refused",
    message: expect.stringContaining("parse error") as string,
  }));
