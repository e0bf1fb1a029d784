/**
 * The probe port over real loopback connections.
 */
import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { listenProbes, type Listening } from "../../src/serve/listen.ts";
import { plain } from "../../src/serve/plain.ts";
import type { Routes } from "../../src/serve/routes.ts";

type Open = Extract<Listening, { kind: "listening" }>;
let stop = new AbortController();
let logged: string[] = [];

const listen = (routes: Routes, port = 0) =>
  listenProbes({
    port,
    host: "127.0.0.1",
    routes,
    signal: stop.signal,
    log: (_level, message, fields) => logged.push(`${message}: ${fields?.["error"]}`),
  });

async function opened(
  routes: Routes = () => Promise.resolve(plain(200, "ok")),
): Promise<Open & { url: string }> {
  const listening = await listen(routes);
  if (listening.kind === "failed") throw new Error(listening.message);
  return { ...listening, url: `http://127.0.0.1:${listening.port}` };
}

/** What comes back for these bytes, until the server closes. */
async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let answer = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => (answer += chunk));
  socket.write(text);
  await once(socket, "close");
  return answer;
}

afterEach(() => {
  stop.abort();
  stop = new AbortController();
  logged = [];
});

describe("an open port", () => {
  test("passes on the path and the method, and sends the answer whole", async () => {
    const { url } = await opened((request) =>
      Promise.resolve(plain(500, `${request.method} ${new URL(request.url).pathname} é`, { "x-own": "1" })),
    );
    const response = await fetch(`${url}/livez?verbose`);
    expect(response.status).toBe(500);
    expect(response.headers.get("x-own")).toBe("1");
    expect(response.headers.get("content-length")).toBe("13");
    expect(await response.text()).toBe("GET /livez é");
  });

  test("answers HEAD without a body", async () => {
    const { url } = await opened(() => Promise.resolve(new Response(null, { status: 200 })));
    const response = await fetch(`${url}/livez`, { method: "HEAD" });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("");
  });

  test.each([
    ["TRACE", "TRACE /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"],
    [
      "a target that is no path",
      "GET http://elsewhere/livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    ],
    ["text that is not HTTP", "hello\r\n\r\n"],
  ])("answers 400 to %s", async (_what, text) => {
    const { port } = await opened();
    expect(await raw(port, text)).toMatch(/^HTTP\/1\.1 400 /);
  });

  test("takes a path like //host for a path", async () => {
    const { port } = await opened((request) => Promise.resolve(plain(200, new URL(request.url).pathname)));
    const answer = await raw(port, "GET //elsewhere/livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    expect(answer).toMatch(/\r\n\r\n\/\/elsewhere\/livez$/);
  });

  test("answers 500 when a route has a bug, logs it, and goes on", async () => {
    const { url } = await opened((request) =>
      request.url.endsWith("/bug") ? Promise.reject(new Error("a bug")) : Promise.resolve(plain(200, "ok")),
    );
    expect((await fetch(`${url}/bug`)).status).toBe(500);
    expect(logged).toEqual(["a route failed: Error: a bug"]);
    expect((await fetch(`${url}/livez`)).status).toBe(200);
  });
});

test("a port that is taken is an outcome with its reason", async () => {
  const { port } = await opened();
  const second = await listen(() => Promise.resolve(plain(200, "ok")), port);
  expect(second).toEqual({ kind: "failed", message: expect.stringContaining("EADDRINUSE") });
});

describe("draining", () => {
  test("finishes the answer that is under way, tells the client to go, and takes no new connection", async () => {
    const gate = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    const { url, closed } = await opened(async () => {
      arrived.resolve();
      await gate.promise;
      return plain(200, "finished");
    });
    const underWay = fetch(url);
    await arrived.promise;
    stop.abort();
    await expect(fetch(url)).rejects.toThrow();
    gate.resolve();
    const response = await underWay;
    expect(response.headers.get("connection")).toBe("close");
    expect(await response.text()).toBe("finished");
    await closed;
  });

  test("waits for no idle connection", async () => {
    const { url, closed } = await opened();
    await (await fetch(url)).text();
    stop.abort();
    await closed;
  });

  test("cuts whoever never finishes", async () => {
    const arrived = Promise.withResolvers<void>();
    const { url, closed } = await opened(() => {
      arrived.resolve();
      return new Promise<Response>(() => {});
    });
    const underWay = fetch(url);
    await arrived.promise;
    stop.abort();
    await expect(underWay).rejects.toThrow();
    await closed;
  });
});
