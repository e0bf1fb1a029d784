/**
 * A proxy before the API server that writes down what passes through it: each answer whole, and each line of a watch at
 * the moment it was handed on.
 *
 * Invariant: what is handed on is what the API server said, and what is written down was handed on.
 */
import { readFileSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Agent, createServer, request as httpsRequest } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type EpochMillis, epochMillis } from "../../src/base/units.ts";
import type { ControlPlane } from "../control-plane/connection.ts";
import { kubeconfigText } from "../control-plane/kubeconfig.ts";

/** One question and its whole answer; a body is the text that passed. */
export type Exchange = Readonly<{
  method: string;
  path: string;
  query: URLSearchParams;
  sent: string;
  askedAt: EpochMillis;
  status: number;
  said: string;
  answeredAt: EpochMillis;
}>;

/** A watch as it begins; what comes through it goes to the reader that it is given. */
export type Watch = Pick<Exchange, "path" | "query">;

export type Listener = Readonly<{
  exchange(exchange: Exchange): void;
  /** Who reads the bytes of this watch; undefined: they are of no interest. */
  watch(watch: Watch): ((chunk: Uint8Array, at: EpochMillis) => void) | undefined;
}>;

export type RecordingProxy = Readonly<{ kubeconfig: string; close(): void }>;

/** Whoever comes through it is cluster-admin, and speaks JSON unless it asks for something else. */
export async function startRecordingProxy(plane: ControlPlane, listener: Listener): Promise<RecordingProxy> {
  const read = (name: string): string => readFileSync(join(plane.folder, "certs", name), "utf8");
  const admin = { certificate: read("admin.crt"), key: read("admin.key") };
  const authority = readFileSync(plane.certs.serverAuthority, "utf8");
  const agent = new Agent({ keepAlive: true, ca: authority, cert: admin.certificate, key: admin.key });
  const server = createServer({ cert: read("apiserver.crt"), key: read("apiserver.key") }, (asked, answer) =>
    handOn({ server: plane.server, agent, listener }, asked, answer),
  );
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  const { port } = server.address() as AddressInfo;
  const kubeconfig = join(plane.folder, `recorded-${port}.kubeconfig`);
  writeFileSync(kubeconfig, kubeconfigText(`https://127.0.0.1:${port}`, authority, admin), { mode: 0o600 });
  const close = (): void => {
    server.close();
    server.closeAllConnections();
    agent.destroy();
  };
  return { kubeconfig, close };
}

/** With parts of a millisecond: a decision and the event that it rests on may be that close. */
export const wallNow = (): EpochMillis => epochMillis(performance.timeOrigin + performance.now());

type Behind = Readonly<{ server: string; agent: Agent; listener: Listener }>;

function handOn(behind: Behind, asked: IncomingMessage, answer: ServerResponse): void {
  const { method = "GET", url = "" } = asked;
  const target = new URL(url, behind.server);
  const headers = { ...asked.headers, host: target.host, "accept-encoding": "identity" };
  const begun = { method, path: target.pathname, query: target.searchParams, askedAt: wallNow() };
  const sent = gather(asked);
  const onward = httpsRequest(target, { method, headers, agent: behind.agent }, (reply) => {
    answer.writeHead(reply.statusCode ?? 502, reply.headers);
    reply.on("error", () => answer.destroy());
    if (begun.query.has("watch")) handOnWatch(behind.listener.watch(begun), reply, answer);
    else handOnAnswer(behind.listener, { ...begun, sent }, { reply, answer });
  });
  onward.on("error", () => answer.destroy());
  answer.on("close", () => onward.destroy());
  asked.pipe(onward);
}

/** A body, complete when its stream has ended. */
function gather(stream: IncomingMessage): () => Buffer {
  const parts: Buffer[] = [];
  stream.on("data", (part: Buffer) => parts.push(part));
  return () => Buffer.concat(parts);
}

function handOnWatch(
  read: ReturnType<Listener["watch"]>,
  reply: IncomingMessage,
  answer: ServerResponse,
): void {
  reply.on("data", (chunk: Buffer) => {
    answer.write(chunk);
    read?.(chunk, wallNow());
  });
  reply.on("end", () => answer.end());
}

type Begun = Omit<Exchange, "sent" | "status" | "said" | "answeredAt"> & Readonly<{ sent: () => Buffer }>;

function handOnAnswer(
  listener: Listener,
  begun: Begun,
  { reply, answer }: Readonly<{ reply: IncomingMessage; answer: ServerResponse }>,
): void {
  const said = gather(reply);
  reply.on("end", () => {
    answer.end(said());
    const { statusCode: status = 0 } = reply;
    const [sent, told] = [begun.sent().toString(), said().toString()];
    listener.exchange({ ...begun, sent, status, said: told, answeredAt: wallNow() });
  });
}
