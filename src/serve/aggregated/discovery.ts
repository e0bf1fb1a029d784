/**
 * The documents by which clients find an aggregated API: the plain ones since 1.0, and the aggregated one.
 *
 * Invariant: discovery is made of the table of resources alone, so that it answers whatever else is
 * missing: an API whose discovery fails keeps namespaces from being deleted.
 */
import type { ApiGroup, ApiResource } from "./resource.ts";

type Json = Readonly<Record<string, unknown>>;

/** GET /apis */
export const apiGroupList = (groups: readonly ApiGroup[]): Json => ({
  kind: "APIGroupList",
  apiVersion: "v1",
  groups: groups.map(groupEntry),
});

/** GET /apis/G */
export const apiGroup = (group: ApiGroup): Json => ({
  kind: "APIGroup",
  apiVersion: "v1",
  ...groupEntry(group),
});

/** GET /apis/G/V */
export const apiResourceList = ({ name, resources }: ApiGroup, version: string): Json => ({
  kind: "APIResourceList",
  apiVersion: "v1",
  groupVersion: `${name}/${version}`,
  resources: resources.map(({ plural, kind, namespaced, verbs }) => ({
    name: plural,
    singularName: "",
    namespaced,
    kind,
    verbs,
  })),
});

/** GET /apis as `g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList` */
export const apiGroupDiscoveryList = (groups: readonly ApiGroup[]): Json => ({
  kind: "APIGroupDiscoveryList",
  apiVersion: "apidiscovery.k8s.io/v2",
  metadata: {},
  items: groups.map(({ name, versions, resources }) => ({
    metadata: { name, creationTimestamp: null },
    versions: versions.map((version) => ({
      version,
      resources: resources.map((resource) => discoveryEntry(resource, { group: name, version })),
      freshness: "Current",
    })),
  })),
});

function groupEntry({ name, versions }: ApiGroup): Json {
  const entries = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: entries, preferredVersion: entries[0] };
}

function discoveryEntry(
  { plural, kind, namespaced, verbs }: ApiResource,
  { group, version }: Readonly<{ group: string; version: string }>,
): Json {
  return {
    resource: plural,
    responseKind: { group, version, kind },
    scope: namespaced ? "Namespaced" : "Cluster",
    singularResource: "",
    verbs,
  };
}
