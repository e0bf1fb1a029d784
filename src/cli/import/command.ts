/**
 * `plimsoll import`: ScalePolicies on standard output, and on standard error, object by object, what is not
 * the same.
 *
 * Invariant: standard output is ready for `kubectl apply -f -`; 1 says that something could not be converted
 * (with `--strict`: that anything was left out).
 */
import { stringify } from "yaml";
import { EXIT } from "../program.ts";
import { convertObjects, type Converted } from "../../import/convert.ts";
import type { Note } from "../../import/draft.ts";
import { importAll, type Imported, type ImportOptions } from "../../import/policies.ts";
import { type ManifestWorld, readFiles } from "../manifests/files.ts";

export type ImportFlags = Readonly<{
  filename: readonly string[];
  mode: ImportOptions["mode"];
  output: "yaml" | "json";
  strict: boolean;
}>;

export async function runImport(flags: ImportFlags, world: ManifestWorld): Promise<number> {
  const read = await readFiles(flags.filename, world.readText);
  if (read.kind === "objects") return tell(read.objects.flatMap(convertObjects), flags, world);
  world.complain(`${read.message}\n`);
  return EXIT.usage;
}

function tell(converted: readonly Converted[], flags: ImportFlags, world: ManifestWorld): number {
  const conversions = converted.flatMap((one) => (one.kind === "converted" ? [one.conversion] : []));
  const imported = importAll(conversions, { mode: flags.mode });
  const others = converted.length - conversions.length;
  if (flags.output === "json") world.print(`${JSON.stringify({ ...imported, others }, null, 2)}\n`);
  else if (imported.policies.length > 0) world.print(yamlOf(imported));
  world.complain(flags.output === "json" ? "" : notesText(imported));
  world.complain(summary(imported, others));
  return exitCode(imported, flags);
}

function exitCode({ policies, notes }: Imported, { strict }: ImportFlags): number {
  const kinds = new Set(notes.flatMap((object) => object.notes.map(({ kind }) => kind)));
  const short = policies.length === 0 || kinds.has("refused") || (strict && kinds.has("left-out"));
  return short ? EXIT.no : EXIT.fine;
}

const yamlOf = ({ policies }: Imported): string =>
  policies.map((policy) => stringify(policy, { lineWidth: 110, aliasDuplicateObjects: false })).join("---\n");

const LABELS: Readonly<Record<Note["kind"], string>> = {
  "left-out": "left out",
  changed: "changed ",
  refused: "refused ",
};

function notesText({ notes }: Imported): string {
  return notes
    .map(({ source, notes: said }) => {
      const name = source.namespace === undefined ? source.name : `${source.namespace}/${source.name}`;
      const lines = said.map(({ kind, field, message }) => `  ${LABELS[kind]}  ${field}: ${message}\n`);
      return `${source.kind} ${name}${said.length === 0 ? ": nothing differs" : ""}\n${lines.join("")}`;
    })
    .join("");
}

function summary({ policies, notes }: Imported, others: number): string {
  const seen = others === 0 ? "" : `; ${count(others, "other object")} not looked at`;
  if (notes.length === 0)
    return `no HorizontalPodAutoscaler, VerticalPodAutoscaler or ScaledObject found${seen}\n`;
  const made = count(policies.length, "ScalePolicy", "ScalePolicies");
  return `${count(notes.length, "autoscaler")} → ${made}${seen}\n`;
}

const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;
