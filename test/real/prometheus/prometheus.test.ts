import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { epochMillis, millis, minutes, seconds } from "../../../src/base/units.ts";
import { createUsageHistory, daysOf } from "../../../src/real/prometheus/history.ts";
import { krrQueries, LABEL_NAMES, usageQueries } from "../../../src/real/prometheus/queries.ts";
import { openPrometheus, type PrometheusWire } from "../../../src/real/prometheus/wire.ts";
import { UsageCollector } from "../../../src/rightsizing/evidence/collector.ts";
import { DAY, NOW } from "../../rightsizing/subjects.ts";
import { serve } from "../apiserver/loopback.ts";

const never = new AbortController().signal;
const OPTIONS = { insecureTls: false, timeout: seconds(5), userAgent: "plimsoll/test" };

async function open(
  address: string,
  more: Partial<Parameters<typeof openPrometheus>[0]> = {},
): Promise<PrometheusWire> {
  const opened = await openPrometheus({ ...OPTIONS, address, ...more });
  if (opened.kind !== "read") throw new Error(opened.message);
  return opened.value;
}

describe("a question", () => {
  test("goes as a form to the address' own path, and answers its data", async () => {
    const { url, seen } = await serve(
      (response) => response.end(JSON.stringify({ status: "success", data: { result: [1] } })),
      "http",
    );
    const wire = await open(`${url}/prom/`);
    const outcome = await wire.ask("query", { query: 'up{a="b"}', time: "1" }, never);
    expect(outcome).toEqual({ kind: "read", value: { result: [1] } });
    expect(seen).toMatchObject([{ method: "POST", url: "/prom/api/v1/query" }]);
    expect(new URLSearchParams(seen[0]?.body).get("query")).toBe('up{a="b"}');
    await wire.close();
  });

  test("says who it is with the token of a file", async () => {
    const file = join(tmpdir(), `plimsoll-token-${process.pid}`);
    writeFileSync(file, "s3cret\n");
    const { url, seen } = await serve((response) => response.end("{}"), "http");
    const wire = await open(url, { bearerTokenFile: file });
    await wire.ask("query", {}, never);
    expect(seen[0]?.headers.authorization).toBe("Bearer s3cret");
    await wire.close();
  });

  test("is not asked where the token cannot be read", async () =>
    expect(
      await openPrometheus({ ...OPTIONS, address: "http://localhost:1", bearerTokenFile: "/nowhere" }),
    ).toMatchObject({
      kind: "refused",
    }));

  test.each([
    { status: 400, body: { status: "error", error: "parse error" }, kind: "refused", message: "parse error" },
    { status: 401, body: undefined, kind: "forbidden", message: "Prometheus answered 401" },
    { status: 404, body: undefined, kind: "absent", message: "Prometheus answered 404" },
    { status: 503, body: { status: "error", error: "timed out" }, kind: "failed", message: "timed out" },
    { status: 200, body: { status: "success" }, kind: "failed", message: "Prometheus answered 200" },
    { status: 200, body: "<html>", kind: "failed", message: "Prometheus answered 200" },
  ])("answered $status $body is $kind", async ({ status, body, kind, message }) => {
    const { url } = await serve((response) => {
      response.statusCode = status;
      response.end(typeof body === "string" ? body : JSON.stringify(body ?? ""));
    }, "http");
    const wire = await open(url);
    expect(await wire.ask("query", {}, never)).toMatchObject({ kind, message });
    await wire.close();
  });

  test("to nobody is unreachable", async () => {
    const wire = await open("http://127.0.0.1:9");
    expect(await wire.ask("query", {}, never)).toMatchObject({ kind: "unreachable" });
    await wire.close();
  });

  test("is not asked of a certificate that nobody vouches for, but with --prometheus-insecure", async () => {
    const { url } = await serve((response) => response.end('{"status":"success","data":{}}'));
    for (const [insecureTls, kind] of [
      [false, "unreachable"],
      [true, "read"],
    ] as const) {
      const wire = await open(url, { insecureTls });
      expect(await wire.ask("query", {}, never)).toMatchObject({ kind });
      await wire.close();
    }
  });
});

