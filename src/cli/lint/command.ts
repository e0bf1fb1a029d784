/**
 * `plimsoll lint`: mistakes in policies, HPAs, VPAs and ScaledObjects, before they are applied.
 *
 * Invariant: findings are standard output, and 1 says that there is an error (with `--strict`: anything).
 */
import type { Finding } from "../../lint/finding.ts";
import { readObjects } from "../../lint/manifest.ts";
import { lint } from "../../lint/rules.ts";
import { type ManifestWorld, readFiles } from "../manifests/files.ts";
import { EXIT } from "../program.ts";

export type LintFlags = Readonly<{
  filename: readonly string[];
  output: "text" | "json";
  strict: boolean;
}>;

export async function runLint(flags: LintFlags, world: ManifestWorld): Promise<number> {
  const read = await readFiles(flags.filename, world.readText);
  if (read.kind === "unreadable") {
    world.complain(`${read.message}\n`);
    return EXIT.usage;
  }
  const manifests = readObjects(read.objects);
  const findings = lint(manifests);
  if (flags.output === "json") world.print(`${JSON.stringify(findings, null, 2)}\n`);
  else world.print(findings.map(textOf).join(""));
  world.complain(summary(findings, manifests.autoscalers.length));
  const bad = findings.some(({ severity }) => flags.strict || severity === "error");
  return bad ? EXIT.no : EXIT.fine;
}

function textOf({ severity, rule, source, field, message }: Finding): string {
  const name = source.namespace === undefined ? source.name : `${source.namespace}/${source.name}`;
  return `${severity.padEnd(7)}  ${source.kind} ${name}  ${field}: ${message} (${rule})\n`;
}

function summary(findings: readonly Finding[], autoscalers: number): string {
  const errors = findings.filter(({ severity }) => severity === "error").length;
  const looked = `${autoscalers} ${autoscalers === 1 ? "autoscaler" : "autoscalers"} looked at`;
  return `${looked}: ${counted(errors, "error")}, ${counted(findings.length - errors, "warning")}\n`;
}

const counted = (n: number, word: string): string => `${n} ${n === 1 ? word : `${word}s`}`;
