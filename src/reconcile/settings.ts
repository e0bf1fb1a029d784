/**
 * What the operator was told on its command line, as far as deciding is concerned.
 */
import type { Millis } from "../base/units.ts";
import type { Brakes } from "../coordinate/question.ts";
import type { HorizontalSettings } from "../horizontal/question.ts";
import type { VerticalSettings } from "../vertical/question.ts";

export type DecisionSettings = Readonly<{
  horizontal: HorizontalSettings;
  vertical: VerticalSettings;
  /** `--metric-resolution`. */
  resolution: Millis;
  brakes: Brakes;
  /** Whether writes are paced over all policies (write-pace.ts). */
  paced: boolean;
}>;
