/**
 * The stabilization windows of a policy, with the operator's defaults where the spec leaves them open.
 *
 * Invariant: there is always a scale-down window; it may be 0.
 */
import { type Millis, millis } from "../base/units.ts";
import type { PlanQuestion } from "./question.ts";

type Windows = Pick<PlanQuestion, "spec" | "settings">;

export const downWindowOf = ({ spec: { behavior }, settings }: Windows): Millis =>
  behavior?.scaleDown.stabilizationWindow ?? settings.downscaleStabilization;

/** autoscaling/v2 defaults it to 0; without `behavior` there is none. */
export const upWindowOf = ({ spec: { behavior } }: Windows): Millis =>
  behavior?.scaleUp.stabilizationWindow ?? millis(0);
