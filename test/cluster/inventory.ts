/**
 * All that is in a cluster, by name, and what was deleted since a moment, in order: for tests that something leaves nothing.
 */
import { succeed } from "../control-plane/api-request.ts";
import type { ControlPlane } from "./control-plane.ts";

type ResourceList = { resources: { name: string; kind: string; namespaced: boolean; verbs: string[] }[] };
type Groups = { groups: { preferredVersion: { groupVersion: string } }[] };
type Named = { metadata: { name: string; namespace?: string; resourceVersion: string } };

/** They tell of the past and go by themselves. */
const PASSING = ["events", "componentstatuses"];
/** Nodes and API servers say there that they are alive. */
const ALIVE = ["kube-node-lease", "kube-system"];

/** `Kind namespace/name` of every object of every kind that can be listed. */
export async function inventory(plane: ControlPlane): Promise<ReadonlySet<string>> {
  const { groups } = (await succeed(plane.request, "GET", "/apis")) as Groups;
  const bases = groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`);
  const names: string[] = [];
  for (const base of ["/api/v1", ...bases])
    for (const { name, kind } of await listable(plane, base)) {
      const { items = [] } = (await plane.request("GET", `${base}/${name}`)).body as { items?: Named[] };
      const lasting = items.filter(({ metadata }) => !saysAlive(kind, metadata));
      names.push(...lasting.map(({ metadata }) => `${kind} ${metadata.namespace ?? ""}/${metadata.name}`));
    }
  return new Set(names);
}

/** Of an API that is announced and does not answer nothing can be said. */
async function listable({ request }: ControlPlane, base: string): Promise<ResourceList["resources"]> {
  const { resources = [] } = (await request("GET", base)).body as Partial<ResourceList>;
  return resources.filter(
    ({ name, verbs }) => !name.includes("/") && !PASSING.includes(name) && verbs.includes("list"),
  );
}

const saysAlive = (kind: string, { namespace = "" }: Named["metadata"]): boolean =>
  kind === "Lease" && ALIVE.includes(namespace);

/** A version of the whole store, after which to look for changes. */
export async function versionNow({ request }: ControlPlane): Promise<string> {
  const list = (await succeed(request, "GET", "/api/v1/namespaces?limit=1")) as {
    metadata: { resourceVersion: string };
  };
  return list.metadata.resourceVersion;
}

/** By name, the store's revision at each deletion; revisions of all kinds are in one order. */
export async function deletedSince(
  { request }: ControlPlane,
  path: string,
  resourceVersion: string,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const query = `watch=true&resourceVersion=${resourceVersion}&timeoutSeconds=1`;
  const { body } = await request("GET", `${path}?${query}`);
  const lines =
    typeof body === "string" ? body.split("\n").filter((line) => line !== "") : [JSON.stringify(body)];
  const deleted = new Map<string, number[]>();
  for (const line of lines) {
    const { type, object } = JSON.parse(line) as { type: string; object: Named };
    if (type === "ERROR") throw new Error(`${path}: ${line}`);
    if (type !== "DELETED") continue;
    const { name, resourceVersion: revision } = object.metadata;
    deleted.set(name, [...(deleted.get(name) ?? []), Number(revision)]);
  }
  return deleted;
}
