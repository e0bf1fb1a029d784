/**
 * What a broken or hostile HTTP server does to our two clients: each fault has one outcome, leaves no more connections
 * open than a client keeps anyway, and nothing rejects unheard; the next good answer is taken.
 */
import type { ServerResponse } from "node:http";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { millis, type Millis } from "../../src/base/units.ts";
import { captured } from "../scrape/answers.ts";
import { connectTo, type Loopback, type Reply, serve } from "./apiserver/loopback.ts";
import { never, nodeAt, openSource } from "./kubelet/kubelet.ts";

/** For what answers or breaks by itself, and for what does neither. */
const PATIENT = millis(20_000);
const IMPATIENT = millis(100);
const TIMES = 4;
const GOOD = { api: Buffer.from('{"kind":"Good"}'), kubelet: captured("1-running") } as const;
/** Connections that a client keeps between requests: of a pool for the API server, one a node for kubelets. */
const KEPT_MAX = { api: 2, kubelet: 1 } as const;
const BOMB = gzipSync(Buffer.alloc(64 * 2 ** 20));

type Name = keyof typeof GOOD;
type Client = Readonly<{ ask(): Promise<string>; close(): Promise<void> }>;

const CLIENTS: Readonly<Record<Name, (to: Loopback, host: string, limit?: Millis) => Promise<Client>>> = {
  async api(to, host, limit = PATIENT) {
    const transport = await connectTo({ ...to, url: to.url.replace("127.0.0.1", host) });
    return {
      async ask() {
        const answer = await transport.send({ method: "GET", path: "/version", timeout: limit });
        if (answer.kind === "unreachable") return "unreachable";
        return `${answer.status} ${answer.body === undefined ? "without a body" : "with a body"}`;
      },
      close: () => transport.close(),
    };
  },
  async kubelet({ port }, host, limit = PATIENT) {
    const source = openSource({ flags: { requestTimeout: limit } });
    const node = nodeAt(port, { addresses: [{ type: "InternalIP", address: host }] });
    return {
      async ask() {
        const reply = await source.read(node, never);
        return reply.kind === "answered" ? `${reply.body.length} bytes` : reply.cause;
      },
      close: () => source.close(),
    };
  },
};
const SOUND = { api: "200 with a body", kubelet: `${GOOD.kubelet.length} bytes` } as const;

const answerWell = (name: Name, response: ServerResponse): void =>
  void response.writeHead(200, { "content-type": "application/json" }).end(GOOD[name]);
const drip = (socket: Socket | null, text: string): void => {
  const dripping = setInterval(() => socket?.write(text), 10);
  socket?.on("close", () => clearInterval(dripping));
};
const pour: Reply = (response) => {
  const more = (): void => void (response.destroyed || response.write(Buffer.alloc(2 ** 20, " "), more));
  more();
};

const FAULTS: readonly (Readonly<{ fault: string; reply: Reply; limit?: Millis }> &
  Readonly<Record<Name, string>>)[] = [
  {
    fault: "headers that come a line now and then",
    reply: ({ socket }) => {
      socket?.write("HTTP/1.1 200 OK\r\n");
      drip(socket, "x-more: yes\r\n");
    },
    api: "unreachable",
    kubelet: "timeout",
    limit: IMPATIENT,
  },
  {
    fault: "a body that comes a byte now and then",
    reply: ({ socket }) => {
      socket?.write("HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n");
      drip(socket, " ");
    },
    api: "unreachable",
    kubelet: "timeout",
    limit: IMPATIENT,
  },
  { fault: "a body without end", reply: pour, api: "unreachable", kubelet: "too-large" },
  {
    fault: "64 MiB of zeros in a small gzip that nobody asked for: it stays small",
    reply: (response) => response.writeHead(200, { "content-encoding": "gzip" }).end(BOMB),
    api: "200 without a body",
    kubelet: `${BOMB.length} bytes`,
  },
  {
    fault: "a page of HTML",
    reply: (response) => response.writeHead(200, { "content-type": "text/html" }).end("<html></html>"),
    api: "200 without a body",
    kubelet: "13 bytes",
  },
  {
    fault: "a TLS connection that is cut before the head",
    reply: ({ socket }) => socket?.destroy(),
    api: "unreachable",
    kubelet: "connection",
  },
  {
    fault: "a TLS connection that is cut in the body",
    reply: (response) => {
      response.writeHead(200, { "content-length": 100 });
      response.write("{", () => response.socket?.destroy());
    },
    api: "unreachable",
    kubelet: "connection",
  },
];

const unheard: unknown[] = [];
const hear = (reason: unknown): void => void unheard.push(reason);
process.on("unhandledRejection", hear);
afterAll(() => {
  process.off("unhandledRejection", hear);
});

describe.each(Object.keys(CLIENTS) as Name[])("the client of the %s", (name) => {
  test.each(FAULTS)("meets $fault", async ({ reply, limit, ...outcomes }) => {
    const sockets = new Set<Socket>();
    let sound = false;
    const server = await serve((response, ...rest) => {
      if (response.socket !== null) sockets.add(response.socket);
      if (sound) answerWell(name, response);
      else reply(response, ...rest);
    });
    const open = (): number => [...sockets].filter(({ destroyed }) => !destroyed).length;
    const { ask, close } = await CLIENTS[name](server, "127.0.0.1", limit);
    for (let n = 0; n < TIMES; n++) expect(await ask()).toBe(outcomes[name]);
    await expect.poll(open).toBeLessThanOrEqual(KEPT_MAX[name]);
    sound = true;
    await expect.poll(ask).toBe(SOUND[name]);
    await close();
    await expect.poll(open).toBe(0);
    expect(unheard).toEqual([]);
  });

  test("asks once more when a kept connection is closed under its request", async () => {
    const server = await serve((response, _, nth) => {
      if (nth === 2) response.socket?.destroy();
      else answerWell(name, response);
    });
    const { ask } = await CLIENTS[name](server, "127.0.0.1");
    expect([await ask(), await ask()]).toEqual([SOUND[name], SOUND[name]]);
    expect([server.seen.length, unheard.length]).toEqual([3, 0]);
  });

  test.each([
    { fault: "a TLS handshake that is cut", host: "127.0.0.1", listening: true },
    { fault: "a port where nothing listens", host: "127.0.0.1", listening: false },
    { fault: "a name that does not resolve", host: "no-such-host.invalid", listening: true },
  ])("meets $fault", async ({ host, listening }) => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket.on("error", () => undefined));
      socket.once("data", () => socket.destroy());
    });
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    const { port } = server.address() as AddressInfo;
    const end = (): Promise<void> => new Promise((ended) => server.close(() => ended()));
    if (listening) onTestFinished(end);
    else await end();
    const to = { ...(await serve(() => undefined)), port, url: `https://127.0.0.1:${port}` };
    const { ask } = await CLIENTS[name](to, host);
    const expected = name === "api" ? "unreachable" : "connection";
    for (let n = 0; n < TIMES; n++) expect(await ask()).toBe(expected);
    await expect.poll(() => [...sockets].filter(({ destroyed }) => !destroyed).length).toBe(0);
    expect(unheard).toEqual([]);
  });
});
