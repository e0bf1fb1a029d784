/**
 * What others say, fit for a condition: one line, at most 300 characters, and no credential in it.
 */

const MESSAGE_LENGTH_MAX = 300;

/** Bearer and basic credentials, JSON web tokens, and a user and password inside a URL. */
const SECRETS = [
  [/\b(Bearer|Basic)\s+[\w+/=.~-]+/gi, "$1 ***"],
  [/\beyJ[\w-]+\.[\w-]+(\.[\w-]*)?/g, "***"],
  [/(\w:\/\/)[^\s/@]+@/g, "$1***@"],
] as const;

export function cleanMessage(text: string): string {
  const oneLine = text.replace(/[\p{Cc}\s]+/gu, " ").trim();
  const safe = SECRETS.reduce((rest, [pattern, cover]) => rest.replace(pattern, cover), oneLine);
  return safe.length <= MESSAGE_LENGTH_MAX ? safe : `${safe.slice(0, MESSAGE_LENGTH_MAX - 1)}…`;
}

/** An error's own words; of an error that gathers several, those of the first. */
export function wordsOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return wordsOf(error.errors[0]);
  if (error instanceof Error) return error.message === "" ? error.name : error.message;
  return String(error);
}

/** `code` of a system, TLS or undici error, looked for in its causes too; "" when there is none. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  if ("code" in error && typeof error.code === "string") return error.code;
  return codeOf(error instanceof AggregateError ? error.errors[0] : error.cause);
}
