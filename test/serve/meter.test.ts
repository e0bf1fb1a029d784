/**
 * The meter over the Prometheus client library.
 */
import { describe, expect, test } from "vitest";
import { SERIES } from "../../src/report/series.ts";
import { createMeter } from "../../src/serve/meter.ts";

const created = () => createMeter();
/** The lines of one series, without HELP and TYPE. */
const linesOf = async (own: ReturnType<typeof created>, series: string): Promise<string[]> =>
  (await own.render()).split("\n").filter((line) => line.startsWith(series));

describe("what was counted is printed", () => {
  test("a counter adds up per label", async () => {
    const own = created();
    own.meter.count("plimsoll_decisions_total", { verdict: "held" });
    own.meter.count("plimsoll_decisions_total", { verdict: "held" }, 2);
    own.meter.count("plimsoll_decisions_total", { verdict: "scaled-up" });
    expect(await linesOf(own, "plimsoll_decisions_total")).toEqual([
      'plimsoll_decisions_total{verdict="held"} 3',
      'plimsoll_decisions_total{verdict="scaled-up"} 1',
    ]);
  });

  test("a gauge is its last value", async () => {
    const own = created();
    own.meter.set("plimsoll_cache_objects", 3, { kind: "pods" });
    own.meter.set("plimsoll_cache_objects", 5, { kind: "pods" });
    expect(await linesOf(own, "plimsoll_cache_objects")).toEqual(['plimsoll_cache_objects{kind="pods"} 5']);
  });

  test("a histogram has the table's buckets", async () => {
    const own = created();
    own.meter.observe("plimsoll_queue_wait_seconds", 0.03);
    const lines = await linesOf(own, "plimsoll_queue_wait_seconds");
    expect(lines).toContain('plimsoll_queue_wait_seconds_bucket{le="0.025"} 0');
    expect(lines).toContain('plimsoll_queue_wait_seconds_bucket{le="0.05"} 1');
    expect(lines).toContain("plimsoll_queue_wait_seconds_count 1");
  });

  test("names of objects cannot break out of their label", async () => {
    const own = created();
    own.meter.set("plimsoll_policy_min_replicas", 1, { namespace: 'a"} 1\nevil 2', policy: "\\" });
    expect(await linesOf(own, "plimsoll_policy_min_replicas")).toEqual([
      'plimsoll_policy_min_replicas{namespace="a\\"} 1\\nevil 2",policy="\\\\"} 1',
    ]);
    expect(await linesOf(own, "evil")).toEqual([]);
  });
});

test("a series is forgotten with exactly its labels", async () => {
  const own = created();
  for (const policy of ["web", "api"])
    own.meter.set("plimsoll_policy_min_replicas", 2, { namespace: "shop", policy });
  own.meter.forget("plimsoll_policy_min_replicas", { namespace: "shop", policy: "web" });
  expect(await linesOf(own, "plimsoll_policy_min_replicas")).toEqual([
    'plimsoll_policy_min_replicas{namespace="shop",policy="api"} 2',
  ]);
});

test("a gauge that nobody has set is absent, not 0", async () => {
  const own = created();
  const gauges = SERIES.filter(({ type }) => type === "gauge").map(({ name }) => name);
  const text = await own.render();
  for (const name of gauges) {
    expect(text).toContain(`# TYPE ${name} gauge\n`);
    expect(text).not.toMatch(new RegExp(`^${name}[ {]`, "m"));
  }
});

test("the library's own series of the process are there", async () => {
  const text = await created().render();
  for (const name of [
    "process_resident_memory_bytes",
    "process_cpu_seconds_total",
    "nodejs_eventloop_lag_p99_seconds",
  ])
    expect(text).toMatch(new RegExp(`^${name} [\\d.e-]+$`, "m"));
});

describe("what the table does not list is a bug:", () => {
  const { meter } = created();

  test.each([
    ["a name", () => meter.count("plimsoll_made_up_total"), "plimsoll_made_up_total is a listed series"],
    [
      "a gauge as a counter",
      () => meter.count("plimsoll_leader"),
      "plimsoll_leader is a listed series of this type",
    ],
    ["a label", () => meter.count("plimsoll_decisions_total", { verdikt: "held" }), 'Added label "verdikt"'],
    ["a name to forget", () => meter.forget("plimsoll_made_up", {}), "plimsoll_made_up is a listed series"],
  ])("%s", (_what, act, message) => {
    expect(act).toThrow(message);
  });
});
