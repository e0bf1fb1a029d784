/**
 * How requests may be applied, as far as that works.
 *
 * Invariant: a mode that is not open, and every field that only applying reads, is refused by the CRD and by
 * this process alike; opening a mode is a change of this one list.
 */
import type { Rule } from "../rules.ts";
import type { ApplyMode } from "./spec.ts";

const WRITING: readonly ApplyMode[] = ["InPlace", "Template"];

const NOT_YET = WRITING.join(", ");

export const OPEN_APPLY_MODES: readonly ApplyMode[] = ["Off"];

const appliesAnything = WRITING.some((mode) => OPEN_APPLY_MODES.includes(mode));

export const APPLY_MODE_MESSAGE = appliesAnything
  ? `must be one of ${OPEN_APPLY_MODES.join(", ")}`
  : `must be "Off": requests are recommended; applying them (${NOT_YET}) arrives with a later release`;

/** Refuses a field that says how requests are applied for as long as nothing applies them. */
export function forApplyingOnly<Field extends string>(
  field: Field,
): readonly Rule<Readonly<Partial<Record<Field, unknown>>>>[] {
  if (appliesAnything) return [];
  const message =
    "says how requests are applied, which arrives with a later release: leave the field out for now";
  return [{ cel: `!has(self.${field})`, field, message, holds: (value) => value[field] === undefined }];
}
