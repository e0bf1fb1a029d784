/**
 * `plimsoll demo` on this process: its standard streams and its signals.
 *
 * Invariant: an interrupt is a good end.
 */
import type { DemoOptions } from "./demo.ts";
import { runDemo } from "./demo.ts";
import { createOutput } from "./output.ts";
import { EXIT } from "./program.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export async function runDemoCommand(options: DemoOptions): Promise<number> {
  const stop = new AbortController();
  const interrupt = (): void => stop.abort();
  for (const signal of SIGNALS) process.on(signal, interrupt);
  const output = createOutput(process.stdout, process.stderr);
  try {
    await runDemo(options, output, stop.signal);
    return EXIT.fine;
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupt);
    output.flush();
  }
}
