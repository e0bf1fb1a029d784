/**
 * What `plimsoll simulate` takes.
 */
import { type Command, InvalidArgumentError, Option } from "commander";
import { readAmount } from "../../base/quantity.ts";
import { type Millis, milliUnits, type MilliUnits, seconds } from "../../base/units.ts";
import { durationOf, seedOf } from "../arguments.ts";
import { filename } from "../manifests/options.ts";
import type { SimulateFlags } from "./command.ts";

type Given = Readonly<{
  filename: readonly string[];
  load?: string;
  trace?: string;
  peak?: number;
  for?: Millis;
  cpu: MilliUnits;
  memory: MilliUnits;
  cpuLimit?: MilliUnits;
  replicas?: number;
  start: Millis;
  seed: number;
  output: SimulateFlags["output"];
}>;

const HALF_A_CORE = milliUnits(500);
const QUARTER_GIBI = milliUnits(256 * 1024 ** 2 * 1000);

export function addSimulate(program: Command, run: (flags: SimulateFlags) => Promise<void>): void {
  program
    .command("simulate")
    .summary("what a policy would do under a load, in a simulated cluster")
    .description(
      "Runs each ScalePolicy of the files by itself over the same load, with the operator's own code, and\n" +
        "prints what it costs and where it falls short. A workload among them says what a pod requests.\n" +
        "  plimsoll simulate -f web.yaml --load 'daily low=500m high=6'\n" +
        "  plimsoll simulate -f web.yaml --trace requests.csv --peak 8",
    )
    .addOption(filename())
    .addOption(
      new Option(
        "--load <shape>",
        "all pods' load in cores: steady 2 | daily low=1 high=4 | '0s: 1 30m: 4' | …",
      ),
    )
    .addOption(new Option("--trace <file>", "rows of seconds and cores, straight lines between them"))
    .addOption(
      new Option("--peak <cores>", "scale the trace so that its highest point is this").argParser(coresOf),
    )
    .addOption(
      new Option("--for <duration>", "how long; by default the trace's length, or 24h").argParser(durationOf),
    )
    .addOption(
      new Option("--cpu <quantity>", "request of a pod").argParser(amountOf).default(HALF_A_CORE, "500m"),
    )
    .addOption(
      new Option("--memory <quantity>", "request of a pod")
        .argParser(amountOf)
        .default(QUARTER_GIBI, "256Mi"),
    )
    .addOption(new Option("--cpu-limit <quantity>", "limit of a pod; by default none").argParser(amountOf))
    .addOption(new Option("--replicas <number>", "at the start; by default minReplicas").argParser(countOf))
    .addOption(
      new Option("--start <duration>", "from a new pod to a ready one")
        .argParser(durationOf)
        .default(seconds(10), "10s"),
    )
    .addOption(new Option("--seed <number>", "another number, another chance").argParser(seedOf).default(1))
    .addOption(
      new Option("-o, --output <format>", "how to print").choices(["table", "json"]).default("table"),
    )
    .action((given: Given) => run(flagsOf(given)));
}

function flagsOf({
  cpu,
  memory,
  cpuLimit,
  start,
  for: length,
  load,
  trace,
  peak,
  replicas,
  ...same
}: Given): SimulateFlags {
  return {
    ...same,
    load,
    trace,
    peak,
    length,
    replicas,
    startup: start,
    requests: { cpu, memory },
    limits: cpuLimit === undefined ? {} : { cpu: cpuLimit },
  };
}

function amountOf(text: string): MilliUnits {
  const amount = readAmount(text);
  if (amount !== undefined && amount > 0) return amount;
  throw new InvalidArgumentError("Write an amount such as 500m, 2 or 512Mi.");
}

function coresOf(text: string): number {
  return amountOf(text) / 1000;
}

function countOf(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Write a whole number of pods.");
}
