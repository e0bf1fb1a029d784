/**
 * What the probe port answers, as functions from Request to Response.
 */
import { describe, expect, test } from "vitest";
import type { Log, LogFields, LogLevel } from "../../src/base/log.ts";
import type { Facts } from "../../src/serve/facts.ts";
import { createProbeRoute, createRoutes } from "../../src/serve/routes.ts";
import { cachesWithout, lastRound, someFacts } from "./facts.ts";

type Line = Readonly<{ level: LogLevel; message: string; fields: LogFields | undefined }>;

function serving(over: Partial<Facts> = {}) {
  const lines: Line[] = [];
  const spoiled: { -readonly [K in keyof Facts]: Facts[K] } = { ...someFacts(over) };
  const log: Log = (level, message, fields) => void lines.push({ level, message, fields });
  const routes = createRoutes(createProbeRoute(spoiled, log));
  const ask = async (path: string, { method = "GET" } = {}) => {
    const response = await routes(new Request(`http://probes${path}`, { method }));
    return { status: response.status, headers: response.headers, body: await response.text() };
  };
  return { ask, lines, facts: spoiled };
}

describe("a healthy operator", () => {
  const { ask } = serving();

  test.each([
    "/livez",
    "/readyz",
    "/healthz",
    "/livez/",
    "/livez/ping",
    "/readyz/cache-pods",
    "/livez/leader-lease",
  ])("answers ok at %s", async (path) => {
    const { status, headers, body } = await ask(path);
    expect({ status, body }).toEqual({ status: 200, body: "ok" });
    expect(headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });

  test("lists its checks on ?verbose", async () => {
    expect((await ask("/livez?verbose")).body).toBe(
      [
        "[+]ping ok",
        "[+]metric-collection-timely ok",
        "[+]event-loop ok",
        "[+]leader-lease ok",
        "livez check passed",
        "",
      ].join("\n"),
    );
    expect((await ask("/readyz?verbose")).body).toBe(
      [
        "[+]ping ok",
        "[+]cache-pods ok",
        "[+]cache-nodes ok",
        "[+]cache-replicasets ok",
        "[+]cache-deployments ok",
        "[+]cache-statefulsets ok",
        "[+]cache-horizontalpodautoscalers ok",
        "[+]cache-scalepolicies ok",
        "[+]secure-serving ok",
        "[+]shutdown ok",
        "readyz check passed",
        "",
      ].join("\n"),
    );
  });

  test("says which exclusions match nothing", async () => {
    expect((await ask("/livez?verbose&exclude=ping&exclude=etcd,log")).body).toContain(
      '[+]ping excluded: ok\n[+]metric-collection-timely ok\n[+]event-loop ok\n[+]leader-lease ok\nwarn: some health checks cannot be excluded: no matches for "etcd","log"\nlivez check passed\n',
    );
  });
});

describe("an operator whose scraping is late", () => {
  test("fails liveness and says which check, and not why", async () => {
    const { ask } = serving({ scraping: lastRound(60) });
    expect(await ask("/livez")).toMatchObject({
      status: 500,
      body: [
        "[+]ping ok",
        "[-]metric-collection-timely failed: reason withheld",
        "[+]event-loop ok",
        "[+]leader-lease ok",
        "livez check failed",
        "",
      ].join("\n"),
    });
    expect((await ask("/readyz")).status).toBe(200);
  });

  test("passes with that check excluded", async () => {
    const { ask } = serving({ scraping: lastRound(60) });
    expect(await ask("/livez?exclude=metric-collection-timely")).toMatchObject({ status: 200, body: "ok" });
  });

  test("gives the reason to who asks for that check alone", async () => {
    const { ask } = serving({ scraping: lastRound(60) });
    expect(await ask("/livez/metric-collection-timely")).toMatchObject({
      status: 500,
      body: "internal server error: the last scrape round started 60000 ms ago, the limit is 22500 ms\n",
    });
  });

  test("logs the reason once, and the recovery once", async () => {
    const { ask, lines, facts } = serving({ scraping: lastRound(60) });
    await ask("/livez");
    await ask("/livez");
    facts.scraping = lastRound(1);
    await ask("/livez");
    await ask("/livez");
    expect(lines).toEqual([
      {
        level: "warn",
        message: "a health check fails",
        fields: {
          endpoint: "livez",
          check: "metric-collection-timely",
          trouble: "the last scrape round started 60000 ms ago, the limit is 22500 ms",
        },
      },
      {
        level: "info",
        message: "a health check passes again",
        fields: { endpoint: "livez", check: "metric-collection-timely" },
      },
    ]);
  });
});

test("an operator whose caches are empty is alive and not ready", async () => {
  const { ask } = serving({ caches: cachesWithout("pods") });
  expect((await ask("/livez")).status).toBe(200);
  const { status, body } = await ask("/readyz");
  expect(status).toBe(500);
  expect(body).toContain("[-]cache-pods failed: reason withheld\n[+]cache-nodes ok");
});

describe("requests that are not questions", () => {
  const { ask } = serving();

  test.each(["/", "/live", "/livez/etcd", "/livez/ping/", "/metrics", "/apis"])(
    "%s is not found",
    async (path) => {
      expect(await ask(path)).toMatchObject({ status: 404, body: "404 page not found\n" });
    },
  );

  test.each(["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])("%s is refused", async (method) => {
    for (const path of ["/livez", "/readyz/ping"]) {
      const { status, headers } = await ask(path, { method });
      expect(status).toBe(405);
      expect(headers.get("allow")).toBe("GET, HEAD");
    }
  });

  test("HEAD is answered as GET, without a body", async () => {
    expect(await ask("/livez?verbose", { method: "HEAD" })).toMatchObject({ status: 200, body: "" });
    expect(await ask("/nothing", { method: "HEAD" })).toMatchObject({ status: 404 });
  });
});
