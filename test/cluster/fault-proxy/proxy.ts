/**
 * A TLS-terminating proxy before the real API server: it sees every request, does to some what its rules say, hands on
 * the others as they are, streams included, and writes down what it saw.
 *
 * Invariant: without rules nobody can tell that it is there, but for a client's certificate, which ends here (so use
 * tokens), and, where it is confined, for policies of other namespaces.
 */
import { readFileSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Agent, createServer, request as httpsRequest } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ControlPlane } from "../control-plane.ts";
import { type Applied, type Asked, askedOf, type Fault, type OwnAnswer, type Rule, Rules } from "./rule.ts";

export type Logged = Asked & {
  /** Monotonic milliseconds of this process. */
  readonly seenAt: number;
  /** When the API server (or a fault in its place) had answered. */
  answeredAt?: number;
  /** The API server's status; undefined when it was not asked or has not answered. */
  status?: number;
  /** What a write said. */
  readonly said: unknown;
  readonly fault: Fault["do"] | undefined;
};

export type FaultProxy = Readonly<{
  port: number;
  /** Everything it saw, in order. */
  log: readonly Logged[];
  add(rule: Rule): Applied;
  /** The first listing of a kind that went through, whole, as it was streamed. */
  firstListing(resource: string): Buffer | undefined;
  /** The path of a kubeconfig like the one at a path, through the proxy. */
  through(kubeconfig: string): string;
  close(): void;
}>;

/** `confine`: who asks for all policies gets those of this namespace, so that several operators share one cluster. */
export type ProxyOptions = Readonly<{ confine?: string }>;

