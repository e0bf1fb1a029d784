/**
 * Text of files and of standard input, with a bound on how much is read.
 */
import { open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { FILE_BYTES_MAX, readManifests, tooLarge, type Unreadable } from "./read.ts";

export type ReadText = Readonly<{ kind: "text"; text: string }> | Unreadable;

/** What a command that reads manifests needs of the process. */
export type ManifestWorld = Readonly<{
  /** A file's text, or why there is none; `-` is standard input. */
  readText(this: void, name: string): Promise<ReadText>;
  print(text: string): void;
  complain(text: string): void;
}>;

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

export type ReadObjects = Readonly<{ kind: "objects"; objects: readonly unknown[] }> | Unreadable;

/** All objects of all files, or the first complaint. */
export async function readFiles(
  names: readonly string[],
  readOne: (name: string) => Promise<ReadText>,
): Promise<ReadObjects> {
  const objects: unknown[] = [];
  for (const name of names) {
    const read = await readOne(name);
    const manifests = read.kind === "text" ? readManifests(titleOf(name), read.text) : read;
    if (manifests.kind === "unreadable") return manifests;
    objects.push(...manifests.objects);
  }
  return { kind: "objects", objects };
}

const titleOf = (name: string): string => (name === "-" ? "standard input" : name);
