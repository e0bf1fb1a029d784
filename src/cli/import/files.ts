/**
 * Text of files and of standard input, with a bound on how much is read.
 */
import { open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { FILE_BYTES_MAX, tooLarge, type Unreadable } from "./manifests.ts";

export type ReadText = Readonly<{ kind: "text"; text: string }> | Unreadable;

/** `-` reads `stdin`. */
export async function readText(name: string, stdin: Readable): Promise<ReadText> {
  try {
    if (name === "-") return await readAll("standard input", stdin);
    const file = await open(name);
    return await readAll(name, file.createReadStream());
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { kind: "unreadable", message: `${name} cannot be read: ${error.message}` };
  }
}

async function readAll(name: string, stream: Readable): Promise<ReadText> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += (chunk as Buffer).length;
    if (size > FILE_BYTES_MAX) {
      stream.destroy();
      return tooLarge(name);
    }
    chunks.push(chunk as Buffer);
  }
  return { kind: "text", text: Buffer.concat(chunks).toString("utf8") };
}
