/**
 * KEDA's ScaledObject: its cpu and memory triggers as `spec.horizontal`. What it does beyond that (scaling to
 * 0, event sources, schedules) is told, field by field.
 */
import { changed, type Conversion, leftOut, leftovers, type Note, refusal, targetOf } from "./draft.ts";
import type { Fields } from "./fields.ts";
import { metadataNotes, type Opened } from "./metadata.ts";
import { averageValue, type MetricDraft, type ReadMetric, utilization } from "./metric.ts";

/** KEDA's defaults. */
const MIN_REPLICAS = 0;
const MAX_REPLICAS = 100;
const PAUSED = "autoscaling.keda.sh/paused";
const PAUSED_REPLICAS = "autoscaling.keda.sh/paused-replicas";

/** What a field was for, where its name alone does not say what is lost. */
const KNOWN: Readonly<Record<string, string>> = {
  pollingInterval: "usage is read every --metric-resolution",
  cooldownPeriod: "is about scaling to 0, which is not done here",
  initialCooldownPeriod: "is about scaling to 0, which is not done here",
  idleReplicaCount: "replicas of an idle target: there are never fewer than minReplicas here",
  fallback: "without evidence replicas stay as they are, and never go down",
};

export function convertScaledObject(opened: Opened): Conversion {
  const { source, spec, annotations } = opened;
  const reference = spec.object("scaleTargetRef");
  const { target, notes } = targetOf(reference, "Deployment");
  const triggers = spec.list("triggers").map(readTrigger);
  const metrics = triggers.flatMap(({ metric }) => (metric === undefined ? [] : [metric]));
  const said = triggers.flatMap((trigger) => trigger.notes);
  if (target === undefined || metrics.length === 0) {
    const none = refusal("spec.triggers", "has no cpu or memory trigger: keep this ScaledObject");
    return { source, draft: undefined, notes: [...notes, ...said, ...(target === undefined ? [] : [none])] };
  }
  const bounds = readBounds(spec);
  const advanced = readAdvanced(spec.object("advanced"));
  const paused = readPaused(annotations);
  const known = knownNotes(spec);
  const horizontal = { ...bounds.draft, metrics, ...advanced.draft };
  return {
    source,
    draft: { source, target, mode: paused.mode, horizontal, vertical: undefined },
    notes: [
      ...[notes, bounds.notes, said, known, advanced.notes, paused.notes].flat(),
      ...leftovers(spec),
      ...metadataNotes(opened),
    ],
  };
}

/** cpu and memory are what the HPA behind KEDA reads itself; all other triggers are event sources. */
function readTrigger(trigger: Fields): ReadMetric {
  const type = trigger.text("type");
  if (type !== "cpu" && type !== "memory") {
    for (const [key] of trigger.entries()) trigger.take(key);
    return { metric: undefined, notes: [leftOut(trigger.path, triggerMessage(type))] };
  }
  trigger.take("name");
  const metadata = trigger.object("metadata");
  const kind = trigger.text("metricType") ?? metadata.text("type") ?? "Utilization";
  metadata.take("type");
  const container = metadata.text("containerName");
  const target = targetDraft(kind, metadata);
  if (target === undefined) {
    return {
      metric: undefined,
      notes: [leftOut(`${metadata.path}.value`, "is no amount that can be followed")],
    };
  }
  return { metric: metricDraft(type, container, target), notes: [] };
}

const triggerMessage = (type: string | undefined): string =>
  type === "cron"
    ? "a cron trigger has no equivalent yet: without it there may be fewer replicas at those times"
    : `a trigger of type ${type ?? "none"} has no equivalent: without it there may be fewer replicas`;

function targetDraft(kind: string, metadata: Fields): MetricDraft | undefined {
  if (kind === "AverageValue") {
    const amount = metadata.text("value");
    return amount === undefined ? undefined : averageValue(amount);
  }
  const percent = kind === "Utilization" ? metadata.number("value") : undefined;
  return percent === undefined ? undefined : utilization(percent);
}

function metricDraft(name: string, container: string | undefined, target: MetricDraft): MetricDraft {
  return container === undefined
    ? { type: "Resource", resource: { name, target } }
    : { type: "ContainerResource", containerResource: { name, container, target } };
}

type Part = Readonly<{ draft: Readonly<Record<string, unknown>>; notes: readonly Note[] }>;

function readBounds(spec: Fields): Part {
  const min = spec.number("minReplicaCount") ?? MIN_REPLICAS;
  const max = spec.number("maxReplicaCount") ?? MAX_REPLICAS;
  const notes =
    min === 0
      ? [
          changed(
            "spec.minReplicaCount",
            "0 is written 1: there is no scaling to 0, nor does cpu or memory wake a target",
          ),
        ]
      : [];
  return { draft: { minReplicas: Math.max(min, 1), maxReplicas: max }, notes };
}

function readAdvanced(advanced: Fields): Part {
  const config = advanced.object("horizontalPodAutoscalerConfig");
  const behavior = config.take("behavior");
  const named = config.text("name");
  const restored = advanced.take("restoreToOriginalReplicaCount");
  return {
    draft: behavior === undefined ? {} : { behavior },
    notes: [
      ...(named === undefined
        ? []
        : [leftOut(`${config.path}.name`, "there is no HorizontalPodAutoscaler here to give a name")]),
      ...(restored === true
        ? [
            leftOut(
              `${advanced.path}.restoreToOriginalReplicaCount`,
              "replicas stay as they are when a policy goes",
            ),
          ]
        : []),
    ],
  };
}

function readPaused(annotations: Fields): Readonly<{ mode: "Active" | "Paused"; notes: readonly Note[] }> {
  const replicas = annotations.text(PAUSED_REPLICAS);
  const paused = annotations.text(PAUSED) === "true" || replicas !== undefined;
  if (!paused) return { mode: "Active", notes: [] };
  const at = replicas === undefined ? "" : ` (at ${replicas} replicas, which nobody will set)`;
  return { mode: "Paused", notes: [changed("metadata.annotations", `paused${at}: written mode: Paused`)] };
}

function knownNotes(spec: Fields): readonly Note[] {
  return Object.entries(KNOWN).flatMap(([field, message]) =>
    spec.take(field) === undefined ? [] : [leftOut(`spec.${field}`, message)],
  );
}
