/**
 * Reading JSON that another program wrote: every reader answers undefined (or nothing to iterate) for
 * whatever is not of the shape it asks for, and none throws.
 */
import { type EpochMillis, epochMillis } from "../../../../base/units.ts";

export type Raw = Readonly<Record<string, unknown>>;

const NOTHING: Raw = Object.freeze({});
const NONE: readonly Raw[] = Object.freeze([]);

export const isRecord = (value: unknown): value is Raw =>
  typeof value === "object" && value !== null && !Array.isArray(value);
/** The object, or one without fields. */
export const record = (value: unknown): Raw => (isRecord(value) ? value : NOTHING);
/** The objects of a list; what is in it beside objects is left out. */
export const records = (value: unknown): readonly Raw[] =>
  Array.isArray(value) ? value.filter(isRecord) : NONE;

/** A text that is not empty, because Kubernetes writes an absent one as "". */
export const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;
export const count = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;

/**
 * A time as the API server writes it. It is well-formed, or Date.parse refuses it: five times a pod, the
 * strict reading of base/rfc3339.ts would cost as much as all the rest of the trimming.
 */
export function moment(value: unknown): EpochMillis | undefined {
  const at = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : epochMillis(at);
}
