/**
 * A process that does nothing, beside the one that is looked at: how late its event loop is tells what the machine takes
 * away from everybody. A line on stdin is answered with the 99th percentile in milliseconds since the line before.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** As the operator's own meter looks. */
const PERIOD_MILLIS = 20;

export type IdleProcess = Readonly<{ lagMillis(): Promise<number>; stop(): void }>;

export function startIdleProcess(): IdleProcess {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface(child.stdout);
  return {
    async lagMillis() {
      const answer = once(lines, "line");
      child.stdin.write("\n");
      return Number(((await answer) as [string])[0]);
    },
    stop: () => void child.stdin.end(),
  };
}

if (import.meta.main) {
  const delays = monitorEventLoopDelay({ resolution: PERIOD_MILLIS });
  delays.enable();
  createInterface({ input: process.stdin })
    .on("line", () => {
      process.stdout.write(`${delays.percentile(99) / 1e6}\n`);
      delays.reset();
    })
    .on("close", () => process.exit(0));
}
