/**
 * Sends a reply. A short one goes out whole; a long one slice by slice, packed when the client can unpack,
 * and other work gets its turn between slices.
 *
 * Invariant: resolves when nothing more will be written, whatever the client does.
 */
import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setImmediate } from "node:timers/promises";
import { constants, createGzip } from "node:zlib";
import type { Reply } from "../aggregated/reply.ts";

/** kube-apiserver packs what is longer than this, at this level. */
const PACKED_FROM = 128 * 1024;
const PACKING = { level: constants.Z_BEST_SPEED };

const COMMON = { "cache-control": "no-cache, private", "x-content-type-options": "nosniff" };

export type Sending = Readonly<{ acceptEncoding: string | undefined; bodiless: boolean; last: boolean }>;

export async function send(outgoing: ServerResponse, reply: Reply, sending: Sending): Promise<void> {
  const headers = { ...COMMON, ...reply.headers, ...(sending.last && { connection: "close" }) };
  if (typeof reply.body === "string") {
    sendWhole(outgoing, { ...reply, headers }, [reply.body], sending);
    return;
  }
  const slices = reply.body.slices[Symbol.iterator]();
  const first = await gather(slices);
  if (first.ended) {
    sendWhole(outgoing, { ...reply, headers }, first.parts, sending);
    return;
  }
  const packs = acceptsGzip(sending.acceptEncoding);
  const encoding = { vary: "Accept-Encoding", ...(packs && { "content-encoding": "gzip" }) };
  outgoing.writeHead(reply.status, { ...headers, ...encoding });
  const source = Readable.from(spaced(first.parts, slices), { objectMode: false });
  // A client that goes away in the middle is no trouble of ours.
  const sent = packs ? pipeline(source, createGzip(PACKING), outgoing) : pipeline(source, outgoing);
  await sent.catch(() => undefined);
}

function sendWhole(
  outgoing: ServerResponse,
  { status, headers }: Pick<Reply, "status" | "headers">,
  parts: readonly string[],
  { bodiless }: Sending,
): void {
  const body = Buffer.from(parts.join(""));
  const isEmpty = bodiless || status === 304;
  outgoing.writeHead(status, isEmpty ? headers : { ...headers, "content-length": body.length });
  outgoing.end(isEmpty ? undefined : body);
}

/** Slices until they are worth packing, or there are no more. */
async function gather(slices: Iterator<string>): Promise<Readonly<{ parts: string[]; ended: boolean }>> {
  const parts: string[] = [];
  let size = 0;
  while (size < PACKED_FROM) {
    const next = slices.next();
    if (next.done === true) return { parts, ended: true };
    parts.push(next.value);
    size += next.value.length;
    await setImmediate();
  }
  return { parts, ended: false };
}

async function* spaced(parts: readonly string[], slices: Iterator<string>): AsyncGenerator<Buffer> {
  yield Buffer.from(parts.join(""));
  for (let next = slices.next(); next.done !== true; next = slices.next()) {
    yield Buffer.from(next.value);
    await setImmediate();
  }
}

/** Named, and not with `q=0`. */
const acceptsGzip = (acceptEncoding = ""): boolean =>
  acceptEncoding.split(",").some((one) => /^\s*gzip\s*(;\s*q=(?!0(\.0*)?\s*$)[\d.]+)?\s*$/i.test(one));
