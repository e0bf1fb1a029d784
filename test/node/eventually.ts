/**
 * Waiting for a part of the node to be there.
 */
import { setTimeout as wait } from "node:timers/promises";

const READY_MILLIS = 120_000;
export const POLL_MILLIS = 100;

export async function eventually(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + READY_MILLIS;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`${what}: not there within ${READY_MILLIS / 1000} s`);
    await wait(POLL_MILLIS);
  }
}
