/**
 * Files of manifests → objects: YAML of one or many documents, or JSON.
 *
 * Invariant: what cannot be read is a complaint that names the file; no input takes more than a bounded time
 * and memory, whatever its aliases say.
 */
import { parseAllDocuments } from "yaml";

/** Our decision: the autoscalers of 10,000 workloads fit; more is somebody's mistake or somebody's bomb. */
export const FILE_BYTES_MAX = 32 * 1024 * 1024;
const ALIASES_MAX = 100;

export type Unreadable = Readonly<{ kind: "unreadable"; message: string }>;
export type Manifests = Readonly<{ kind: "objects"; objects: readonly unknown[] }> | Unreadable;

export const tooLarge = (name: string): Unreadable =>
  unreadable(name, `is larger than ${FILE_BYTES_MAX / 1024 / 1024} MiB: split it by namespace`);

/** `name` is for messages. JSON is YAML too, but its own reader is much faster on large lists. */
export function readManifests(name: string, text: string): Manifests {
  return readJson(text) ?? readYaml(name, text);
}

function readJson(text: string): Manifests | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return { kind: "objects", objects: Array.isArray(value) ? value : [value] };
  } catch {
    return undefined;
  }
}

function readYaml(name: string, text: string): Manifests {
  const documents = parseAllDocuments(text, { schema: "core", merge: false, logLevel: "silent" });
  if (!Array.isArray(documents)) return { kind: "objects", objects: [] };
  const objects: unknown[] = [];
  for (const document of documents) {
    const error = document.errors[0];
    if (error !== undefined) return unreadable(name, `is not valid YAML: ${firstLine(error.message)}`);
    const value = plainValue(() => document.toJS({ maxAliasCount: ALIASES_MAX }) as unknown);
    if (value.kind === "unreadable") return unreadable(name, value.message);
    if (value.value !== null && value.value !== undefined) objects.push(value.value);
  }
  return { kind: "objects", objects };
}

type Plain = Readonly<{ kind: "value"; value: unknown }> | Unreadable;

/** The library throws where aliases multiply beyond its limit. */
function plainValue(make: () => unknown): Plain {
  try {
    return { kind: "value", value: make() };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { kind: "unreadable", message: `cannot be read: ${firstLine(error.message)}` };
  }
}

const unreadable = (name: string, message: string): Unreadable => ({
  kind: "unreadable",
  message: `${name} ${message}`,
});

const firstLine = (text: string): string => text.split("\n")[0]?.replace(/:$/, "") ?? "";
