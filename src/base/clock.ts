/**
 * The two clocks as a port. Wall time is shown and compared with the API's stamps; monotonic time measures.
 * Nothing outside `real/` and `sim/` knows how time passes.
 */
import type { EpochMillis, Millis, MonoMillis } from "./units.ts";

export interface Clock {
  wall(): EpochMillis;
  mono(): MonoMillis;
  /**
   * Resolves after `duration` on the monotonic clock, or at once when `signal` aborts. Never rejects. A sleep of 0 lets
   * other work go first.
   */
  sleep(duration: Millis, signal: AbortSignal): Promise<void>;
}
