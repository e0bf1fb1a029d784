#!/usr/bin/env node
/**
 * argv → a command; nothing else. What a command needs of the process (streams, signals, environment) is
 * handed to it here.
 */
import { basename } from "node:path";
import { runDemoCommand } from "./cli/demo-command.ts";
import { runImport } from "./cli/import/command.ts";
import { runLint } from "./cli/lint/command.ts";
import { type ManifestWorld, readText } from "./cli/manifests/files.ts";
import { runCommandLine } from "./cli/program.ts";
import { runReportCommand } from "./cli/report/process.ts";
import { EXIT, runOperatorCommand } from "./operator.ts";
import { runSimulate, type SimulateFlags } from "./cli/simulate/command.ts";
import { OPERATOR_FLAGS, type RawFlags } from "./operator-flags.ts";

/** What is waited for at the end has limits of its own, five seconds together; this is the last one. */
const END_WITHIN_MS = 10_000;

const print = (text: string): void => void process.stdout.write(text);
const complain = (text: string): void => void process.stderr.write(text);

const manifestWorld: ManifestWorld = {
  readText: (name) => readText(name, process.stdin),
  print,
  complain,
};

function simulate(flags: SimulateFlags): Promise<number> {
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  return runSimulate(flags, { ...manifestWorld, signal: stop.signal, progressShown: process.stderr.isTTY });
}

async function operator(flags: RawFlags): Promise<number> {
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(EXIT.broken);
      stop.abort();
      setTimeout(() => process.exit(EXIT.broken), END_WITHIN_MS).unref();
    });
  return runOperatorCommand({
    flags,
    environment: process.env,
    signal: stop.signal,
    complain,
  });
}

const invokedAs = basename(process.argv[1] ?? "", ".mjs");
process.exitCode = await runCommandLine(
  process.argv.slice(2),
  {
    operatorFlags: OPERATOR_FLAGS,
    runOperatorCommand: operator,
    runDemoCommand,
    runImportCommand: (flags) => runImport(flags, manifestWorld),
    runLintCommand: (flags) => runLint(flags, manifestWorld),
    runSimulateCommand: simulate,
    runReportCommand,
    print,
  },
  invokedAs.startsWith("kubectl-") ? "kubectl plimsoll" : "plimsoll",
);
