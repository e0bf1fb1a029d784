/**
 * How requests may be applied.
 *
 * Invariant: the CRD and this process take the same words; a mode of the VPA that evicts pods is none of them.
 */
import type { ApplyMode } from "./spec.ts";

export const APPLY_MODES: readonly ApplyMode[] = ["Off", "InPlace", "Template"];
export const APPLY_MODE_MESSAGE = `must be one of ${APPLY_MODES.join(", ")}`;
