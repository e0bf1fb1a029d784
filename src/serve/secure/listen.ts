/**
 * The secure port: TLS, limits on what strangers may hold open, and the certificate, which is changed while
 * it serves.
 *
 * Invariant: memory held for clients is bounded, and everyone who has shown to be known keeps their
 * connection.
 */
import { X509Certificate } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server, type ServerOptions } from "node:https";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Log } from "../../base/log.ts";
import { seconds } from "../../base/units.ts";
import type { Presented } from "../aggregated/access/certificate-chain.ts";
import { refusalReply, type Reply } from "../aggregated/reply.ts";
import { ourFault, tooLong } from "../aggregated/status-body.ts";
import { type Listening, opened } from "../listen.ts";
import { Doorway } from "./doorway.ts";
import { send } from "./send.ts";

/** PEM; the certificate with the ones between it and its authority. */
export type KeyPair = Readonly<{ certificate: string; key: string }>;

export type Incoming = Readonly<{
  method: string;
  url: URL;
  /** Names and values in turn. */
  rawHeaders: readonly string[];
  header(name: string): string | undefined;
  presented: Presented | undefined;
  /** Someone known is asking. */
  prove(): void;
}>;

export type SecureOptions = Readonly<{
  host: string;
  port: number;
  keyPair: KeyPair;
  answer(incoming: Incoming): Promise<Reply>;
  /** Aborts when no new connection is to be taken. */
  signal: AbortSignal;
  /** The end is near: clients are told to connect elsewhere. */
  leaving(): boolean;
  log: Log;
}>;

export type SecureListening =
  | (Extract<Listening, { kind: "listening" }> & Readonly<{ renew(keyPair: KeyPair): void }>)
  | Extract<Listening, { kind: "failed" }>;

/**
 * kube-apiserver keeps idle connections for 90 s, and closes them first. Every TLS connection costs about
 * 0.1 MiB.
 */
const LIMITS: ServerOptions = {
  handshakeTimeout: 10_000,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 2_000,
  keepAliveTimeout: 100_000,
  maxHeaderSize: 64 * 1024,
  requestCert: true,
  // Who asks is decided by our own look at the certificate; TLS has proved that its key is there.
  rejectUnauthorized: false,
  minVersion: "TLSv1.2",
};
const URL_LENGTH_MAX = 16 * 1024;
const SILENCE_MAX = 60_000;
const CONNECTIONS_MAX = 1_000;
const UNPROVEN_MAX = 256;
/** After the end has come, for what is still being answered. */
const DRAIN_MAX = seconds(3);

export async function listenSecurely(options: SecureOptions): Promise<SecureListening> {
  const { keyPair, log, signal } = options;
  const doorway = new Doorway(UNPROVEN_MAX);
  const server = createServer({ ...LIMITS, cert: keyPair.certificate, key: keyPair.key });
  server.maxConnections = CONNECTIONS_MAX;
  server.setTimeout(SILENCE_MAX);
  server.on("connection", (socket) => doorway.admit(socket as Socket));
  server.on("request", (incoming, outgoing) => {
    void respond({ incoming, outgoing, doorway }, options).then(() => {
      if (signal.aborted) server.closeIdleConnections();
    });
  });
  const listening = await opened(server, { ...options, drainWithin: DRAIN_MAX });
  if (listening.kind === "failed") return listening;
  return { ...listening, renew: (renewed) => renewKeyPair(server, renewed, log) };
}

function renewKeyPair(server: Server, { certificate, key }: KeyPair, log: Log): void {
  server.setSecureContext({ cert: certificate, key, minVersion: "TLSv1.2" });
  log("info", "a new serving certificate is in use", { until: new X509Certificate(certificate).validTo });
}

type Exchange = Readonly<{ incoming: IncomingMessage; outgoing: ServerResponse; doorway: Doorway }>;

async function respond({ incoming, outgoing, doorway }: Exchange, options: SecureOptions): Promise<void> {
  const { method = "GET", headers } = incoming;
  const reply = await replyTo(incoming, doorway, options);
  // What a writing client still sends is not read: the connection ends with the answer.
  const last = options.leaving() || (method !== "GET" && method !== "HEAD");
  const acceptEncoding = headers["accept-encoding"] as string | undefined;
  await send(outgoing, reply, { acceptEncoding, bodiless: method === "HEAD", last });
}

/** An answer that throws is a bug of ours: it is logged, and costs this answer only. */
async function replyTo(incoming: IncomingMessage, doorway: Doorway, options: SecureOptions): Promise<Reply> {
  const { url: target = "", method = "GET", headers, rawHeaders } = incoming;
  if (target.length > URL_LENGTH_MAX) return refusalReply(tooLong);
  const url = target.startsWith("/") ? URL.parse(`https://secure${target.replace(/^\/{2,}/, "/")}`) : null;
  if (url === null)
    return refusalReply({ code: 400, reason: "BadRequest", message: "the URL cannot be read" });
  const socket = incoming.socket as TLSSocket;
  try {
    return await options.answer({
      method,
      url,
      rawHeaders,
      header: (name) => [headers[name]].flat().join(",") || undefined,
      presented: presentedBy(socket),
      prove: () => doorway.prove(socket),
    });
  } catch (error) {
    options.log("error", "an answer met a bug", { path: url.pathname, problem: String(error) });
    return refusalReply(ourFault);
  }
}

/** Looked at once a connection. */
const looked = new WeakMap<TLSSocket, Readonly<{ presented: Presented | undefined }>>();
const CHAIN_MAX = 8;

function presentedBy(socket: TLSSocket): Presented | undefined {
  const known = looked.get(socket);
  if (known !== undefined) return known.presented;
  const leaf = socket.getPeerX509Certificate();
  const others: X509Certificate[] = [];
  for (
    let next = leaf?.issuerCertificate;
    next !== undefined && others.length < CHAIN_MAX;
    next = next.issuerCertificate
  )
    others.push(next);
  const presented = leaf && { leaf, others };
  looked.set(socket, { presented });
  return presented;
}