export async function startFaultProxy(plane: ControlPlane, options: ProxyOptions = {}): Promise<FaultProxy> {
  const proxy = new Proxying(plane, options);
  const read = (ending: string): Buffer => readFileSync(join(plane.folder, `certs/apiserver.${ending}`));
  const server = createServer({ cert: read("crt"), key: read("key") }, (asked, answer) => {
    proxy.serve(asked, answer).catch(() => answer.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    log: proxy.log,
    add: (rule) => proxy.rules.add(rule),
    firstListing: (resource) => proxy.listings.get(resource),
    through: (kubeconfig) => writeThrough(kubeconfig, port),
    close() {
      server.close();
      server.closeAllConnections();
      proxy.agent.destroy();
    },
  };
}

/** kubeconfigs of the lane are JSON. */
function writeThrough(kubeconfig: string, port: number): string {
  const text = readFileSync(kubeconfig, "utf8");
  const file = `${kubeconfig}-through-${port}`;
  writeFileSync(file, text.replace(/https:\/\/127\.0\.0\.1:\d+/, `https://127.0.0.1:${port}`), {
    mode: 0o600,
  });
  return file;
}

type Exchange = Readonly<{
  asked: Asked;
  entry: Logged;
  url: string;
  body: Buffer;
  answer: ServerResponse;
  fault?: Fault;
}>;

const LISTING_ENDS = "k8s.io/initial-events-end";
const POLICIES = "/apis/plimsoll.dev/v1alpha1/";

class Proxying {
  readonly log: Logged[] = [];
  readonly listings = new Map<string, Buffer>();
  readonly agent: Agent;
  readonly rules: Rules;
  readonly #server: string;
  readonly #confine: string | undefined;
  /** Streams that a rule keeps silent. */
  readonly #silent = new Map<Rule, Set<ServerResponse>>();

  constructor(plane: ControlPlane, { confine }: ProxyOptions) {
    this.#server = plane.server;
    this.#confine = confine;
    this.agent = new Agent({ keepAlive: true, ca: readFileSync(plane.certs.serverAuthority) });
    this.rules = new Rules((rule) => this.#thaw(rule));
  }

  async serve(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const body = await wholeOf(incoming);
    const asked = askedOf(incoming);
    const rule = this.rules.take(asked);
    const fault = rule?.fault;
    const entry: Logged = { ...asked, seenAt: performance.now(), said: parsed(body), fault: fault?.do };
    this.log.push(entry);
    const exchange: Exchange = {
      asked,
      entry,
      url: this.#urlOf(incoming, asked),
      body,
      answer,
      ...(fault && { fault }),
    };
    if (fault?.do === "delay") await sleep(fault.millis);
    if (rule !== undefined && this.#standIn(rule, exchange)) return;
    this.#handOn(incoming, exchange);
  }

  #urlOf({ url = "" }: IncomingMessage, { resource, namespace }: Asked): string {
    if (this.#confine === undefined || resource !== "scalepolicies" || namespace !== "") return url;
    return url.replace(POLICIES, `${POLICIES}namespaces/${this.#confine}/`);
  }

  /** Whether the rule answered in the API server's place. */
  #standIn(rule: Rule, { asked, entry, answer }: Exchange): boolean {
    const { fault } = rule;
    switch (fault.do) {
      case "answer":
        entry.answeredAt = performance.now();
        say(answer, fault.answer);
        return true;
      case "cut":
        if (fault.at === "seen") cutOff(answer, fault);
        return fault.at === "seen";
      case "drop":
        return fault.at === "seen";
      case "replay":
        this.#beginSilence(rule, answer);
        answer.write(fault.listing);
        return true;
      case "freeze":
        if (asked.verb === "watch") this.#beginSilence(rule, answer);
        return asked.verb === "watch";
      case "delay":
        return false;
    }
  }

  #beginSilence(rule: Rule, answer: ServerResponse): void {
    answer.writeHead(200, { "content-type": "application/json" });
    answer.flushHeaders();
    this.#silence(rule, answer);
  }

  #silence(rule: Rule, answer: ServerResponse): void {
    const silent = this.#silent.get(rule) ?? new Set();
    if (silent.has(answer)) return;
    this.#silent.set(rule, silent.add(answer));
    answer.on("close", () => silent.delete(answer));
  }

  #thaw(rule: Rule): void {
    for (const answer of this.#silent.get(rule) ?? []) answer.destroy();
    this.#silent.delete(rule);
  }

  #handOn({ method, headers }: IncomingMessage, exchange: Exchange): void {
    const { url, body, answer, entry } = exchange;
    const { connection: _, "transfer-encoding": __, ...told } = headers;
    const options = { method, headers: told, agent: this.agent };
    const sent = httpsRequest(new URL(url, this.#server), options, (reply) => {
      entry.status = reply.statusCode ?? 0;
      reply.on("error", () => answer.destroy());
      if (exchange.fault?.do === "drop")
        reply.resume(); // told to nobody
      else if (exchange.asked.verb === "watch") this.#tellStream(reply, exchange);
      else this.#tellWhole(reply, exchange).catch(() => answer.destroy());
    });
    sent.on("error", () => answer.destroy());
    answer.on("close", () => sent.destroy());
    sent.end(body);
  }

  async #tellWhole(reply: IncomingMessage, { answer, entry, fault }: Exchange): Promise<void> {
    const body = await wholeOf(reply);
    entry.answeredAt = performance.now();
    const cut = fault?.do === "cut" ? fault : undefined;
    if (cut?.at === "answered") return cutOff(answer, cut);
    answer.writeHead(entry.status ?? 502, { ...ownHeaders(reply), "content-length": body.length });
    if (cut?.at === "telling") answer.write(body.subarray(0, body.length / 2), () => cutOff(answer, cut));
    else answer.end(body, cut?.act);
  }

  #tellStream(reply: IncomingMessage, { asked, entry, answer, fault, url }: Exchange): void {
    entry.answeredAt = performance.now();
    answer.writeHead(reply.statusCode ?? 502, ownHeaders(reply));
    answer.flushHeaders();
    if (fault?.do === "cut") return cutWithin(reply, answer);
    const record = this.#recorder(asked, url);
    reply.on("data", (chunk: Buffer) => {
      const frozen = this.rules.freezing(asked);
      if (frozen !== undefined) this.#silence(frozen, answer);
      else {
        record(chunk);
        answer.write(chunk);
      }
    });
    reply.on("end", () => answer.end());
  }

  /** Keeps the first listing of a kind, up to the line that ends it. */
  #recorder({ resource }: Asked, url: string): (chunk: Buffer) => void {
    const chunks: Buffer[] = [];
    return (chunk) => {
      if (!url.includes("sendInitialEvents=true") || this.listings.has(resource)) return;
      chunks.push(chunk);
      const text = Buffer.concat(chunks);
      const end = text.indexOf(LISTING_ENDS);
      const line = end < 0 ? -1 : text.indexOf("\n", end);
      if (line >= 0) this.listings.set(resource, text.subarray(0, line + 1));
    };
  }
}

function say(answer: ServerResponse, { status, headers = {}, body }: OwnAnswer): void {
  answer.writeHead(status, { "content-type": "application/json", ...headers });
  answer.end(`${JSON.stringify(body)}\n`);
}

function cutOff(answer: ServerResponse, { act }: Readonly<{ act?: () => void }>): void {
  act?.();
  answer.socket?.destroy();
}

/** What a watch that nothing happens to is given before it is cut all the same. */
const QUIET_MILLIS = 300;

function cutWithin(reply: IncomingMessage, answer: ServerResponse): void {
  const cut = (): void => void answer.socket?.destroy();
  const quiet = setTimeout(cut, QUIET_MILLIS);
  reply.once("data", (chunk: Buffer) => {
    clearTimeout(quiet);
    answer.write(chunk.subarray(0, chunk.length / 2), cut);
  });
}

/** Those that are about the answer, not about its connection. */
function ownHeaders({ headers }: IncomingMessage): Record<string, string | string[]> {
  const ofConnection = ["connection", "keep-alive", "transfer-encoding"];
  const kept = Object.entries(headers).filter(([name]) => !ofConnection.includes(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, value ?? ""]));
}

async function wholeOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function parsed(body: Buffer): unknown {
  return body.length === 0 ? undefined : JSON.parse(body.toString());
}
