/**
 * What an aggregated API consists of: groups, their versions, and the resources in them. Discovery, OpenAPI
 * and the reading of paths all come from these rows.
 *
 * Invariant: every resource here is read only; nothing of it can be watched.
 */

export type ApiResource = Readonly<{
  plural: string;
  /** Of one object; lists are `<kind>List`. */
  kind: string;
  namespaced: boolean;
  verbs: readonly ("get" | "list")[];
  /** The OpenAPI v3 schema of one object, without apiVersion, kind and metadata. */
  properties: Readonly<Record<string, unknown>>;
  /** For `kubectl explain`. */
  description: string;
}>;

export type ApiGroup = Readonly<{
  name: string;
  /** In the order of preference. */
  versions: readonly [string, ...string[]];
  /** Before `.<version>.<Kind>` in the names of OpenAPI schemas. */
  schemaPrefix: string;
  resources: readonly ApiResource[];
}>;
