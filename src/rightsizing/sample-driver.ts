/**
 * Looking at usage again and again for a while.
 *
 * Invariant: it ends at the end of its time, or at once when it is told to, and what was seen until then
 * counts. One look that fails is a gap; the first one has to succeed.
 */
import type { Clock } from "../base/clock.ts";
import type { Failure } from "../base/outcome.ts";
import { elapsed, type Millis, millis } from "../base/units.ts";
import type { UsageCollector } from "./evidence/collector.ts";
import type { UsageNow } from "./port.ts";

export type Sampling = Readonly<{
  namespace: string | undefined;
  /** 0: one look. */
  length: Millis;
  /** Between two looks. */
  every: Millis;
  /** Called after each look. */
  progress(state: Readonly<{ elapsed: Millis; looks: number; failed: number }>): void;
}>;

/** Answers why there is nothing, or how many of its looks failed. */
export async function runSampling(
  { clock, usage, collector }: Readonly<{ clock: Clock; usage: UsageNow; collector: UsageCollector }>,
  { namespace, length, every, progress }: Sampling,
  signal: AbortSignal,
): Promise<Failure | Readonly<{ kind: "sampled"; looks: number; failed: number }>> {
  const start = clock.mono();
  let [looks, failed] = [0, 0];
  for (;;) {
    const outcome = await usage.look(namespace, signal);
    if (outcome.kind === "read")
      for (const { place, reading } of outcome.value) collector.add(place, reading, looks);
    else if (looks === 0) return outcome;
    else failed++;
    looks++;
    const passed = elapsed(start, clock.mono());
    progress({ elapsed: passed, looks, failed });
    if (passed + every > length) return { kind: "sampled", looks, failed };
    await clock.sleep(millis(Math.max(0, looks * every - passed)), signal);
    if (signal.aborted) return { kind: "sampled", looks, failed };
  }
}
