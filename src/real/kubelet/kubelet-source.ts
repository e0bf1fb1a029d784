/**
 * Kubelets over real connections: one kept open for each node, HTTP/1.1.
 *
 * Invariant: a credential leaves only over a connection whose certificate has been checked (unless a flag
 * says otherwise), to the node's own address, never to a redirect's; an answer takes no more time and memory
 * than its limits. Nothing rejects.
 */
import { Client } from "undici";
import type { Dispatcher } from "undici";
import { nodeName } from "../../base/ids.ts";
import type { NodeName } from "../../base/ids.ts";
import { seconds } from "../../base/units.ts";
import type { Node } from "../../cluster/node.ts";
import { kubeletAddress } from "../../scrape/address.ts";
import type { KubeletFlags } from "../../scrape/kubelet-flags.ts";
import type { NodeMetricsSource, NodeReply } from "../../scrape/port.ts";
import type { Credentials, Material, TlsMaterial } from "../apiserver/connection/credentials.ts";
import { codeOf } from "../apiserver/message.ts";
import { connectionFailure, noCredentials, statusFailure, timedOut, tooLarge } from "./failure.ts";
import type { Limits } from "./failure.ts";
import { startTimeLimit } from "./time-limit.ts";

export type KubeletSourceOptions = Readonly<{
  flags: KubeletFlags;
  credentials: Credentials;
  /** `plimsoll/<version>`: what a kubelet's log shows. */
  userAgent: string;
}>;

/** A kubelet closes what was idle for 90 s; we let go first. */
const KEEP_IDLE_FOR = seconds(80);
/** 250 pods of two containers are 0.4 MiB. */
const BODY_BYTES_MAX = 16 * 1_048_576;
const HEADER_BYTES_MAX = 65_536;
/** What is read of an answer that is not wanted, to keep its connection. */
const DUMPED_BYTES_MAX = 65_536;
/** The other side closed a kept connection just as we used it; the request was not looked at. */
const IDLE_RACE = ["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"];

type Kept = Readonly<{ origin: string; tls: TlsMaterial | undefined; client: Client }>;

export type KubeletSource = NodeMetricsSource & Readonly<{ close(): Promise<void> }>;

export function createKubeletSource(options: KubeletSourceOptions): KubeletSource {
  const kubelets = new Kubelets(options);
  return {
    read: (node, signal) => kubelets.read(node, signal),
    forget: (node) => kubelets.forget(node),
    close: () => kubelets.close(),
  };
}

class Kubelets {
  readonly #options: KubeletSourceOptions;
  readonly #limits: Limits;
  readonly #kept = new Map<NodeName, Kept>();

  constructor(options: KubeletSourceOptions) {
    this.#options = options;
    this.#limits = { requestTimeout: options.flags.requestTimeout, bodyBytesMax: BODY_BYTES_MAX };
  }

  async read(node: Node, signal: AbortSignal): Promise<NodeReply> {
    const { flags, credentials } = this.#options;
    const address = kubeletAddress(node, flags);
    if (address.kind === "no-address")
      return { kind: "failed", cause: "no-address", message: address.message };
    const { origin, path } = address;
    const material = await credentials.current();
    if (material.kind === "unobtainable") return noCredentials(origin + path, material.message);
    const reply = await this.#ask({ node, origin, path, material: material.value, signal });
    if (!isRefusal(reply) || !(await credentials.renew(material.value))) return reply;
    const renewed = await credentials.current();
    if (renewed.kind === "unobtainable") return reply;
    return this.#ask({ node, origin, path, material: renewed.value, signal });
  }

  forget(node: NodeName): void {
    const kept = this.#kept.get(node);
    this.#kept.delete(node);
    void kept?.client.destroy();
  }

  async close(): Promise<void> {
    const all = [...this.#kept.values()];
    this.#kept.clear();
    await Promise.all(all.map(({ client }) => client.destroy()));
  }

  async #ask(question: Question): Promise<NodeReply> {
    const limit = startTimeLimit(this.#limits.requestTimeout, question.signal);
    try {
      return await this.#request(question, limit.signal).catch((error: unknown) => {
        if (limit.signal.aborted || !IDLE_RACE.includes(codeOf(error))) throw error;
        return this.#request(question, limit.signal);
      });
    } catch (error) {
      const url = question.origin + question.path;
      if (limit.isOver()) return timedOut(url, this.#limits.requestTimeout);
      return connectionFailure(url, error, this.#limits);
    } finally {
      limit.stop();
    }
  }

  async #request(question: Question, signal: AbortSignal): Promise<NodeReply> {
    const { path, origin, material } = question;
    const headers = { ...material.headers, "user-agent": this.#options.userAgent };
    const response = await this.#clientFor(question).request({ method: "GET", path, headers, signal });
    const { statusCode, body } = response;
    if (statusCode !== 200) {
      await body.dump({ limit: DUMPED_BYTES_MAX, signal }).catch(() => undefined);
      return statusFailure(origin + path, statusCode);
    }
    const whole = await readWhole(body);
    return whole === undefined ? tooLarge(origin + path, BODY_BYTES_MAX) : { kind: "answered", body: whole };
  }

  #clientFor({ node, origin, material: { tls } }: Question): Client {
    const name = nodeName(node.meta.name);
    const kept = this.#kept.get(name);
    if (kept !== undefined && kept.origin === origin && kept.tls === tls) return kept.client;
    this.forget(name);
    const client = open(origin, tls, this.#limits);
    this.#kept.set(name, { origin, tls, client });
    return client;
  }
}

type Question = Readonly<{
  node: Node;
  origin: string;
  path: string;
  material: Material;
  signal: AbortSignal;
}>;

/** TLS is checked while connecting, before a request is written. */
function open(origin: string, tls: TlsMaterial | undefined, { requestTimeout }: Limits): Client {
  return new Client(origin, {
    allowH2: false,
    pipelining: 1,
    keepAliveTimeout: KEEP_IDLE_FOR,
    keepAliveMaxTimeout: KEEP_IDLE_FOR,
    headersTimeout: requestTimeout,
    bodyTimeout: requestTimeout,
    maxHeaderSize: HEADER_BYTES_MAX,
    connect: {
      ...(tls && { secureContext: tls.secureContext, rejectUnauthorized: tls.rejectUnauthorized }),
      allowH2: false,
      timeout: requestTimeout,
    },
  });
}

/** The body in one piece; undefined when it is larger than we read. */
async function readWhole(body: Dispatcher.ResponseData["body"]): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_BYTES_MAX) return undefined;
    chunks.push(chunk);
  }
  const [first] = chunks;
  return chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks, size);
}

function isRefusal(reply: NodeReply): boolean {
  return reply.kind === "failed" && (reply.cause === "unauthorized" || reply.cause === "certificate");
}
