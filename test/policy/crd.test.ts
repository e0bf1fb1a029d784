import { describe, expect, test } from "vitest";
import { scalePolicyCrd } from "../../src/policy/crd.ts";

type Node = Readonly<Record<string, unknown>>;
type Found = Readonly<{ at: string; node: Node }>;

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null;

/** Every schema below `node`, with the path of its field. */
function schemas(node: Node, at = ""): Found[] {
  const properties = isNode(node["properties"]) ? Object.entries(node["properties"]) : [];
  const inner = properties.flatMap(([name, child]) => (isNode(child) ? schemas(child, `${at}.${name}`) : []));
  const items = isNode(node["items"]) ? schemas(node["items"], `${at}[]`) : [];
  return [{ at, node }, ...inner, ...items];
}

const [version] = scalePolicyCrd().spec.versions;
const all = schemas(version?.schema.openAPIV3Schema ?? {}).filter(({ at }) => /^\.(spec|status)/.test(at));
const open = (node: Node): boolean => node["x-kubernetes-preserve-unknown-fields"] === true;
/** A field that is there only to be refused. */
const refused = (node: Node): boolean =>
  JSON.stringify(node["x-kubernetes-validations"])?.includes('"false"') === true;

describe("the schema of the CRD", () => {
  test("is structural: every field has a type, and nothing stands beside it that the API server refuses", () => {
    for (const { at, node } of all) {
      if (node["x-kubernetes-int-or-string"] === true)
        expect(node, at).toMatchObject({ anyOf: [{ type: "integer" }, { type: "string" }] });
      else expect(node["type"], at).toBeTypeOf("string");
      for (const forbidden of ["additionalProperties", "$ref", "$schema", "oneOf", "allOf", "not", "const"])
        expect(node, at).not.toHaveProperty([forbidden]);
      if (node["x-kubernetes-int-or-string"] !== true) expect(node, at).not.toHaveProperty("anyOf");
    }
  });

  test("explains every field", () => {
    const silent = all.filter(
      ({ at, node }) => !at.endsWith("[]") && typeof node["description"] !== "string",
    );
    expect(silent.map(({ at }) => at)).toEqual([]);
  });

  test("bounds every list and every text, for the rules' cost and for etcd", () => {
    const boundless = all.filter(({ node }) => {
      if (open(node) || refused(node)) return false;
      if (node["type"] === "array") return node["maxItems"] === undefined;
      const text = node["type"] === "string" || node["x-kubernetes-int-or-string"] === true;
      return text && node["maxLength"] === undefined && node["enum"] === undefined;
    });
    expect(boundless.map(({ at }) => at)).toEqual([]);
  });

  test("says of every list how it is merged", () => {
    const silent = all.filter(
      ({ node }) => node["type"] === "array" && !refused(node) && !("x-kubernetes-list-type" in node),
    );
    expect(silent.map(({ at }) => at)).toEqual([]);
  });

  test("has defaults only where the first release has them", () => {
    const defaulted = all.filter(({ node }) => "default" in node).map(({ at }) => at.replace(".spec.", ""));
    expect(defaulted).toEqual([
      "mode",
      "horizontal.minReplicas",
      "horizontal.metrics",
      "horizontal.behavior.scaleUp",
      "horizontal.behavior.scaleUp.stabilizationWindowSeconds",
      "horizontal.behavior.scaleUp.selectPolicy",
      "horizontal.behavior.scaleUp.policies",
      "horizontal.behavior.scaleDown",
      "horizontal.behavior.scaleDown.selectPolicy",
      "horizontal.behavior.scaleDown.policies",
    ]);
  });

  test("keeps nothing that it does not know, except inside what it refuses", () => {
    for (const { at, node } of all.filter(({ node }) => open(node)))
      expect(at.endsWith("[]") || refused(node), at).toBe(true);
  });
});
