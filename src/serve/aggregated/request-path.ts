/**
 * Which resource a path asks for, read as kube-apiserver reads it.
 *
 *   /apis/G/V/nodes                        all nodes
 *   /apis/G/V/nodes/n1                     one
 *   /apis/G/V/pods                         pods of all namespaces
 *   /apis/G/V/namespaces/ns/pods           of one
 *   /apis/G/V/namespaces/ns/pods/web-1     one
 *
 * Invariant: whatever does not fit the table of groups is undefined, which answers 404; a part of a path is
 * decoded once and never read as a path again.
 */
import type { ApiGroup, ApiResource } from "./resource.ts";

export type AskedResource = Readonly<{
  group: ApiGroup;
  version: string;
  resource: ApiResource;
  /** undefined: all of them, or the resource has none. */
  namespace: string | undefined;
  /** undefined: a list. */
  name: string | undefined;
}>;

export function resourceIn(path: string, groups: readonly ApiGroup[]): AskedResource | undefined {
  const parts = partsOf(path) ?? [];
  const group = groupIn(parts, groups);
  if (group === undefined) return undefined;
  const [, , version = "", ...rest] = parts;
  const inNamespace = rest[0] === "namespaces" && rest.length > 2;
  const [plural, name, ...beyond] = inNamespace ? rest.slice(2) : rest;
  const resource = group.resources.find((one) => one.plural === plural);
  if (resource === undefined || beyond.length > 0) return undefined;
  if (!isPlaceOf(resource, { inNamespace, isSingle: name !== undefined })) return undefined;
  return { group, version, resource, namespace: inNamespace ? rest[1] : undefined, name };
}

/** The group that serves the version. */
function groupIn(
  [apis, group, version = ""]: readonly string[],
  groups: readonly ApiGroup[],
): ApiGroup | undefined {
  if (apis !== "apis") return undefined;
  return groups.find(({ name, versions }) => name === group && versions.includes(version));
}

type PlaceKind = Readonly<{ inNamespace: boolean; isSingle: boolean }>;

const isPlaceOf = ({ namespaced }: ApiResource, { inNamespace, isSingle }: PlaceKind): boolean =>
  namespaced ? inNamespace || !isSingle : !inNamespace;

/** undefined when it is no well-formed path; a slash at the end does not count. */
export function partsOf(path: string): readonly string[] | undefined {
  const raw = path.replace(/^\//, "").replace(/\/$/, "").split("/");
  try {
    const parts = raw.map((part) => decodeURIComponent(part));
    return parts.every((part) => part !== "" && !part.includes("/")) ? parts : undefined;
  } catch {
    return undefined;
  }
}
