/**
 * Progress of long work, on standard error: one line that is written over on a terminal, elsewhere a line now
 * and then.
 *
 * Invariant: standard output holds the report and nothing else.
 */
import type { Clock } from "../../base/clock.ts";
import { elapsed, minutes, type MonoMillis } from "../../base/units.ts";

export type Progress = Readonly<{
  show(text: string): void;
  /** Leaves the line clean. */
  end(): void;
}>;

const QUIET_FOR = minutes(1);

export function createProgress(
  stderr: Readonly<{ isTTY?: boolean; write(text: string): unknown }>,
  clock: Pick<Clock, "mono">,
): Progress {
  let shown = false;
  let said: MonoMillis | undefined;
  return {
    show(text) {
      if (stderr.isTTY === true) {
        stderr.write(`\r\x1b[K${text}`);
        shown = true;
        return;
      }
      const now = clock.mono();
      if (said !== undefined && elapsed(said, now) < QUIET_FOR) return;
      said = now;
      stderr.write(`${text}\n`);
    },
    end() {
      if (shown) stderr.write("\r\x1b[K");
      shown = false;
    },
  };
}
