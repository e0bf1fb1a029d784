/**
 * A HorizontalPodAutoscaler, in any version that manifests are found in, as `spec.horizontal`.
 *
 * Invariant: where all its metrics have no equivalent there is no policy, for one without metrics would
 * follow cpu at 80 %.
 */
import { changed, type Conversion, leftOut, leftovers, type Note, refusal, targetOf } from "./draft.ts";
import { Fields, isRecord } from "./fields.ts";
import { metadataNotes, type Opened } from "./metadata.ts";
import { type MetricDraft, readMetric, utilization } from "./metric.ts";

/** autoscaling/v1 kept the parts of v2 in annotations. */
const METRICS_ANNOTATION = "autoscaling.alpha.kubernetes.io/metrics";
const BEHAVIOR_ANNOTATION = "autoscaling.alpha.kubernetes.io/behavior";

export function convertHorizontalPodAutoscaler(opened: Opened): Conversion {
  const { source, spec, owners } = opened;
  const owner = owners.find((reference) => reference.text("kind") === "ScaledObject");
  if (owner !== undefined)
    return nothing(opened, [
      refusal(
        "metadata.ownerReferences",
        `made by KEDA: its ScaledObject ${owner.text("name") ?? ""} counts`,
      ),
    ]);
  const { target, notes } = targetOf(spec.object("scaleTargetRef"));
  if (target === undefined) return nothing(opened, notes);
  const metrics = readMetrics(opened);
  if (metrics.drafts?.length === 0)
    return nothing(opened, [
      ...metrics.notes,
      refusal("spec.metrics", "not one of its metrics has an equivalent: keep this autoscaler"),
    ]);
  const bounds = readBounds(spec);
  const behavior = spec.take("behavior") ?? jsonOf(opened, BEHAVIOR_ANNOTATION, "behavior");
  const horizontal = {
    ...bounds.draft,
    ...(metrics.drafts === undefined ? {} : { metrics: metrics.drafts }),
    ...(behavior === undefined ? {} : { behavior }),
  };
  return {
    source,
    draft: { source, target, mode: "Active", horizontal, vertical: undefined },
    notes: [...notes, ...bounds.notes, ...metrics.notes, ...leftovers(spec), ...metadataNotes(opened)],
  };
}

const nothing = (opened: Opened, notes: readonly Note[]): Conversion => ({
  source: opened.source,
  draft: undefined,
  notes,
});

/** `drafts` undefined: the object names no metric, and both sides follow cpu at 80 %. */
type Metrics = Readonly<{ drafts: readonly MetricDraft[] | undefined; notes: readonly Note[] }>;

function readMetrics(opened: Opened): Metrics {
  const { spec } = opened;
  const written = spec.list("metrics").map(readMetric);
  const annotated = annotatedMetrics(opened);
  const percent = spec.take("targetCPUUtilizationPercentage");
  const cpu = percent === undefined ? [] : [{ metric: resourceMetric(percent), notes: [] }];
  const all = [...cpu, ...written, ...annotated];
  if (all.length === 0) return { drafts: undefined, notes: [] };
  const drafts = all.flatMap(({ metric }) => (metric === undefined ? [] : [metric]));
  return { drafts, notes: all.flatMap(({ notes }) => notes) };
}

const resourceMetric = (percent: unknown): MetricDraft => ({
  type: "Resource",
  resource: { name: "cpu", target: utilization(percent) },
});

function annotatedMetrics(opened: Opened): ReturnType<typeof readMetric>[] {
  const list = jsonOf(opened, METRICS_ANNOTATION, "metrics");
  if (!Array.isArray(list)) return [];
  const entries = new Fields("", { metrics: list }).list("metrics");
  return entries.map((entry) => readMetric(entry));
}

/** The JSON of an annotation; one that cannot be read stays untaken, and is told with the rest. */
function jsonOf({ annotations }: Opened, annotation: string, what: string): unknown {
  const text = annotations.entries().find(([key]) => key === annotation)?.[1];
  if (typeof text !== "string") return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (what === "metrics" ? Array.isArray(value) : isRecord(value))
      return annotations.take(annotation) && value;
  } catch {
    return undefined;
  }
  return undefined;
}

const REPLICAS_MAX = 10_000;

function readBounds(spec: Fields): Readonly<{ draft: Record<string, unknown>; notes: readonly Note[] }> {
  const min = spec.take("minReplicas");
  const max = spec.take("maxReplicas");
  const notes: Note[] = [];
  if (min === 0)
    notes.push(leftOut("spec.minReplicas", "0 needs a metric that exists without pods: written 1"));
  const tooMany = typeof max === "number" && max > REPLICAS_MAX;
  if (tooMany)
    notes.push(changed("spec.maxReplicas", `${max} is written ${REPLICAS_MAX}, the most there can be`));
  return {
    draft: {
      ...(min === undefined ? {} : { minReplicas: min === 0 ? 1 : min }),
      maxReplicas: tooMany ? REPLICAS_MAX : max,
    },
    notes,
  };
}
