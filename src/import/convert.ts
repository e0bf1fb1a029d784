/**
 * One object of another autoscaler → its half of a ScalePolicy. Objects of other kinds are nobody's business
 * here: they are counted, not judged.
 */
import { type Conversion, refusal, type Source } from "./draft.ts";
import { isRecord } from "./fields.ts";
import { convertHorizontalPodAutoscaler } from "./horizontal-pod-autoscaler.ts";
import { type Opened, openObject } from "./metadata.ts";
import { convertScaledObject } from "./scaled-object.ts";
import { convertVerticalPodAutoscaler } from "./vertical-pod-autoscaler.ts";

/** Group and kind → what reads it. The version does not matter: each reader knows all of them. */
const READERS: Readonly<Record<string, (opened: Opened) => Conversion>> = {
  "autoscaling/HorizontalPodAutoscaler": convertHorizontalPodAutoscaler,
  "autoscaling.k8s.io/VerticalPodAutoscaler": convertVerticalPodAutoscaler,
  "keda.sh/ScaledObject": convertScaledObject,
  "keda.sh/ScaledJob": ({ source }) => ({
    source,
    draft: undefined,
    notes: [refusal("kind", "a ScaledJob starts Jobs for events: nothing here does that, keep it")],
  }),
};

export type Converted =
  | Readonly<{ kind: "converted"; conversion: Conversion }>
  /** Some other object, such as the Deployment beside it. */
  | Readonly<{ kind: "other" }>
  | Readonly<{ kind: "not-an-object" }>;

/** Lists (`kind: List` and every `…List`) are opened; each entry is an object of its own. */
export function convertObjects(value: unknown): readonly Converted[] {
  if (isRecord(value) && typeof value["kind"] === "string" && Array.isArray(value["items"]))
    return value["items"].flatMap((item) => convertObjects(named(item, value)));
  return [convertOne(value)];
}

/** The entries of a typed list do not repeat its kind. */
function named(item: unknown, list: Readonly<Record<string, unknown>>): unknown {
  if (!isRecord(item) || typeof item["kind"] === "string") return item;
  const kind = String(list["kind"]).replace(/List$/, "");
  return { apiVersion: list["apiVersion"], kind, ...item };
}

function convertOne(value: unknown): Converted {
  if (!isRecord(value) || typeof value["kind"] !== "string" || typeof value["apiVersion"] !== "string")
    return { kind: "not-an-object" };
  const group = value["apiVersion"].replace(/\/[^/]*$/, "");
  const reader = READERS[`${group}/${value["kind"]}`];
  if (reader === undefined) return { kind: "other" };
  const opened = openObject(value);
  return { kind: "converted", conversion: withName(opened.source, reader(opened)) };
}

function withName(source: Source, conversion: Conversion): Conversion {
  if (source.name !== "") return conversion;
  return {
    ...conversion,
    draft: undefined,
    notes: [refusal("metadata.name", "is missing"), ...conversion.notes],
  };
}
