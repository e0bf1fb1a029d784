/**
 * What a client can read, of what is offered: JSON, JSON as a Table, and metadata alone. Protobuf is never
 * claimed; clients that prefer it name JSON, or anything, behind it.
 *
 *   application/vnd.kubernetes.protobuf,application/json                       → object
 *   application/json;as=Table;g=meta.k8s.io;v=v1,application/json              → table
 *   application/json;as=Table;g=meta.k8s.io;v=v1beta1,application/json         → object
 *   application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1           → metadata
 *   text/html, anything with q=0.8; no header at all                           → object
 *   application/yaml                                                           → none, which is 406
 *
 * Invariant: of several that fit, the first in the client's order (by `q`, then as written) is taken.
 */

export type Representation = "object" | "table" | "metadata";
export const OFFERED: readonly string[] = ["application/json"];

type Wish = Readonly<{ type: string; parameters: Readonly<Record<string, string>>; weight: number }>;

const READS_JSON: readonly string[] = ["application/json", "application/*", "*/*"];
const TRANSFORMED: Readonly<Record<string, Representation>> = {
  Table: "table",
  PartialObjectMetadata: "metadata",
  PartialObjectMetadataList: "metadata",
};

/** undefined when nothing fits. */
export function representationFor(accept: string | undefined): Representation | undefined {
  for (const { type, parameters, weight } of wishesIn(accept || "*/*")) {
    if (weight === 0 || !READS_JSON.includes(type)) continue;
    const { as, g, v } = parameters;
    if (as === undefined) return "object";
    if (g === "meta.k8s.io" && v === "v1" && Object.hasOwn(TRANSFORMED, as)) return TRANSFORMED[as];
  }
  return undefined;
}

export const DISCOVERY_TYPE = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/** The form of `/apis`: the aggregated one when it is asked for before the plain one; undefined is 406. */
export function discoveryFor(accept: string | undefined): "aggregated" | "plain" | undefined {
  for (const { type, parameters, weight } of wishesIn(accept || "*/*")) {
    if (weight === 0 || !READS_JSON.includes(type)) continue;
    const { as, g, v } = parameters;
    if (as === undefined) return "plain";
    if (as === "APIGroupDiscoveryList" && g === "apidiscovery.k8s.io" && v === "v2") return "aggregated";
  }
  return undefined;
}

function wishesIn(accept: string): readonly Wish[] {
  return accept
    .split(",")
    .map((part) => wishOf(part.split(";").map((piece) => piece.trim())))
    .toSorted((one, other) => other.weight - one.weight);
}

function wishOf([type = "", ...pieces]: readonly string[]): Wish {
  const parameters = Object.fromEntries(
    pieces.map((piece) => [piece.split("=")[0] ?? "", piece.split("=")[1] ?? ""]),
  );
  const weight = Number(parameters["q"] ?? 1);
  return { type: type.toLowerCase(), parameters, weight: Number.isNaN(weight) ? 1 : weight };
}
