/**
 * Opening a port, and the one of the probes. Requests become web-standard ones, responses go out whole, and
 * an end is a draining: no new connection, what is being answered is finished, idle connections are closed.
 *
 * Invariant: after `signal` aborts, `closed` resolves within `DRAIN_MAX`, whatever clients do.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Server as SecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Log } from "../base/log.ts";
import { type Millis, seconds } from "../base/units.ts";
import { plain } from "./plain.ts";
import type { Routes } from "./routes.ts";

/** After this, connections that are still busy are cut. */
export const DRAIN_MAX = seconds(1);

/** A probe is small and quick: who sends slower than this holds a connection for nothing. */
const LIMITS = { headersTimeout: 5_000, requestTimeout: 10_000, keepAliveTimeout: 5_000 };
const CONNECTIONS_MAX = 100;

export type Listening =
  | Readonly<{ kind: "listening"; port: number; closed: Promise<void> }>
  /** The port is taken, or may not be opened. */
  | Readonly<{ kind: "failed"; message: string }>;

export type ListenOptions = Readonly<{
  /** 0 takes any free one. */
  port: number;
  /** The address to bind; "" is every address of both families. */
  host: string;
  routes: Routes;
  signal: AbortSignal;
  log: Log;
}>;

export function listenProbes(options: ListenOptions): Promise<Listening> {
  const server = createServer(LIMITS, (incoming, outgoing) => {
    void answer(incoming, outgoing, options).then(() => {
      if (options.signal.aborted) server.closeIdleConnections();
    });
  });
  server.maxConnections = CONNECTIONS_MAX;
  return opened(server, { ...options, drainWithin: DRAIN_MAX });
}

/** `drainWithin`: after this, connections that are still busy are cut. */
type Opening = Pick<ListenOptions, "port" | "host" | "signal"> & Readonly<{ drainWithin: Millis }>;

/** Begins to listen; from then on, an abort of `signal` is a draining. */
export function opened(
  server: Server | SecureServer,
  { port, host, signal, drainWithin }: Opening,
): Promise<Listening> {
  const { promise, resolve } = Promise.withResolvers<Listening>();
  server.once("error", ({ message }) => resolve({ kind: "failed", message }));
  server.listen(port, host === "" ? undefined : host, () => {
    const address = server.address() as AddressInfo;
    resolve({ kind: "listening", port: address.port, closed: drained(server, { signal, drainWithin }) });
  });
  return promise;
}

async function answer(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  options: ListenOptions,
): Promise<void> {
  const response = await responseTo(incoming, options);
  const body = Buffer.from(await response.arrayBuffer());
  const headers: Record<string, string | number> = Object.fromEntries(response.headers);
  if (incoming.method !== "HEAD") headers["content-length"] = body.length;
  if (options.signal.aborted) headers["connection"] = "close";
  outgoing.writeHead(response.status, headers).end(body);
}

/** A route that throws is a bug of ours: it is logged, and costs this answer only. */
async function responseTo(incoming: IncomingMessage, { routes, log }: ListenOptions): Promise<Response> {
  const request = requestOf(incoming);
  if (request === undefined) return plain(400, "bad request\n");
  try {
    return await routes(request);
  } catch (error) {
    log("error", "a route failed", { path: new URL(request.url).pathname, error: String(error) });
    return plain(500, "internal server error\n");
  }
}

/**
 * undefined for what is no request to us: a target that is no path, or a method that web standards forbid.
 */
function requestOf({ url = "", method = "GET" }: IncomingMessage): Request | undefined {
  const target = url.startsWith("/") ? URL.parse(`http://probes${url}`) : null;
  if (target === null || ["CONNECT", "TRACE", "TRACK"].includes(method)) return undefined;
  return new Request(target, { method });
}

function drained(
  server: Server | SecureServer,
  { signal, drainWithin }: Pick<Opening, "signal" | "drainWithin">,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const drain = (): void => {
    const cut = setTimeout(() => server.closeAllConnections(), drainWithin);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  };
  if (signal.aborted) drain();
  else signal.addEventListener("abort", drain, { once: true });
  return promise;
}
