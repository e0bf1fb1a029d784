/**
 * A server on the loopback interface that answers as a test tells it to, and what is needed to talk to it:
 * for faults of connections, which the real API server does not make on demand.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { expect, onTestFinished } from "vitest";
import { epochMillis, millis, monoMillis, type Millis } from "../../../src/base/units.ts";
import type { Clock } from "../../../src/base/clock.ts";
import {
  loadConnection,
  type Connection,
  type ConnectionOptions,
} from "../../../src/real/apiserver/connection/connection.ts";
import { createTransport } from "../../../src/real/apiserver/http-transport.ts";
import type { ApiTransport } from "../../../src/real/apiserver/transport.ts";
import { createAuthority, type Authority } from "../../control-plane/certificates.ts";

export type Seen = Readonly<{
  method: string;
  url: string;
  headers: IncomingMessage["headers"];
  body: string;
  /** Common name of the client's certificate. */
  client: string | undefined;
}>;
export type Reply = (response: ServerResponse, seen: Seen, nth: number) => void;

export type Loopback = Readonly<{
  url: string;
  port: number;
  /** Requests so far, in order. */
  seen: readonly Seen[];
  connectionCount(): number;
  openConnections(): number;
  /** Closes all connections, at once. */
  dropConnections(): void;
  /** New connections meet this certificate. */
  present(authority: Authority): void;
}>;

export const AUTHORITY = createAuthority("loopback");

/** `reply` gets each request whole; `nth` counts from 1. */
export async function serve(reply: Reply, scheme: "http" | "https" = "https"): Promise<Loopback> {
  const seen: Seen[] = [];
  let connectionCount = 0;
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("error", () => undefined);
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      const client =
        scheme === "https" ? (request.socket as TLSSocket).getPeerCertificate().subject?.CN : undefined;
      const one = {
        method,
        url,
        headers,
        body: Buffer.concat(parts).toString(),
        client: client === undefined ? undefined : String(client),
      };
      reply(response, one, seen.push(one));
    });
  };
  const server =
    scheme === "http"
      ? createHttpServer(listener)
      : createServer({ ...tlsOf(AUTHORITY), requestCert: true, rejectUnauthorized: false }, listener);
  server.on(scheme === "http" ? "connection" : "secureConnection", () => (connectionCount += 1));
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const dropConnections = (): void => sockets.forEach((socket) => socket.destroy());
  onTestFinished(() => {
    dropConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `${scheme}://127.0.0.1:${port}`,
    port,
    seen,
    connectionCount: () => connectionCount,
    openConnections: () => sockets.size,
    dropConnections,
    present: (authority) => (server as Server).setSecureContext(tlsOf(authority)),
  };
}

function tlsOf(authority: Authority) {
  const { certificate, key } = authority.server({ name: "server" }, ["127.0.0.1", "api.example.com"]);
  return { cert: certificate, key };
}

export function answerJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: object = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}
export const answerOk: Reply = (response) => answerJson(response, 200, { ok: true });

/** A folder that is gone after the test. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Writes a kubeconfig with one context and answers its path. JSON is YAML. */
export function writeKubeconfig(folder: string, cluster: object, user: object): string {
  const file = join(folder, "kubeconfig");
  const content = {
    clusters: [{ name: "loop", cluster }],
    users: [{ name: "me", user }],
    contexts: [{ name: "here", context: { cluster: "loop", user: "me", namespace: "shop" } }],
    "current-context": "here",
  };
  writeFileSync(file, JSON.stringify(content));
  return file;
}

/** `certificate-authority-data` for the loopback server. */
export const TRUSTED = {
  "certificate-authority-data": Buffer.from(AUTHORITY.sealed.certificate).toString("base64"),
};

/** A clock that stands still until it is moved. */
export type HandClock = Clock & Readonly<{ advance(by: Millis): void }>;
export function createHandClock(): HandClock {
  let now = 1_000_000;
  return {
    wall: () => epochMillis(now),
    mono: () => monoMillis(now),
    sleep: (_, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) resolve();
        signal.addEventListener("abort", () => resolve());
      }),
    advance: (by) => (now += by),
  };
}

export type Loading = Partial<ConnectionOptions> & Readonly<{ clock?: Clock; logged?: string[] }>;

export async function load({ clock, logged, ...options }: Loading): Promise<Connection> {
  const outcome = await tryLoad({ ...options, ...(clock && { clock }), ...(logged && { logged }) });
  if (outcome.kind === "unusable") expect.fail(outcome.message);
  return outcome.connection;
}

export function tryLoad({ clock = createHandClock(), logged, ...options }: Loading) {
  const ports = { clock, log: (_: string, message: string) => void logged?.push(message) };
  return loadConnection({ environment: { PATH: process.env["PATH"] }, ports, ...options });
}

export function open(connection: Connection): ApiTransport {
  const transport = createTransport(connection, { userAgent: "plimsoll/1.2.3" });
  onTestFinished(() => transport.close());
  return transport;
}

/** A transport to the loopback server, with a token. */
export async function connectTo({ url }: Loopback, cluster: object = {}): Promise<ApiTransport> {
  const kubeconfig = writeKubeconfig(
    makeFolder(),
    { server: url, ...TRUSTED, ...cluster },
    { token: "secret" },
  );
  return open(await load({ kubeconfig }));
}

export const SHORT = millis(50);
