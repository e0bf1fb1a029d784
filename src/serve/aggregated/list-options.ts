/**
 * What the query of a list may say. `limit`, `continue` and `resourceVersion` are read and change nothing:
 * a list is always whole, and of this moment.
 *
 * Invariant: what cannot be read is refused, and never selects everything.
 */
import { parseSelector, type Selector } from "../../cluster/selector.ts";
import { type FieldSelector, parseFieldSelector } from "./field-selector.ts";
import { badRequest, type Refusal } from "./status-body.ts";

export type ListOptions = Readonly<{ labels: Selector; fields: FieldSelector }>;
export type ListOptionsOutcome =
  Readonly<{ kind: "options"; options: ListOptions }> | Readonly<{ kind: "refused"; refusal: Refusal }>;

/** As the API server reads a flag: it is set unless it says 0 or false. */
export const isWatch = (query: URLSearchParams): boolean => {
  const value = query.get("watch");
  return value !== null && !["0", "false"].includes(value.toLowerCase());
};

export function parseListOptions(query: URLSearchParams): ListOptionsOutcome {
  const limit = query.get("limit") ?? "";
  if (!/^[+-]?\d{0,19}$/.test(limit)) return refused(`limit: ${JSON.stringify(limit)} is not a whole number`);
  const text = query.get("labelSelector") ?? "";
  const labels = parseSelector(text);
  if (labels === undefined) return refused(`unable to parse the label selector ${JSON.stringify(text)}`);
  const fields = parseFieldSelector(query.get("fieldSelector") ?? "");
  if (fields.kind === "malformed") return refused(fields.message);
  return { kind: "options", options: { labels, fields: fields.selects } };
}

const refused = (message: string): ListOptionsOutcome => ({ kind: "refused", refusal: badRequest(message) });
