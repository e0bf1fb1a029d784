/**
 * What a request means to RBAC, read as kube-apiserver reads it: a resource below `/apis/G/V/`, or a path.
 *
 *   GET  /apis/G/V/pods                       list pods
 *   GET  /apis/G/V/pods?watch=1               watch pods
 *   GET  /apis/G/V/watch/pods                 watch pods
 *   GET  /apis/G/V/namespaces/ns/pods/web-1   get pods web-1 in ns
 *   POST /apis/G/V/namespaces/ns/pods         create pods in ns
 *   DELETE /apis/G/V/nodes                    deletecollection nodes
 *   GET  /apis, /apis/G, /apis/G/V, /metrics  get the path
 *
 * Invariant: what is asked about is at least what is done: a path that is served as a resource is never
 * asked about as a mere path.
 */
import { isWatch } from "../list-options.ts";
import { partsOf } from "../request-path.ts";
import type { AccessAttributes } from "./port.ts";

const VERBS: Readonly<Record<string, string>> = {
  POST: "create",
  GET: "get",
  HEAD: "get",
  PUT: "update",
  PATCH: "patch",
  DELETE: "delete",
};

export function attributesOf(method: string, { pathname, searchParams }: URL): AccessAttributes {
  const single = VERBS[method] ?? method.toLowerCase();
  const [apis, group, version, ...rest] = partsOf(pathname) ?? [];
  if (apis !== "apis" || group === undefined || version === undefined || rest.length === 0)
    return { kind: "path", verb: method.toLowerCase(), path: pathname };
  if (rest[0] === "watch" && rest.length > 1)
    return { kind: "resource", verb: "watch", group, version, ...placeOf(rest.slice(1)) };
  const place = placeOf(rest);
  const verb = place.name === "" ? verbOfList(single, searchParams) : single;
  return { kind: "resource", verb, group, version, ...place };
}

function verbOfList(single: string, query: URLSearchParams): string {
  if (single === "get") return isWatch(query) ? "watch" : "list";
  return single === "delete" ? "deletecollection" : single;
}

type Place = Readonly<{ namespace: string; resource: string; name: string; subresource: string }>;

/** `namespaces/ns` alone is the namespace itself. */
function placeOf(parts: readonly string[]): Place {
  const isInside = parts[0] === "namespaces" && parts.length > 2;
  const namespace = parts[0] === "namespaces" ? (parts[1] ?? "") : "";
  const [resource = "", name = "", subresource = ""] = isInside ? parts.slice(2) : parts;
  return { namespace, resource, name, subresource };
}
