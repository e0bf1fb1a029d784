/**
 * What `kubectl explain` prints, and what clients are generated from: the table of resources as OpenAPI,
 * one document for each version (3.0), and one for all of them (2.0, which kube-apiserver merges with its
 * own).
 *
 * Invariant: every schema that a path names is in the document, and carries its group, version and kind.
 */
import type { ApiGroup, ApiResource } from "./resource.ts";

type Json = Readonly<Record<string, unknown>>;
type Dialect = "2.0" | "3.0";
type Place = Readonly<{ group: ApiGroup; version: string; resource: ApiResource; dialect: Dialect }>;

export type About = Readonly<{ title: string; version: string }>;

/** GET /openapi/v3/apis/G/V */
export function openApiV3(group: ApiGroup, version: string, info: About): Json {
  const places = placesOf(group, { versions: [version], dialect: "3.0" });
  return { openapi: "3.0.0", info, paths: pathsOf(places), components: { schemas: schemasOf(places) } };
}

/** GET /openapi/v2 */
export function openApiV2(groups: readonly ApiGroup[], info: About): Json {
  const places = groups.flatMap((group) => placesOf(group, { versions: group.versions, dialect: "2.0" }));
  return { swagger: "2.0", info, paths: pathsOf(places), definitions: schemasOf(places) };
}

function placesOf(
  group: ApiGroup,
  { versions, dialect }: Readonly<{ versions: readonly string[]; dialect: Dialect }>,
): readonly Place[] {
  return versions.flatMap((version) =>
    group.resources.map((resource) => ({ group, version, resource, dialect })),
  );
}

function schemasOf(places: readonly Place[]): Json {
  return Object.fromEntries(
    places.flatMap((place) => [
      [schemaName(place, ""), objectSchema(place)],
      [schemaName(place, "List"), listSchema(place)],
    ]),
  );
}

/** As Go's packages are named: `io.k8s.metrics.pkg.apis.metrics.v1.PodMetrics`. */
const schemaName = ({ group, version, resource: { kind } }: Place, suffix: "" | "List"): string =>
  `${group.schemaPrefix}.${version}.${kind}${suffix}`;

const versioned: Json = {
  apiVersion: { type: "string", description: "The version of this representation." },
  kind: { type: "string", description: "What this object is." },
};
const metadata: Json = {
  type: "object",
  description: "Name, namespace and labels are those of the object that was measured.",
};

function objectSchema(place: Place): Json {
  const { description, properties } = place.resource;
  return {
    type: "object",
    description,
    properties: { ...versioned, metadata, ...properties },
    "x-kubernetes-group-version-kind": [kindOf(place)],
  };
}

function listSchema(place: Place): Json {
  const { resource } = place;
  const items = {
    type: "array",
    description: `What was measured, by namespace and name.`,
    items: refTo(place, ""),
  };
  const { kind, ...rest } = kindOf(place);
  return {
    type: "object",
    description: `${resource.kind}List is a list of ${resource.kind}.`,
    required: ["items"],
    properties: { ...versioned, metadata: { type: "object", description: "Always empty." }, items },
    "x-kubernetes-group-version-kind": [{ ...rest, kind: `${kind}List` }],
  };
}

const kindOf = ({ group, version, resource }: Place) => ({ group: group.name, version, kind: resource.kind });

const refTo = (place: Place, suffix: "" | "List"): Json => ({
  $ref: `#/${place.dialect === "2.0" ? "definitions" : "components/schemas"}/${schemaName(place, suffix)}`,
});

function pathsOf(places: readonly Place[]): Json {
  return Object.fromEntries(
    places.flatMap((place) => {
      const { group, version, resource } = place;
      const root = `/apis/${group.name}/${version}`;
      const everywhere: [string, Json] = [`${root}/${resource.plural}`, listPath(place, [])];
      if (!resource.namespaced)
        return [everywhere, [`${root}/${resource.plural}/{name}`, getPath(place, ["name"])]];
      const inside = `${root}/namespaces/{namespace}/${resource.plural}`;
      return [
        everywhere,
        [inside, listPath(place, ["namespace"])],
        [`${inside}/{name}`, getPath(place, ["namespace", "name"])],
      ];
    }),
  );
}

function listPath(place: Place, parameters: readonly string[]): Json {
  const selectors = ["labelSelector", "fieldSelector"].map((name) => parameter(name, { in: "query", place }));
  return operation(place, { action: "list", parameters, suffix: "List", more: selectors });
}

const getPath = (place: Place, parameters: readonly string[]): Json =>
  operation(place, { action: "get", parameters, suffix: "", more: [] });

type Operation = Readonly<{
  action: "get" | "list";
  /** Names in the path. */
  parameters: readonly string[];
  suffix: "" | "List";
  more: readonly Json[];
}>;

function operation(place: Place, { action, parameters, suffix, more }: Operation): Json {
  const schema = refTo(place, suffix);
  const { kind } = place.resource;
  const answer = place.dialect === "2.0" ? { schema } : { content: { "application/json": { schema } } };
  const scope = parameters.includes("namespace") ? "Namespaced" : "";
  return {
    get: {
      description: action === "get" ? `read one ${kind}` : `list objects of kind ${kind}`,
      operationId: `${action}${place.version}${scope}${kind}`,
      ...(place.dialect === "2.0" && { produces: ["application/json"], schemes: ["https"] }),
      responses: { "200": { description: "OK", ...answer } },
      "x-kubernetes-action": action,
      "x-kubernetes-group-version-kind": kindOf(place),
    },
    parameters: [...parameters.map((name) => parameter(name, { in: "path", place })), ...more],
  };
}

function parameter(name: string, where: Readonly<{ in: "path" | "query"; place: Place }>): Json {
  const type = { type: "string" };
  return {
    name,
    in: where.in,
    ...(where.in === "path" && { required: true }),
    ...(where.place.dialect === "2.0" ? type : { schema: type }),
  };
}
