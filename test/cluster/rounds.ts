/**
 * Waiting for what an operator has done instead of for time to pass: its own counters.
 */
import { eventually } from "./fault-proxy/world.ts";
import type { OperatorProcess } from "./operator-process.ts";

/** The sum over all series of that beginning, such as `plimsoll_decisions_total` or one with labels; 0 when there is none. */
export async function counterOf({ get }: Pick<OperatorProcess, "get">, series: string): Promise<number> {
  const { text } = await get("/metrics");
  const lines = text.split("\n").filter((line) => line.startsWith(series));
  return lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

/** Until an operator has decided so many times more, about all its policies together. */
export async function decisions(operator: OperatorProcess, count: number): Promise<void> {
  const made = (): Promise<number> => counterOf(operator, "plimsoll_decisions_total");
  const before = await made();
  await eventually(`${count} more decisions`, async () => (await made()) - before >= count);
}
