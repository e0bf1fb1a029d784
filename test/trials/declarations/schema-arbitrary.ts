/**
 * Specs made from the CRD's own schema: every field, its extremes, at any depth. A field that is in the schema
 * only to be refused is never in a valid one.
 *
 * What a schema cannot say (rules between fields) is brought about afterwards, in `agreeing`.
 */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { parse } from "yaml";
import { must } from "../../../src/base/assert.ts";

export type Schema = Readonly<{
  type?: string;
  enum?: readonly string[];
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  maxLength?: number;
  items?: Schema;
  required?: readonly string[];
  properties?: Readonly<Record<string, Schema>>;
  "x-kubernetes-int-or-string"?: boolean;
  "x-kubernetes-validations"?: readonly Readonly<{ rule: string }>[];
}>;

type Crd = Readonly<{
  spec: { versions: readonly { schema: { openAPIV3Schema: { properties: { spec: Schema } } } }[] };
}>;

const crd = parse(readFileSync("crds/plimsoll.dev_scalepolicies.yaml", "utf8")) as Crd;
export const SPEC: Schema = must(crd.spec.versions[0], "the CRD has a version").schema.openAPIV3Schema
  .properties.spec;

export const isRefused = ({ "x-kubernetes-validations": rules = [] }: Schema): boolean =>
  rules.some(({ rule }) => rule === "false");

/** The words of `self in ['cpu', 'memory']`. */
function wordsOf({
  enum: words,
  "x-kubernetes-validations": rules = [],
}: Schema): readonly string[] | undefined {
  if (words !== undefined) return words;
  const [, list] =
    rules.map(({ rule }) => /^self in \[(.*)\]$/.exec(rule)).find((match) => match !== null) ?? [];
  return list?.split(", ").map((word) => word.slice(1, -1));
}

/** Names are ours to choose: most are there, some are not, some are as long as they may be. */
const TEXTS: Readonly<Record<string, readonly [number, string][]>> = {
  apiVersion: [[40, "apps/v1"], [1, "example.com/v1"], [1, "batch/v1"]],
  kind: [[40, "Deployment"], [1, "StatefulSet"], [1, "ReplicaSet"], [1, "Farm"], [1, "DaemonSet"]],
  name: [[40, "web"], [1, "nobody"], [1, "n".repeat(253)]],
  container: [[20, "app"], [2, "helper"], [1, "nobody"], [1, "c".repeat(63)]],
  containerName: [[4, "*"], [4, "app"], [1, "nobody"]],
  schedule: [[3, "0 2 * * 1-5"], [1, "*/5 * * * *"]],
  duration: [[3, "2h"], [1, "1m"], [1, "168h"]],
  timeZone: [[1, "Europe/Berlin"], [1, "UTC"]],
  cpuHalfLife: [[3, "24h"], [1, "1m"], [1, "8760h"]],
  memoryHalfLife: [[3, "24h"], [1, "1m"], [1, "8760h"]],
}; // prettier-ignore

const amounts = fc.constantFrom<string | number>(
  "1m", "50m", "100m", "250m", "0.3", ".5", "1", "+2", "1e0", "64Mi", "128Mi", "1Gi", "8Ti", "1000m", "1n", 1, 3, 8_388_608,
); // prettier-ignore
const tolerances = fc.constantFrom<string | number>("0", "0.01", "50m", "0.1", "0.5", 1, "1000", 1000, "1n");

/** Of a container's request, which has bounds of its own. */
const REQUESTS: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  cpu: fc.constantFrom<string | number>("1m", "250m", "0.3", "1", 3, "10k"),
  memory: fc.constantFrom<string | number>("1", "64Mi", "1Gi", 8_388_608, "8Ti"),
};

/** `at`: the field's name. */
export function valid(schema: Schema, at: string): fc.Arbitrary<unknown> {
  const words = wordsOf(schema);
  if (words !== undefined) return fc.constantFrom(...words);
  if (schema["x-kubernetes-int-or-string"] === true)
    return at === "tolerance" ? tolerances : (REQUESTS[at] ?? amounts);
  if (schema.type === "boolean") return fc.boolean();
  if (schema.type === "integer") return integers(schema, at);
  if (schema.type === "array") return lists(schema, at);
  if (schema.type === "object") return objects(schema);
  return fc.oneof(
    ...must(TEXTS[at], `${at} has texts`).map(([weight, text]) => ({ weight, arbitrary: fc.constant(text) })),
  );
}

function integers({ minimum, maximum = 2 ** 31 - 1 }: Schema, at: string): fc.Arbitrary<number> {
  const low = minimum ?? (at === "minReplicas" ? 1 : 0);
  return fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: low, max: Math.min(maximum, low + 120) }) },
    { weight: 2, arbitrary: fc.integer({ min: low, max: Math.min(maximum, low + 5) }) },
    { weight: 1, arbitrary: fc.constantFrom(low, maximum) },
  );
}

function lists({ minItems = 0, maxItems = 20, items = {} }: Schema, at: string): fc.Arbitrary<unknown[]> {
  const list = (min: number, max: number) => fc.array(valid(items, at), { minLength: min, maxLength: max });
  return fc.oneof(
    { weight: 12, arbitrary: list(Math.max(minItems, 1), 3) },
    { weight: 1, arbitrary: list(minItems, minItems) },
    { weight: 1, arbitrary: list(maxItems, maxItems) },
  );
}