describe("the queries", () => {
  test("of usage", () =>
    expect(usageQueries("shop", { labels: LABEL_NAMES, step: minutes(5) })).toEqual({
      cpu: 'max by (pod, container) (rate(container_cpu_usage_seconds_total{namespace="shop", pod!="", container!="", container!="POD"}[300s]))',
      memory:
        'max by (pod, container) (max_over_time(container_memory_working_set_bytes{namespace="shop", pod!="", container!="", container!="POD"}[300s]))',
    }));

  test("with labels as they were before 1.16", () =>
    expect(
      usageQueries("shop", {
        labels: { namespace: "namespace", pod: "pod_name", container: "container_name" },
        step: minutes(5),
      }).cpu,
    ).toContain(
      'max by (pod_name, container_name) (rate(container_cpu_usage_seconds_total{namespace="shop", pod_name!=""',
    ));

  test("a name is only ever a string", () =>
    expect(usageQueries('a"} or up{b="', { labels: LABEL_NAMES, step: minutes(5) }).cpu).toContain(
      'namespace="a\\"} or up{b=\\""',
    ));

  test("of KRR", () =>
    expect(krrQueries("shop", LABEL_NAMES).cpu).toBe(
      'quantile_over_time(0.95, max(rate(container_cpu_usage_seconds_total{namespace="shop", pod!="", container!="", container!="POD"}[75s])) by (container, pod, job) [1209600s:75s])',
    ));
});

describe("days", () => {
  const step = minutes(5);
  test("cover every moment of the window once, on multiples of the step", () => {
    const from = epochMillis(NOW - 2.5 * DAY + 1);
    const days = daysOf({ from, to: NOW, step });
    expect(days).toHaveLength(3);
    const moments = days.flatMap((day) => {
      const all: number[] = [];
      for (let at: number = day.from; at <= day.to; at += step) all.push(at);
      return all;
    });
    expect(new Set(moments).size).toBe(moments.length);
    expect(moments.every((at) => at % step === 0 && at >= from && at <= NOW)).toBe(true);
    expect(moments).toHaveLength(2.5 * 288);
  });

  test("are one for a step longer than a day", () =>
    expect(
      daysOf({ from: epochMillis(NOW - DAY), to: NOW, step: millis(2 * DAY) }).length,
    ).toBeLessThanOrEqual(1));
});

/** Answers by the query's metric and function. */
function answering(answers: (query: string) => unknown): PrometheusWire {
  return {
    ask: (_, { query = "" }) => Promise.resolve({ kind: "read", value: { result: answers(query) } }),
    close: () => Promise.resolve(),
  };
}

const labels = { pod: "web-1", container: "app" };

test("history joins cpu and memory of one moment; what is no number is a gap", async () => {
  const at = NOW / 1000;
  const wire = answering((query) =>
    query.includes("cpu")
      ? [{ metric: labels, values: [[at - 300, "0.25"], [at, "NaN"]] }, { metric: {}, values: [[at, "9"]] }]
      : [{ metric: labels, values: [[at - 300, "1048576"], [at, "2097152"]] }],
  ); // prettier-ignore
  const collector = new UsageCollector(minutes(5));
  const window = { from: epochMillis(NOW - 300_000), to: NOW, step: minutes(5) };
  const outcome = await createUsageHistory(wire, LABEL_NAMES).load(
    { namespace: "shop", window, signal: never },
    collector,
  );
  expect(outcome).toEqual({ kind: "read", value: 1 });
  const [column] = collector.columns({ namespace: "shop", pods: ["web-1"], container: "app" });
  expect([...column!.readings()]).toEqual([{ at: NOW - 300_000, cpu: 250_000_000, memory: 1_048_576 }]);
});

test("KRR's figures of a container come from the kubelet's job, else from the first by name", async () => {
  const vector = (job: string, value: string, container = "app") => ({
    metric: { ...labels, container, job },
    value: [1, value],
  });
  const wire = answering((query) => {
    if (query.startsWith("quantile"))
      return [
        vector("a", "9"),
        vector("kubelet", "0.2"),
        vector("z", "9"),
        vector("b", "0.7", "side"),
        vector("a", "0.6", "side"),
      ];
    if (query.startsWith("max_over")) return [vector("kubelet", "1000")];
    return [vector("kubelet", "500")];
  });
  const figures = await createUsageHistory(wire, LABEL_NAMES).figures("shop", NOW, never);
  expect(figures).toEqual({
    kind: "read",
    value: [
      {
        place: { namespace: "shop", pod: "web-1", container: "app" },
        pod: { cpu: 0.2, cpuPoints: 500, memory: 1000, memoryPoints: 500 },
      },
      {
        place: { namespace: "shop", pod: "web-1", container: "side" },
        pod: { cpu: 0.6, cpuPoints: 0, memory: undefined, memoryPoints: 0 },
      },
    ],
  });
});
