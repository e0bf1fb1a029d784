/**
 * The opening of commands that run for minutes on a control plane of their own: `--minutes N`, and the binaries. What is
 * missing ends the command with exit code 2 and says why.
 */
import { cpus, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { findControlPlane } from "./build.ts";
import { startControlPlane } from "./start.ts";

export type Opening = Readonly<{
  minutes: number;
  plane: Awaited<ReturnType<typeof startControlPlane>>;
  /** The day, the length and the machine: the head of a table. */
  head: string;
}>;

export async function openForMinutes({
  usual,
  least,
}: Readonly<{ usual: number; least: number }>): Promise<Opening> {
  const { values } = parseArgs({ options: { minutes: { type: "string", default: String(usual) } } });
  const minutes = Number(values.minutes);
  if (!(minutes >= least)) giveUp(`--minutes takes a number from ${least}`);
  const found = await findControlPlane();
  if (found.kind === "missing") return giveUp(found.reason);
  const machine = `${cpus().length} cores, ${Math.round(totalmem() / 1024 ** 3)} GiB, Node ${process.version}`;
  const head = `${new Date().toISOString().slice(0, 10)}, ${minutes} minutes, ${machine}`;
  return { minutes, plane: await startControlPlane(found.binaries), head };
}

function giveUp(reason: string): never {
  console.error(reason);
  process.exit(2);
}
