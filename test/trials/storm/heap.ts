/** How much of its heap a process still holds once all garbage is collected. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

export const MEBI = 1024 * 1024;

/** Compiled code that is not run any more is let go after a few collections. */
const COLLECTIONS = 5;

/** In bytes. */
export function heapNow(): number {
  for (let n = 0; n < COLLECTIONS; n += 1) collect();
  return process.memoryUsage().heapUsed;
}
