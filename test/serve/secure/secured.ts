/**
 * The secure port with certificates of a test, and clients that show what they like.
 */
import { once } from "node:events";
import type { IncomingHttpHeaders } from "node:http";
import { request } from "node:https";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { onTestFinished } from "vitest";
import type { Log } from "../../../src/base/log.ts";
import { type Issued, issueAuthority, issueServer } from "../../../src/serve/certificate/issue.ts";
import { listenSecurely, type SecureOptions } from "../../../src/serve/secure/listen.ts";

const DAY = 86_400_000;
const VALID = { from: Date.now() - DAY, until: Date.now() + DAY };
export const aServer = (name = "localhost") => {
  const authority = issueAuthority(`authority of ${name}`, VALID);
  return { ...issueServer(authority, { name, hosts: ["localhost", "127.0.0.1"] }, VALID), authority };
};
export const SERVER = aServer();

export type Secured = Readonly<{
  port: number;
  renew(keyPair: Issued): void;
  /** Announces the end, then begins it. */
  leave(): void;
  end(): void;
  closed: Promise<void>;
  logged: readonly string[];
}>;

export async function secured(answer: SecureOptions["answer"]): Promise<Secured> {
  const logged: string[] = [];
  const log: Log = (level, message) => void logged.push(`${level} ${message}`);
  const closing = new AbortController();
  let leaving = false;
  const listening = await listenSecurely({
    host: "127.0.0.1", port: 0, keyPair: SERVER, answer, signal: closing.signal, leaving: () => leaving, log,
  }); // prettier-ignore
  if (listening.kind === "failed") throw new Error(listening.message);
  onTestFinished(async () => {
    closing.abort();
    await listening.closed;
  });
  return { ...listening, logged, leave: () => (leaving = true), end: () => closing.abort() };
}

export type Asked = Readonly<{
  method?: string;
  path?: string;
  headers?: Readonly<Record<string, string | string[]>>;
  client?: Issued | undefined;
  ca?: string;
}>;
export type Told = Readonly<{ status: number; headers: IncomingHttpHeaders; body: Buffer }>;

/** On a connection of its own. */
export function ask(
  port: number,
  { method = "GET", path = "/", headers = {}, client, ca }: Asked = {},
): Promise<Told> {
  const trust = {
    ca: ca ?? SERVER.authority.certificate,
    ...(client && { cert: client.certificate, key: client.key }),
  };
  // whatever the Host header says, it is this server
  const servername = "localhost";
  const options = {
    host: "127.0.0.1",
    servername,
    port,
    method,
    path,
    headers,
    agent: false,
    ...trust,
  } as const;
  return new Promise((settle, fail) => {
    const sent = request(options, (answer) => {
      const parts: Buffer[] = [];
      answer.on("data", (part: Buffer) => parts.push(part));
      answer.on("end", () =>
        settle({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(parts) }),
      );
    });
    sent.on("error", fail).end();
  });
}

/** A TLS connection, to write to as one likes. */
export async function dial(port: number): Promise<TLSSocket> {
  const socket = connectTls({ host: "127.0.0.1", port, ca: SERVER.authority.certificate });
  socket.on("error", () => undefined);
  onTestFinished(() => void socket.destroy());
  await once(socket, "secureConnect");
  return socket;
}

/** A connection that never begins with TLS. */
export function knock(port: number): Socket {
  const socket = connectTcp(port, "127.0.0.1").resume();
  socket.on("error", () => undefined);
  onTestFinished(() => void socket.destroy());
  return socket;
}
