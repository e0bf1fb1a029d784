/**
 * `plimsoll report` on this process: its streams, its environment, and its signals.
 *
 * Invariant: an interrupt ends the sampling, and the report of what was seen until then is printed.
 */
import { createOutput } from "../output.ts";
import { runReport } from "./command.ts";
import type { ReportOptions } from "./options.ts";

export async function runReportCommand(options: ReportOptions): Promise<number> {
  const stop = new AbortController();
  const interrupt = (): void => stop.abort();
  process.once("SIGINT", interrupt);
  const output = createOutput(process.stdout, process.stderr);
  try {
    return await runReport({
      options,
      environment: process.env,
      output,
      stderr: process.stderr,
      signal: stop.signal,
    });
  } finally {
    process.off("SIGINT", interrupt);
    output.flush();
  }
}