function objects({ properties = {}, required = [] }: Schema): fc.Arbitrary<Record<string, unknown>> {
  const fields = Object.entries(properties).filter(([, field]) => !isRefused(field));
  const model = Object.fromEntries(fields.map(([name, field]) => [name, valid(field, name)]));
  return fc.record(model, {
    requiredKeys: Object.keys(model).filter((name) => isMostlyThere(name, required)),
  });
}

/** Without `horizontal` there is nothing to try; it is taken away again from some. */
const isMostlyThere = (name: string, required: readonly string[]): boolean =>
  required.includes(name) || name === "horizontal";

type Fields = Record<string, unknown>;
const asFields = (value: unknown): Fields => value as Fields;

/** Brings about what holds between fields: the rules that the CRD says in CEL. */
export function agreeing(written: Fields): Fields {
  const targetRef = asFields(written["targetRef"]);
  const horizontal = written["horizontal"] === undefined ? undefined : asFields(written["horizontal"]);
  const { apiVersion = "", kind = "" } = targetRef as Record<string, string>;
  const hasNoScale = /^(DaemonSet|Job|CronJob)$/.test(kind) && /^(apps|batch)\//.test(apiVersion);
  const agreed = { ...written, targetRef: hasNoScale ? { ...targetRef, kind: "Farm" } : targetRef };
  const scaled =
    horizontal === undefined ? agreed : { ...agreed, horizontal: agreeingHorizontal(horizontal) };
  return agreeingVertical(scaled);
}

/** Kinds with requests of their own, each container once, bounds in order, and memory for one of both. */
function agreeingVertical(written: Fields): Fields {
  const { vertical, ...rest } = written;
  const { apiVersion = "", kind = "" } = asFields(written["targetRef"]) as Record<string, string>;
  if (vertical === undefined || !apiVersion.startsWith("apps/") || !/^(Deployment|StatefulSet)$/.test(kind)) return rest;
  const { resourcePolicy, apply, ...same } = asFields(vertical);
  const followsMemory = /"memory".*averageUtilization/.test(JSON.stringify(written["horizontal"] ?? {}));
  return {
    ...rest,
    vertical: {
      ...same,
      ...(apply !== undefined && { apply: followsMemory ? { ...asFields(apply), mode: "Off" } : apply }),
      ...(resourcePolicy !== undefined && { resourcePolicy: agreeingPolicies(asFields(resourcePolicy)) }),
    },
  };
} // prettier-ignore

function agreeingPolicies({ containerPolicies }: Fields): Fields {
  if (containerPolicies === undefined) return {};
  const agreed = (containerPolicies as Fields[]).map(({ minAllowed, maxAllowed, controlledResources, ...same }) => ({
    ...same,
    ...(controlledResources !== undefined && { controlledResources: [...new Set(controlledResources as string[])] }),
    ...(minAllowed !== undefined && { minAllowed }),
    ...(maxAllowed !== undefined && { maxAllowed: minAllowed ?? maxAllowed }),
  }));
  return { containerPolicies: [...new Map(agreed.map((one) => [asFields(one)["containerName"], one])).values()] };
} // prettier-ignore

function agreeingHorizontal(horizontal: Fields): Fields {
  const { minReplicas = 1, maxReplicas, metrics } = horizontal as Record<string, number> & { metrics?: Fields[] };
  const most = Math.max(minReplicas, maxReplicas ?? 1);
  const bounds = { maxReplicas: Math.min(most, 10_000), ...(horizontal["minReplicas"] === undefined ? {} : { minReplicas: Math.min(minReplicas, 10_000) }) };
  if (metrics === undefined) return { ...horizontal, ...bounds };
  const agreed = new Map(metrics.map(agreeingMetric).map((metric) => [aboutOf(metric), metric]));
  return { ...horizontal, ...bounds, metrics: [...agreed.values()] };
} // prettier-ignore

function agreeingMetric({ type, resource, containerResource }: Fields): Fields {
  const given = asFields(containerResource ?? resource ?? { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } });
  const followed = { name: given["name"], target: agreeingTarget(asFields(given["target"]), given["name"]) };
  if (type === "Resource") return { type, resource: followed };
  return { type, containerResource: { ...followed, container: given["container"] ?? "app" } };
} // prettier-ignore

function agreeingTarget(
  { type, averageUtilization = 60, averageValue = "100m" }: Fields,
  name: unknown,
): Fields {
  if (type === "Utilization") return { type, averageUtilization };
  const isTiny =
    typeof averageValue === "string" && /[mn]$|^0?\./.test(averageValue) && averageValue !== "1000m";
  return { type, averageValue: name === "memory" && isTiny ? "64Mi" : averageValue };
}

/** Two metrics about one thing are refused: the last one counts. */
function aboutOf(metric: Fields): string {
  const followed = asFields(metric["containerResource"] ?? metric["resource"]);
  return JSON.stringify([metric["type"], followed["name"], followed["container"]]);
}

export const validSpec: fc.Arbitrary<Fields> = fc
  .tuple(valid(SPEC, "spec"), fc.nat({ max: 9 }))
  .map(([spec, chance]) => {
    const { horizontal, ...rest } = agreeing(asFields(spec));
    return chance === 0 ? rest : { ...rest, horizontal };
  });
