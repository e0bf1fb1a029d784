/**
 * Ends what a process group has left behind. Reads `+PID` and `-PID` lines from the group's owner; at the end of the
 * input (it ended, or was killed) kills what is still listed, and then removes the folder.
 */
import { rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";

const [folder] = process.argv.slice(2);
const listed = new Set<number>();
process.on("SIGINT", () => undefined);
process.on("SIGHUP", () => undefined);

for await (const line of createInterface({ input: process.stdin })) {
  const pid = Number(line.slice(1));
  if (line.startsWith("+")) listed.add(pid);
  else listed.delete(pid);
}
if (listed.size > 0 && folder !== undefined) {
  for (const pid of listed) kill(pid);
  await wait(500);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (trouble) {
    if ((trouble as NodeJS.ErrnoException).code !== "ESRCH") throw trouble;
  }
}
