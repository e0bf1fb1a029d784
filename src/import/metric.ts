/**
 * Metrics of a HorizontalPodAutoscaler, in each of the versions that manifests are found in.
 *
 * Invariant: a metric is carried whole or left out whole; it never loses a part of its target.
 */
import { changed, leftOut, type Note } from "./draft.ts";
import type { Fields } from "./fields.ts";

export type MetricDraft = Readonly<Record<string, unknown>>;
export type ReadMetric = Readonly<{ metric: MetricDraft | undefined; notes: readonly Note[] }>;

const BLOCKS = {
  Pods: "pods",
  Object: "object",
  External: "external",
} as const;
const FOLLOWED = ["cpu", "memory"];

/** One entry of `metrics`. */
export function readMetric(entry: Fields): ReadMetric {
  const type = entry.text("type");
  if (type === "Resource") return readResource(entry.object("resource"), (resource) => ({ type, resource }));
  if (type === "ContainerResource")
    return readResource(entry.object("containerResource"), (containerResource) => ({
      type,
      containerResource,
    }));
  const block = BLOCKS[type as keyof typeof BLOCKS];
  if (block !== undefined) entry.take(block);
  return without(entry.path, `a metric of type ${type ?? "none"} has no equivalent yet`);
}

function readResource(block: Fields, wrap: (block: MetricDraft) => MetricDraft): ReadMetric {
  const name = block.text("name");
  const container = block.text("container");
  if (name === undefined || !FOLLOWED.includes(name)) {
    takeTarget(block);
    return without(block.path, `${name ?? "a metric without a name"} is not cpu or memory`);
  }
  const target = takeTarget(block);
  if (target === undefined) return without(block.path, "has no averageUtilization or averageValue");
  const draft = { name, ...(container === undefined ? {} : { container }), target: target.draft };
  return { metric: wrap(draft), notes: target.notes };
}

type ReadTarget = Readonly<{ draft: MetricDraft; notes: readonly Note[] }>;

/** v2 and v2beta2 have `target`; v2beta1 had two fields beside the name. */
function takeTarget(block: Fields): ReadTarget | undefined {
  const old = oldTarget(block);
  if (old !== undefined) return old;
  const target = block.object("target");
  const type = target.take("type");
  const percent = target.take("averageUtilization");
  const amount = target.take("averageValue");
  if (percent === undefined && amount === undefined) return undefined;
  const draft = percent === undefined ? averageValue(amount) : utilization(percent);
  // A type that does not go with its value is not put right here: the parser says so.
  return { draft: type === undefined ? draft : { ...draft, type }, notes: [] };
}

function oldTarget(block: Fields): ReadTarget | undefined {
  for (const [field, draft] of [
    ["targetAverageUtilization", utilization],
    ["targetAverageValue", averageValue],
  ] as const) {
    const value = block.take(field);
    if (value === undefined) continue;
    return { draft: draft(value), notes: [changed(`${block.path}.${field}`, "is written target")] };
  }
  return undefined;
}

export const utilization = (percent: unknown): MetricDraft => ({
  type: "Utilization",
  averageUtilization: percent,
});
export const averageValue = (amount: unknown): MetricDraft => ({
  type: "AverageValue",
  averageValue: amount,
});

const without = (field: string, message: string): ReadMetric => ({
  metric: undefined,
  notes: [leftOut(field, `${message}: without it there may be fewer replicas`)],
});
