/**
 * Quantities as fields of a policy: a text or a whole number, of a form and size in which both the API
 * server and this process compute quickly and exactly.
 */
import { z } from "zod";
import { parseQuantity, type Quantity } from "../base/quantity.ts";
import { must } from "../base/assert.ts";
import { type Rule, ruled } from "./rules.ts";

export type QuantityText = string | number;

/**
 * What people write. The API server's own parser also reads `Ki` and `.` as 0, and exponents of any size,
 * with which it computes for minutes; a policy needs neither.
 */
const FORM = /^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]{1,2})?$/;
const TEXT_LENGTH_MAX = 32;

/** Whether a value has that form: `self` or, at a rule of its parent, the CEL expression of the field. */
export const isWellFormed = (value: QuantityText): boolean => FORM.test(`${value}`);
export const wellFormed = (cel: string): string => `string(${cel}).matches(r'${FORM.source}')`;

/** A quantity that satisfies `bounds` besides having a proper form. */
export function quantityField(example: string, bounds: readonly Rule<Quantity>[]) {
  const wanted = `write a quantity such as ${example}`;
  const text = z
    .union([z.int(), z.string().max(TEXT_LENGTH_MAX)], {
      error: `must be a text of at most ${TEXT_LENGTH_MAX} characters or a whole number: ${wanted}`,
    })
    .meta({ "x-kubernetes-int-or-string": true, maxLength: TEXT_LENGTH_MAX });
  const form: Rule<QuantityText> = {
    cel: wellFormed("self"),
    message: `must be a quantity: ${wanted}`,
    holds: isWellFormed,
  };
  return ruled(text, [form, ...bounds.map(onWellFormed)]);
}

/** `self` in the CEL of a bound. */
export const SELF = "quantity(string(self))";

/** The quantity of a field that has passed its form. */
export function quantityOf(text: QuantityText): Quantity {
  const parsed = parseQuantity(`${text}`);
  return must(parsed.kind === "quantity" ? parsed.quantity : undefined, `a checked quantity, got ${text}`);
}

/** A bound of a text without the proper form holds: that one has been complained about already. */
const onWellFormed = ({ cel, message, holds }: Rule<Quantity>): Rule<QuantityText> => ({
  cel: `!${wellFormed("self")} || ${cel}`,
  message,
  holds: (value) => !isWellFormed(value) || holds?.(quantityOf(value)) !== false,
});
