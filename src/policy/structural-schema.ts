/**
 * From a zod schema to the structural OpenAPI v3 schema that a CRD may contain.
 *
 * Invariant: nothing that the API server would refuse or ignore is left: no additionalProperties beside
 * properties, no bounds of JavaScript's integers, no unions other than int-or-string.
 */
import { z } from "zod";

type Json = Readonly<{ [key: string]: unknown }>;

/**
 * The API server checks bounds, not formats: a format only tells clients which integer type holds the
 * value.
 */
const INT32 = { minimum: -2_147_483_648, maximum: 2_147_483_647 };
const INT64 = { minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER };

export function structuralSchema(schema: z.ZodType): Json {
  return z.toJSONSchema(schema, {
    target: "openapi-3.0",
    io: "input",
    unrepresentable: "any",
    reused: "inline",
    override: ({ jsonSchema }) => {
      const fitting = structural(jsonSchema);
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key];
      Object.assign(jsonSchema, fitting);
    },
  });
}

/** One node of it; its children are already as they should be. */
function structural({ $schema: _schema, additionalProperties, ...node }: Json): Json {
  if ("x-kubernetes-int-or-string" in node)
    return { ...node, anyOf: [{ type: "integer" }, { type: "string" }] };
  if (node["type"] === "integer") return integer(node);
  return typeof additionalProperties === "object" ? { ...node, additionalProperties } : node;
}

function integer({ minimum, maximum, ...node }: Json): Json {
  return {
    ...node,
    format: Number(maximum) <= INT32.maximum ? "int32" : "int64",
    ...(minimum === INT32.minimum || minimum === INT64.minimum ? {} : { minimum }),
    ...(maximum === INT64.maximum ? {} : { maximum }),
  };
}
