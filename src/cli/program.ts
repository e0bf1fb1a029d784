/**
 * The command line: which commands there are, what they take, and how each ends.
 *
 * Invariants: exit codes are 0 for fine, 1 where the answer is "no", 2 for wrong usage, 3 for a cluster that
 * cannot be reached; help goes to standard output, complaints to standard error. How the operator runs is
 * handed in: nothing here knows it.
 */
import type { Help } from "commander";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import type { Millis } from "../base/units.ts";
import { durationOf, seedOf } from "./arguments.ts";
import { crdText } from "./crd.ts";
import type { DemoOptions } from "./demo.ts";
import type { ImportFlags } from "./import/command.ts";
import { addImport } from "./import/options.ts";
import type { LintFlags } from "./lint/command.ts";
import { addLint } from "./lint/options.ts";
import type { SimulateFlags } from "./simulate/command.ts";
import { addSimulate } from "./simulate/options.ts";
import { VERSION } from "../version.ts";
import { addReport, type ReportOptions } from "./report/options.ts";

/** A flag of `operator`, as its table lists it. */
export type FlagRow = Readonly<{
  name: string;
  short?: string;
  shape: string;
  fallback: string | number | boolean;
  meaning: string;
  group: string;
}>;

/** What the commands do, for whoever puts the program together. Each answers the exit code. */
export type Commands = Readonly<{
  operatorFlags: readonly FlagRow[];
  /** Gets the flags that were given, by name, as text (`true` for one without a value). */
  runOperatorCommand(raw: Readonly<Record<string, unknown>>): Promise<number>;
  runDemoCommand(options: DemoOptions): Promise<number>;
  runImportCommand(flags: ImportFlags): Promise<number>;
  runLintCommand(flags: LintFlags): Promise<number>;
  runSimulateCommand(flags: SimulateFlags): Promise<number>;
  runReportCommand(options: ReportOptions): Promise<number>;
  /** Writes to standard output. */
  print(text: string): void;
}>;

const HELP_WIDTH = 100;

export const EXIT = { fine: 0, no: 1, usage: 2, unreachable: 3 } as const;

/** Runs one command line; `argv` is without node and script. Answers the exit code. */
export async function runCommandLine(
  argv: readonly string[],
  commands: Commands,
  name = "plimsoll",
): Promise<number> {
  let code: number = EXIT.fine;
  const program = createProgram(name, commands, (answered) => {
    code = answered;
  });
  try {
    await program.parseAsync(argv, { from: "user" });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT.fine : EXIT.usage;
  }
}

function createProgram(name: string, commands: Commands, answer: (code: number) => void): Command {
  const program = new Command(name)
    .description(
      "The load line for Kubernetes workloads: one operator that measures, decides, scales, and says why.",
    )
    .version(VERSION, "-V, --version", "print the version")
    .helpCommand("help [command]", "help for a command")
    .helpOption("-h, --help", "this help")
    .exitOverride()
    .configureHelp({ helpWidth: HELP_WIDTH })
    .showSuggestionAfterError()
    .addHelpText("after", `\nTry it without a cluster: ${name} demo`);
  addOperator(program, commands, answer);
  addDemo(program, commands, answer);
  addSimulate(program, async (flags) => answer(await commands.runSimulateCommand(flags)));
  addLint(program, async (flags) => answer(await commands.runLintCommand(flags)));
  addImport(program, async (flags) => answer(await commands.runImportCommand(flags)));
  addReport(program, async (options) => answer(await commands.runReportCommand(options)));
  program
    .command("crd")
    .summary("print the CustomResourceDefinition of ScalePolicy")
    .description(`Prints the CustomResourceDefinition of ScalePolicy:\n  ${name} crd | kubectl apply -f -`)
    .action(() => commands.print(crdText()));
  program
    .command("version")
    .summary("print the version")
    .description("Prints the version.")
    .action(() => commands.print(`${VERSION}\n`));
  return program;
}

function addOperator(program: Command, commands: Commands, answer: (code: number) => void): void {
  const operator = program
    .command("operator")
    .summary("run the operator, in a cluster or through a kubeconfig")
    .description(
      "Runs the operator: reads every kubelet, follows every ScalePolicy, and scales their targets.\n" +
        "In a cluster it needs no flags; elsewhere it goes through KUBECONFIG or --kubeconfig.",
    )
    .configureHelp({ helpWidth: HELP_WIDTH, formatItem: onTwoLines });
  const names = new Map<string, string>();
  for (const flag of commands.operatorFlags) {
    const option = optionOf(flag);
    names.set(option.attributeName(), flag.name);
    operator.addOption(option);
  }
  operator.action(async (given: Readonly<Record<string, unknown>>) => {
    const raw = Object.entries(given).map(([attribute, value]) => [names.get(attribute) ?? attribute, value]);
    answer(await commands.runOperatorCommand(Object.fromEntries(raw)));
  });
}

function optionOf({ name, short, shape, fallback, meaning, group }: FlagRow): Option {
  const value = shape === "flag" ? "[true|false]" : `<${shape}>`;
  const flags = short === undefined ? `--${name} ${value}` : `-${short}, --${name} ${value}`;
  const described = fallback === "" ? meaning : `${meaning} (default ${fallback})`;
  const heading = group === "own" ? "operator" : group;
  return new Option(flags, described).helpGroup(`${heading[0]?.toUpperCase()}${heading.slice(1)}:`);
}

/** A long flag on its line, and what it means beneath: names of fifty letters leave no room beside them. */
function onTwoLines(flag: string, _: number, meaning: string, helper: Help): string {
  const beneath = helper.boxWrap(meaning, HELP_WIDTH - 6).replace(/^/gm, "      ");
  return `  ${flag}\n${beneath}`;
}

type DemoFlags = Readonly<{ speed: number; for?: Millis; seed: number; output: DemoOptions["format"] }>;

function addDemo(program: Command, commands: Commands, answer: (code: number) => void): void {
  program
    .command("demo")
    .summary("the operator over a simulated cluster, in your terminal; needs no cluster")
    .description(
      "Runs the operator over a simulated cluster of some thirty workloads, sixty times as fast as life.\n" +
        "On a terminal it shows a live table; elsewhere a line for each change. ctrl-c ends it.",
    )
    .addOption(
      new Option("--speed <number>", "simulated seconds in a real one").argParser(speedOf).default(60),
    )
    .addOption(
      new Option("--for <duration>", "end after so much simulated time, such as 30m").argParser(durationOf),
    )
    .addOption(new Option("--seed <number>", "another number, another morning").argParser(seedOf).default(1))
    .addOption(
      new Option("-o, --output <format>", "json prints every decision as a line")
        .choices(["table", "json"])
        .default("table"),
    )
    .action(async (flags: DemoFlags) => {
      const { speed, seed, output: format } = flags;
      answer(await commands.runDemoCommand({ speed, seed, format, length: flags.for }));
    });
}

const SPEED_MAX = 100_000;

function speedOf(text: string): number {
  const speed = Number(text);
  if (speed > 0 && speed <= SPEED_MAX) return speed;
  throw new InvalidArgumentError(`Write a number above 0, at most ${SPEED_MAX}.`);
}
