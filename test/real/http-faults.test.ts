/**
 * What a network, a proxy or a broken server may do to HTTP, to both of our clients: the transport to the API server and the
 * pool of kubelets. Each fault is met ten times in a row: each time it is said for what it is; no connection is left behind,
 * nothing rejects unheard, and no more is read than a limit allows. Neither client ever speaks HTTP/2, so that its GOAWAY
 * frame cannot come; what a server that goes away does to HTTP/1.1 is a row.
 */
import { createSecureServer } from "node:http2";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { z } from "zod";
import { millis } from "../../src/base/units.ts";
import { readOutcome } from "../../src/real/apiserver/failure.ts";
import { freePorts } from "../control-plane/ports.ts";
import { AUTHORITY, connectTo, type Loopback, type Reply, serve } from "./apiserver/loopback.ts";
import { never, nodeAt, openSource } from "./kubelet/kubelet.ts";

const MIB = 2 ** 20;
const TIMES = 10;
/** `long`: a busy machine still answers what is answered at once. */
const PATIENCE = { short: millis(150), long: millis(20_000) };
/** What lies in the buffers of two sockets beyond what was read. */
const BUFFERED_MAX = 16 * MIB;

type ClientName = "API" | "kubelet";
type Asking = Readonly<{ port: number; host?: string; patience?: keyof typeof PATIENCE }>;
/** Asks once; in a word, what it came to. */
type Opened = Readonly<{ ask(): Promise<string>; close(): Promise<void> }>;

const OPEN: Readonly<Record<ClientName, (asking: Asking) => Promise<Opened>>> = {
  async API({ port, host = "127.0.0.1", patience = "long" }) {
    const transport = await connectTo({ url: `https://${host}:${port}` } as Loopback);
    const request = { method: "GET", path: "/version", timeout: PATIENCE[patience] } as const;
    const ask = async () =>
      readOutcome(await transport.send(request), z.object({ ok: z.literal(true) })).kind;
    return { ask, close: () => transport.close() };
  },
  async kubelet({ port, host = "127.0.0.1", patience = "long" }) {
    const source = openSource({ flags: { requestTimeout: PATIENCE[patience] } });
    const node = nodeAt(port, { addresses: [{ type: "InternalIP", address: host }] });
    const ask = async () => {
      const reply = await source.read(node, never);
      return reply.kind === "failed" ? reply.cause : `${reply.kind} ${reply.body.length} bytes`;
    };
    return { ask, close: () => source.close() };
  },
};
const BODY_BYTES_MAX: Readonly<Record<ClientName, number>> = { API: 8 * MIB, kubelet: 16 * MIB };
const CLIENTS = Object.keys(OPEN) as ClientName[];

/** 64 MiB of nothing. */
const BOMB = gzipSync(Buffer.alloc(64 * MIB));
const GOOD = '{"ok":true}';

const unheard: unknown[] = [];
const hear = (reason: unknown): void => void unheard.push(reason);
let faults = 0;
beforeAll(() => void process.on("unhandledRejection", hear));
afterAll(() => {
  process.off("unhandledRejection", hear);
  console.log(
    `HTTP faults: ${faults} faults met ${TIMES} times each, ${unheard.length} unhandled rejections`,
  );
  expect(unheard).toEqual([]);
});

/** One that is kept open, and one that was still being let go when the next request came. */
const KEPT_MAX = 2;

/** Asks ten times, one after the other, and leaves. */
async function meet(
  client: ClientName,
  { openConnections, ...asking }: Asking & { openConnections?: () => number },
): Promise<string[]> {
  const { ask, close } = await OPEN[client](asking);
  const told: string[] = [];
  for (let nth = 0; nth < TIMES; nth++) told.push(await ask());
  if (openConnections !== undefined)
    await vi.waitFor(() => expect(openConnections(), "connections kept").toBeLessThanOrEqual(KEPT_MAX));
  await close();
  faults += 1;
  return told;
}

type Row = Readonly<{
  fault: string;
  reply: Reply;
  told: Readonly<Record<ClientName, string>>;
  patience?: keyof typeof PATIENCE;
}>;

const JSON_TYPE = { "content-type": "application/json" };
const drip: Reply = (response) => {
  response.writeHead(200, JSON_TYPE);
  const dripping = setInterval(() => response.write(" "), 20);
  response.on("close", () => clearInterval(dripping));
};
const pour: Reply = (response) => {
  response.writeHead(200, JSON_TYPE);
  const chunk = Buffer.alloc(MIB, " ");
  const more = (): void => void (response.destroyed || response.write(chunk, () => setImmediate(more)));
  more();
};

