/**
 * `status` of a ScalePolicy as a schema: what the API server keeps of it, and how it is read back after a
 * restart. Lengths and counts are bounded, for etcd and for whoever reads the status.
 *
 * Invariant: every status of policy/status.ts passes unchanged (test/policy/status-schema.test.ts). What a
 * newer operator has added is left out when read, for the rest is still true.
 */
import { z } from "zod";
import { verticalStatus } from "./vertical/status-schema.ts";

const int32 = z.int32().min(0);
const shortText = z.string().max(256);
const columnText = z.string().max(2048);
const longText = z.string().max(32_768);
/** The API server checks the format. */
const time = z.string().max(64).meta({ format: "date-time" });

export const condition = z
  .object({
    type: z
      .enum([
        "Ready",
        "ScalingActive",
        "AbleToScale",
        "ScalingLimited",
        "RecommendationProvided",
        "LowConfidence",
        "NoPodsMatched",
        "ConfigUnsupported",
        "Applying",
      ]) // prettier-ignore
      .describe(
        "Ready is the summary, Applying is about writing requests; the others are an HPA's and a VPA's.",
      ),
    status: z.enum(["True", "False", "Unknown"]).describe("True, False or Unknown."),
    reason: shortText.describe("The reason in one word; docs/reasons.md lists them all."),
    message: longText.describe("The reason in a sentence."),
    observedGeneration: z.int().min(0).describe("The generation of the spec that this is about."),
    lastTransitionTime: time.describe("When status last changed."),
  })
  .describe("One condition.");

const current = z
  .object({
    averageUtilization: int32.exactOptional().describe("Average usage in percent of the request."),
    averageValue: z.string().max(64).describe("Average usage of a pod, as a quantity."),
  })
  .describe("What was measured.");

export const metricStatus = z
  .object({
    type: z
      .enum(["", "Resource", "ContainerResource"])
      .describe("As in the spec; empty where the metric had no answer."),
    resource: z
      .object({ name: shortText.describe("cpu or memory."), current })
      .exactOptional()
      .describe("Usage of a whole pod."),
    containerResource: z
      .object({
        name: shortText.describe("cpu or memory."),
        container: shortText.describe("The container's name."),
        current,
      })
      .exactOptional()
      .describe("Usage of one container of a pod."),
  })
  .describe("One metric, at the place that it has in the spec.");

const bucket = z
  .object({
    start: z.int().min(0).describe("Start of the span, in seconds since 1970."),
    low: int32.describe("Lowest recommendation within the span."),
    high: int32.describe("Highest recommendation within the span."),
    added: int32.exactOptional().describe("Replicas added within the span, by anyone."),
    removed: int32.exactOptional().describe("Replicas removed within the span, by anyone."),
  })
  .describe("One span.");

export const history = z
  .object({
    version: z.literal(1).meta({ type: "integer" }).describe("Version of this form."),
    targetUID: shortText.describe("uid of the target that this is the memory of."),
    bucketSeconds: z.int32().min(1).describe("Length of a span in seconds."),
    completeSince: time.describe("From when on there is no gap."),
    recordedAt: time.describe("The last moment that this covers."),
    replicas: int32.exactOptional().describe("Replicas of the target after the last decision."),
    buckets: z.array(bucket).max(60).describe("Newest last.").meta({ "x-kubernetes-list-type": "atomic" }),
  })
  .describe("Memory of the stabilization windows and rate limits, so that a restart changes no decision.");

export const act = z
  .object({
    time: time.describe("When."),
    what: columnText.describe("What was done, such as: replicas 4 → 6."),
    why: longText.describe("Why, with the numbers."),
  })
  .describe("One act.");

export const horizontalStatus = z
  .object({
    currentReplicas: int32.describe("Replicas of the target that the last decision started from."),
    desiredReplicas: int32.describe("Replicas that the last decision asked for."),
    lastScaleTime: time.exactOptional().describe("When the operator last changed the replicas."),
    currentMetrics: z
      .array(metricStatus)
      .max(20)
      .describe("What the metrics of the spec last measured.")
      .meta({ "x-kubernetes-list-type": "atomic" }),
    history: history.exactOptional(),
  })
  .describe("The state of horizontal scaling, in autoscaling/v2's shapes.");

export const display = z
  .object({
    metrics: columnText.describe("Measured and wanted, such as: cpu 90%/60%."),
    requests: columnText.describe(
      "Requests of a pod, and what is recommended instead, such as: cpu 500m→240m mem 310Mi.",
    ),
  })
  .describe("Texts for the columns of kubectl get.");

export const lastDecision = z
  .object({ time: time.describe("When."), summary: longText.describe("What was decided and why.") })
  .describe("The last decision in one sentence.");

export const installation = z
  .string()
  .max(320)
  .describe("Who wrote this status: the Lease of the installation, as namespace/name.");

export const status = z
  .object({
    observedGeneration: z.int().min(0).describe("The generation of the spec that this status is about."),
    conditions: z
      .array(condition)
      .max(16)
      .describe("The state in conditions.")
      .meta({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"] }),
    horizontal: horizontalStatus.exactOptional(),
    vertical: verticalStatus.exactOptional(),
    recentActs: z
      .array(act)
      .max(10)
      .describe("The last acts, newest first.")
      .meta({ "x-kubernetes-list-type": "atomic" }),
    display,
    lastDecision: lastDecision.exactOptional(),
    installation: installation.exactOptional(),
  })
  .describe("What was observed and decided. Only the operator writes it.");
