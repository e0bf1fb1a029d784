/**
 * A server of our own before one of the control plane's: it sees every request, answers some itself, and hands the others
 * on as they are, streams included.
 */
import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, request as httpsRequest } from "node:https";
import { join } from "node:path";
import { freePorts } from "../control-plane/ports.ts";
import type { ControlPlane } from "./control-plane.ts";

type OwnAnswer = Readonly<{ status: number; body?: object | string }>;
export type Front = Readonly<{ port: number; close(): void }>;
export type FrontOptions = Readonly<{
  /** Whose certificate it shows, and whom it hands on to. */
  before: "apiserver" | "kubelet";
  /** What it answers itself, text as it is; undefined hands the request on. */
  decide(asked: IncomingMessage): Promise<OwnAnswer | undefined>;
}>;

export async function startFront(plane: ControlPlane, { before, decide }: FrontOptions): Promise<Front> {
  const [port = 0] = await freePorts(1);
  const read = (ending: string): Buffer => readFileSync(join(plane.folder, `certs/${before}.${ending}`));
  const authority = before === "apiserver" ? plane.certs.serverAuthority : plane.certs.kubeletAuthority;
  const behind = { base: `https://127.0.0.1:${plane.ports[before]}`, ca: readFileSync(authority) };
  const server = createServer({ cert: read("crt"), key: read("key") }, (asked, answer) => {
    decide(asked).then(
      (own) => {
        if (own === undefined) handOn(behind, asked, answer);
        else say(answer, own);
      },
      (trouble: unknown) => say(answer, { status: 500, body: { message: String(trouble) } }),
    );
  });
  await new Promise<void>((settle) => server.listen(port, "127.0.0.1", settle));
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { port, close };
}

function say(answer: ServerResponse, { status, body = {} }: OwnAnswer): void {
  const [type, text] =
    typeof body === "string" ? ["text/plain", body] : ["application/json", JSON.stringify(body)];
  answer.writeHead(status, { "content-type": type }).end(text);
}

type Behind = Readonly<{ base: string; ca: Buffer }>;

function handOn({ base, ca }: Behind, asked: IncomingMessage, answer: ServerResponse): void {
  const { method, headers, url = "" } = asked;
  const sent = httpsRequest(new URL(url, base), { method, headers, ca, agent: false }, (reply) => {
    answer.writeHead(reply.statusCode ?? 502, reply.headers);
    reply.pipe(answer);
    reply.on("error", () => answer.destroy());
  });
  sent.on("error", () => answer.destroy());
  answer.on("close", () => sent.destroy());
  asked.pipe(sent);
}