const ROWS: readonly Row[] = [
  {
    fault: "slow headers",
    reply: () => undefined,
    patience: "short",
    told: { API: "unreachable", kubelet: "timeout" },
  },
  { fault: "a slow body", reply: drip, patience: "short", told: { API: "unreachable", kubelet: "timeout" } },
  { fault: "a body without end", reply: pour, told: { API: "unreachable", kubelet: "too-large" } },
  {
    fault: "a bomb of gzip that nobody asked for",
    reply: (response) => response.writeHead(200, { ...JSON_TYPE, "content-encoding": "gzip" }).end(BOMB),
    told: { API: "failed", kubelet: `answered ${BOMB.length} bytes` },
  },
  {
    fault: "another content type",
    reply: (response) => response.writeHead(200, { "content-type": "text/html" }).end(GOOD),
    // a kubelet's own type has changed before, and what is no exposition is told when it is read
    told: { API: "failed", kubelet: `answered ${GOOD.length} bytes` },
  },
  {
    fault: "TLS cut in the middle of a body",
    reply: (response) => {
      response.writeHead(200, { ...JSON_TYPE, "content-length": 1000 });
      response.write("{", () => response.socket?.destroy());
    },
    told: { API: "unreachable", kubelet: "connection" },
  },
  {
    fault: "a connection that is closed after each answer, which is how HTTP/1.1 says GOAWAY",
    reply: (response) => response.writeHead(200, { ...JSON_TYPE, connection: "close" }).end(GOOD),
    told: { API: "read", kubelet: `answered ${GOOD.length} bytes` },
  },
  {
    fault: "a connection that dies at once after each answer, unannounced",
    reply: (response) => response.writeHead(200, JSON_TYPE).end(GOOD, () => response.socket?.destroy()),
    told: { API: "read", kubelet: `answered ${GOOD.length} bytes` },
  },
  {
    fault: "headers that never end",
    reply: (response) => {
      for (let nth = 0; nth < 20; nth++) response.setHeader(`x-${nth}`, "x".repeat(10_000));
      response.writeHead(200).end(GOOD);
    },
    told: { API: "unreachable", kubelet: "connection" },
  },
];

describe.each(CLIENTS)("to the client of the %s", (client) => {
  test.each(ROWS)("$fault", async ({ reply, told, patience = "long" }) => {
    const sockets = new Set<Socket>();
    const server = await serve((response, seen, nth) => {
      if (response.socket !== null) sockets.add(response.socket);
      reply(response, seen, nth);
    });
    const { port, openConnections } = server;
    expect(await meet(client, { port, openConnections, patience })).toEqual(
      Array.from({ length: TIMES }, () => told[client]),
    );
    expect(server.connectionCount()).toBeLessThanOrEqual(2 * TIMES);
    await vi.waitFor(() => expect(server.openConnections(), "connections left behind").toBe(0));
    for (const socket of sockets)
      expect(socket.bytesWritten).toBeLessThan(BODY_BYTES_MAX[client] + BUFFERED_MAX);
  });

  test("a connection that is cut while TLS begins", async () => {
    const open = new Set<Socket>();
    const server = createServer((socket) => {
      open.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => open.delete(socket));
      socket.once("data", () => socket.destroy());
    });
    const port = await listening(server);
    const told = client === "API" ? "unreachable" : "connection";
    const openConnections = (): number => open.size;
    expect(await meet(client, { port, openConnections })).toEqual(Array.from({ length: TIMES }, () => told));
    await vi.waitFor(() => expect(open.size).toBe(0));
  });

  test("a port where nobody listens", async () => {
    const [port = 0] = await freePorts(1);
    const told = client === "API" ? "unreachable" : "connection";
    expect(await meet(client, { port })).toEqual(Array.from({ length: TIMES }, () => told));
  });

  test("a name that does not resolve", async () => {
    const told = client === "API" ? "unreachable" : "connection";
    const asking = { port: 443, host: "no-such-host.invalid" };
    expect(await meet(client, asking)).toEqual(Array.from({ length: TIMES }, () => told));
  });

  test("a server that speaks nothing but HTTP/2: both sides say so at once", async () => {
    const { certificate: cert, key } = AUTHORITY.server({ name: "server" }, ["127.0.0.1"]);
    const server = createSecureServer({ cert, key, allowHTTP1: false });
    const told = client === "API" ? "unreachable" : "connection";
    expect(await meet(client, { port: await listening(server) })).toEqual(
      Array.from({ length: TIMES }, () => told),
    );
  });

  test("a server that would rather speak HTTP/2, which we never do, so that no GOAWAY of it can reach us", async () => {
    const { certificate: cert, key } = AUTHORITY.server({ name: "server" }, ["127.0.0.1"]);
    const versions = new Set<string>();
    const server = createSecureServer({ cert, key, allowHTTP1: true }, (request, response) => {
      versions.add(request.httpVersion);
      response.writeHead(200, JSON_TYPE).end(GOOD);
    });
    const told = client === "API" ? "read" : `answered ${GOOD.length} bytes`;
    expect(await meet(client, { port: await listening(server) })).toEqual(
      Array.from({ length: TIMES }, () => told),
    );
    expect([...versions]).toEqual(["1.1"]);
  });
});

async function listening(
  server: ReturnType<typeof createServer> | ReturnType<typeof createSecureServer>,
): Promise<number> {
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}
