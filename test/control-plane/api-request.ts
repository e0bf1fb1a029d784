/**
 * Requests to the API server of the lane, without a client library: any status is an answer.
 */
import { readFileSync } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import { request as httpsRequest } from "node:https";
import { join } from "node:path";

export type Answer = Readonly<{ status: number; headers: IncomingHttpHeaders; body: unknown }>;
/** One request, as cluster-admin or with a token. A PATCH is a JSON merge patch. */
export type Requester = (
  method: string,
  path: string,
  options?: Readonly<{ body?: unknown; tokenFile?: string }>,
) => Promise<Answer>;

const ANSWER_MILLIS = 30_000;

export function createRequester(folder: string, server: string): Requester {
  const read = (name: string): Buffer => readFileSync(join(folder, "certs", name));
  return (method, path, { body, tokenFile } = {}) => {
    const certificate = tokenFile === undefined && { cert: read("admin.crt"), key: read("admin.key") };
    const headers = {
      "content-type": method === "PATCH" ? "application/merge-patch+json" : "application/json",
      ...(tokenFile !== undefined && { authorization: `Bearer ${readFileSync(tokenFile, "utf8")}` }),
    };
    const trust = { ca: read("clients.crt"), ...certificate };
    const options = { method, headers, agent: false, timeout: ANSWER_MILLIS, ...trust };
    return new Promise((settle, fail) => {
      const sent = httpsRequest(new URL(path, server), options, (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("error", fail);
        response.on("end", () => {
          const { statusCode: status = 0, headers: answered } = response;
          settle({ status, headers: answered, body: parse(Buffer.concat(parts).toString()) });
        });
      });
      sent.on("timeout", () => sent.destroy(new Error(`${method} ${path}: no answer`)));
      sent.on("error", fail);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  };
}

/** The body of a success; anything else is an error. */
export async function succeed(request: Requester, ...call: Parameters<Requester>): Promise<unknown> {
  const { status, body } = await request(...call);
  if (status >= 300) throw new Error(`${call[0]} ${call[1]}: ${status} ${JSON.stringify(body)}`);
  return body;
}

/** Health endpoints, and errors of the server itself, speak plain text. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
