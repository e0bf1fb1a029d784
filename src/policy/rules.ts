/**
 * Rules that a JSON schema cannot say, each written twice side by side: in CEL for the API server and as a
 * function for this process, with one message for both.
 *
 * Invariant: a rule's CEL and its function give the same verdict; the table of test/policy/cases.ts runs
 * through both.
 */
import { z } from "zod";

export type Rule<Value> = Readonly<{
  /** CEL over `self` (and `oldSelf` for a rule about changes). */
  cel: string;
  /** Follows the field's name: says what is wrong and what to write. */
  message: string;
  /** The field to blame, relative to `self`; otherwise `self`. */
  field?: string;
  /** The same in this process; a rule about changes has none, for only the API server sees both states. */
  holds?: (value: Value) => boolean;
}>;

/** `schema` with rules for its whole value; they run only where the value has the right shape. */
export function ruled<Schema extends z.ZodType>(
  schema: Schema,
  rules: readonly Rule<z.output<Schema>>[],
): Schema {
  return schema
    .superRefine((value, context) => {
      for (const { holds, message, field } of rules)
        if (holds?.(value) === false)
          context.addIssue({ code: "custom", message, path: field === undefined ? [] : [field] });
    })
    .meta({ "x-kubernetes-validations": rules.map(inCrd) });
}

/** A text of at most `lengthMax` characters that matches `pattern` (RE2: no look-around). */
export function textLike(pattern: RegExp, lengthMax: number, message: string): z.ZodString {
  return ruled(z.string().max(lengthMax), [
    { cel: `self.matches(r'${pattern.source}')`, message, holds: (text) => pattern.test(text) },
  ]);
}

/** One of a few words, where a stock enum message would not say why the others are not among them. */
export function wordOf<const Word extends string>(
  words: readonly Word[],
  message: string,
): z.ZodType<Word, Word> {
  const list = words.map((word) => `'${word}'`).join(", ");
  const isWord = (text: string): boolean => words.some((word) => word === text);
  const text = ruled(z.string().max(63), [{ cel: `self in [${list}]`, message, holds: isWord }]);
  // What has passed the rule is one of the words, which the type of a string cannot say.
  return text as unknown as z.ZodType<Word, Word>;
}

/**
 * A list whose entries differ by `keyOf`. The API server sees to that itself where the list's type says so
 * (`set`, or `map` by that key); this is the same for this process, at the same field.
 */
export function listedOnce<Item extends z.ZodType>(
  list: z.ZodArray<Item>,
  keyOf: (item: z.output<Item>) => string,
): z.ZodArray<Item> {
  return list.superRefine((items, context) => {
    const keys = items.map(keyOf);
    for (const [at, key] of keys.entries())
      if (keys.indexOf(key) < at)
        context.addIssue({ code: "custom", message: `must not list ${key} twice`, path: [at] });
  });
}

/**
 * A field that people will look for and that does not work yet: it is in the schema only to be refused,
 * because a field that is not there would be dropped in silence.
 */
export function refused(type: "array" | "boolean" | "integer" | "object" | "string", message: string) {
  const open = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  const shape = type === "array" ? { type, items: open } : type === "object" ? open : { type };
  return z
    .custom<undefined>(() => false, { error: message })
    .optional()
    .meta({
      ...shape,
      description: `Refused: ${message}.`,
      "x-kubernetes-validations": [{ rule: "false", message }],
    });
}

const inCrd = ({ cel, message, field }: Rule<never>): Readonly<Record<string, string>> => ({
  rule: cel,
  message,
  ...(field === undefined ? {} : { fieldPath: `.${field}` }),
});
