/**
 * Label selectors in their text form, as `kubectl -l` and `scale.status.selector` write them:
 * `app=web,tier in (a,b),!canary`.
 *
 * Invariant: a text means here what it means to the API server, or it does not parse.
 */
import type { Labels } from "./object.ts";

export type Selector = (labels: Labels) => boolean;

const NAME = "[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?";
const DOMAIN = "[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?";
const KEY = `((?:${DOMAIN}/)?${NAME})`;

const PRESENCE = new RegExp(`^(!?)\\s*${KEY}$`);
const COMPARISON = new RegExp(`^${KEY}\\s*(==|=|!=|>|<)\\s*(${NAME})?$`);
const MEMBERSHIP = new RegExp(`^${KEY}\\s+(in|notin)\\s*\\(([^()]*)\\)$`);
const VALUE = new RegExp(`^(?:${NAME})?$`);
/** Above this, Kubernetes does not read a label's value as an integer. */
const INT64_MAX = 9_223_372_036_854_775_807n;

/** The predicate; undefined when the text is no selector. The empty text selects everything. */
export function parseSelector(text: string): Selector | undefined {
  if (text.trim() === "") return () => true;
  const requirements: Selector[] = [];
  for (const part of splitOutsideParentheses(text)) {
    const requirement = parsePresence(part) ?? parseComparison(part) ?? parseMembership(part);
    if (requirement === undefined) return undefined;
    requirements.push(requirement);
  }
  return (labels) => requirements.every((holds) => holds(labels));
}

function splitOutsideParentheses(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "(") depth++;
    else if (text[at] === ")") depth--;
    else if (text[at] === "," && depth === 0) {
      parts.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  return [...parts, text.slice(start).trim()];
}

function parsePresence(part: string): Selector | undefined {
  const [, not, key] = PRESENCE.exec(part) ?? [];
  if (key === undefined) return undefined;
  return not === "!" ? (labels) => !Object.hasOwn(labels, key) : (labels) => Object.hasOwn(labels, key);
}

function parseComparison(part: string): Selector | undefined {
  const [, key, operator, value = ""] = COMPARISON.exec(part) ?? [];
  if (key === undefined) return undefined;
  if (operator === ">" || operator === "<") return parseOrder(key, operator, value);
  // An absent label differs, too.
  return operator === "!="
    ? (labels) => labelOf(labels, key) !== value
    : (labels) => labelOf(labels, key) === value;
}

function parseOrder(key: string, operator: ">" | "<", value: string): Selector | undefined {
  const bound = integerOf(value);
  if (bound === undefined) return undefined;
  return (labels) => {
    const found = integerOf(labelOf(labels, key));
    return found !== undefined && (operator === ">" ? found > bound : found < bound);
  };
}

function parseMembership(part: string): Selector | undefined {
  const [, key, operator, inside] = MEMBERSHIP.exec(part) ?? [];
  if (key === undefined || inside === undefined) return undefined;
  const values = new Set(inside.split(",").map((value) => value.trim()));
  if (![...values].every((value) => VALUE.test(value))) return undefined;
  const isMember: Selector = (labels) => {
    const value = labelOf(labels, key);
    return value !== undefined && values.has(value);
  };
  return operator === "in" ? isMember : (labels) => !isMember(labels);
}

/** Labels may be named like what every object inherits. */
const labelOf = (labels: Labels, key: string): string | undefined =>
  Object.hasOwn(labels, key) ? labels[key] : undefined;

function integerOf(value: string | undefined): bigint | undefined {
  if (value === undefined || !/^\d+$/.test(value)) return undefined;
  const integer = BigInt(value);
  return integer > INT64_MAX ? undefined : integer;
}
