/**
 * Who a front proxy says is asking. Headers are read from the raw list, for Node joins repeated ones with
 * commas, and a group's name may hold a comma.
 *
 *   X-Remote-User: alice                      user alice
 *   X-Remote-Group: dev, X-Remote-Group: a,b  groups dev and "a,b"
 *   X-Remote-Extra-Acme.com%2fProject: p1     extra "acme.com/project"
 */
import type { Caller } from "./caller.ts";
import type { FrontProxyTrust } from "./port.ts";

/** Names and values in turn, as they came. */
export type RawHeaders = readonly string[];

/** undefined when no user is named. */
export function identityIn(headers: RawHeaders, trust: FrontProxyTrust): Caller | undefined {
  const first = (names: readonly string[]): string | undefined =>
    names.flatMap((name) => valuesOf(headers, name)).find((value) => value !== "");
  const user = first(trust.usernameHeaders);
  if (user === undefined) return undefined;
  return {
    user,
    uid: first(trust.uidHeaders),
    groups: trust.groupHeaders.flatMap((name) => valuesOf(headers, name)),
    extra: extrasIn(headers, trust.extraHeaderPrefixes),
  };
}

/** The values of one header, in their order. */
export function valuesOf(headers: RawHeaders, name: string): readonly string[] {
  const wanted = name.toLowerCase();
  return entriesOf(headers).flatMap(([key, value]) => (key === wanted ? [value] : []));
}

function extrasIn(headers: RawHeaders, prefixes: readonly string[]): Caller["extra"] {
  const extras = new Map<string, string[]>();
  for (const [key, value] of entriesOf(headers)) {
    const prefix = prefixes.find((one) => one !== "" && key.startsWith(one.toLowerCase()));
    if (prefix === undefined) continue;
    const name = decoded(key.slice(prefix.length)).toLowerCase();
    extras.set(name, [...(extras.get(name) ?? []), value]);
  }
  return Object.fromEntries(extras);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function entriesOf(headers: RawHeaders): readonly (readonly [name: string, value: string])[] {
  return headers.flatMap((name, at) =>
    at % 2 === 0 ? [[name.toLowerCase(), headers[at + 1] ?? ""] as const] : [],
  );
}

/**
 * Whether `Connection` names a header that says who is asking: a proxy on the way would have taken that
 * header away, and with it a part of the identity (a group that is denied something, say).
 */
export function hopByHopIdentity(headers: RawHeaders, trust: FrontProxyTrust): boolean {
  const names = [...trust.usernameHeaders, ...trust.groupHeaders, ...trust.uidHeaders, "authorization"];
  const prefixes = trust.extraHeaderPrefixes.filter((prefix) => prefix !== "");
  return valuesOf(headers, "connection")
    .flatMap((value) => value.split(","))
    .map((option) => option.trim().toLowerCase())
    .some(
      (option) =>
        names.some((name) => name.toLowerCase() === option) ||
        prefixes.some((prefix) => option.startsWith(prefix.toLowerCase())),
    );
}
