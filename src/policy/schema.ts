/**
 * What a user may write in a ScalePolicy: the one source of the CRD's schema, limits and defaults, and of
 * this process's parser.
 *
 * Invariant: every field here works, or is refused with what to write instead.
 *
 * The defaults of this first release are in the CRD, as autoscaling/v2's are in its API: `kubectl get -o
 * yaml` then shows what will happen, and a later change of a default does not change a stored policy. The
 * parser fills in the same ones. A field that is added later carries no default in the CRD, so that an older
 * operator meets it only where someone wrote it, and then holds.
 */
import { z } from "zod";
import { behavior } from "./behavior-schema.ts";
import { metric, NAMES_TWICE } from "./metric-schema.ts";
import { refused, ruled, textLike } from "./rules.ts";
import { vertical } from "./vertical/schema.ts";
import { KINDS_OF_VERTICAL, MEMORY_BELONGS_TO_ONE } from "./vertical/spec-rules.ts";

const targetRef = ruled(
  z.strictObject({
    apiVersion: textLike(
      /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
      317,
      "must be group/version, such as apps/v1",
    ).describe("Group and version of the target's kind, such as apps/v1."),
    kind: textLike(
      /^[A-Za-z]([-A-Za-z0-9]*[A-Za-z0-9])?$/,
      63,
      "must be the name of a kind, such as Deployment",
    ).describe("Kind of the target, such as Deployment, StatefulSet, or any other with a scale subresource."),
    name: textLike(
      /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/,
      253,
      "must be the name of an object: lower case letters, digits, '-' and '.'",
    ).describe("Name of the target, in the policy's own namespace."),
  }),
  [
    {
      cel: "self == oldSelf",
      message: "cannot be changed: delete this policy and create one for the new target",
    },
    {
      cel: "self.apiVersion.contains('/') || self.kind == 'ReplicationController'",
      field: "apiVersion",
      message: "must name the kind's group too, such as apps/v1",
      holds: ({ apiVersion, kind }) => apiVersion.includes("/") || kind === "ReplicationController",
    },
  ],
).describe(
  "What is scaled: an object of this namespace; for horizontal, one with a scale subresource. It cannot be changed.",
);

const horizontal = ruled(
  z.strictObject({
    minReplicas: ruled(z.int32(), [
      {
        cel: "self >= 1",
        message: "must be at least 1: scaling to 0 needs a metric that exists without pods",
        holds: (replicas) => replicas >= 1,
      },
    ])
      .default(1)
      .describe("Never fewer replicas than this. Default 1."),
    maxReplicas: z
      .int32()
      .min(1)
      .max(10_000)
      .describe("Never more replicas than this; at least minReplicas, at most 10,000."),
    metrics: ruled(z.array(metric).max(20), NAMES_TWICE)
      .prefault([
        {
          type: "Resource",
          resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } },
        },
      ])
      .describe(
        "What the replicas follow; the metric that asks for most decides. Default: cpu at 80 % of its request.",
      )
      .meta({ "x-kubernetes-list-type": "atomic" }),
    behavior: behavior.optional(),
    schedules: refused("array", "schedules arrive with a later release: leave the field out"),
    paused: refused("boolean", "there is no such switch: write spec.mode: Paused"),
  }),
  [
    {
      cel: "self.minReplicas <= self.maxReplicas",
      field: "maxReplicas",
      message: "must be at least minReplicas: raise maxReplicas or lower minReplicas",
      holds: ({ minReplicas, maxReplicas }) => minReplicas <= maxReplicas,
    },
  ],
).describe("How replicas are scaled, in autoscaling/v2's words. Without it, replicas are never touched.");

const UNDER_HORIZONTAL = (field: string) => `belongs one level down: write spec.horizontal.${field}`;

export const spec = ruled(
  z.strictObject({
    targetRef,
    mode: z
      .enum(["Active", "Shadow", "Paused"])
      .default("Active")
      .describe(
        "Active (default) acts. Shadow decides and records, and writes nothing to the target. Paused only observes.",
      ),
    horizontal: horizontal.optional(),
    vertical: vertical.optional(),
    updatePolicy: refused("object", "the VPA's updatePolicy is not known here: write spec.vertical.apply"),
    updateMode: refused("string", "the VPA's updateMode is not known here: write spec.vertical.apply.mode"),
    resourcePolicy: refused("object", "belongs one level down: write spec.vertical.resourcePolicy"),
    recommenders: refused("array", "there is one recommender: write spec.vertical.recommender"),
    paused: refused("boolean", "there is no such switch: write mode: Paused"),
    schedules: refused("array", "schedules arrive with a later release: leave the field out"),
    triggers: refused("array", "KEDA's triggers are not known here: write spec.horizontal.metrics"),
    minReplicas: refused("integer", UNDER_HORIZONTAL("minReplicas")),
    maxReplicas: refused("integer", UNDER_HORIZONTAL("maxReplicas")),
    metrics: refused("array", UNDER_HORIZONTAL("metrics")),
    behavior: refused("object", UNDER_HORIZONTAL("behavior")),
  }),
  [
    {
      cel:
        "!has(self.horizontal) || !(self.targetRef.apiVersion.startsWith('apps/') && self.targetRef.kind == 'DaemonSet')" +
        " && !(self.targetRef.apiVersion.startsWith('batch/') && self.targetRef.kind in ['Job', 'CronJob'])",
      field: "targetRef",
      message: "names a kind without replicas to scale: DaemonSet, Job and CronJob have no scale subresource",
      holds: ({ horizontal: scaled, targetRef: { apiVersion, kind } }) =>
        scaled === undefined ||
        (!(apiVersion.startsWith("apps/") && kind === "DaemonSet") &&
          !(apiVersion.startsWith("batch/") && (kind === "Job" || kind === "CronJob"))),
    },
    KINDS_OF_VERTICAL,
    MEMORY_BELONGS_TO_ONE,
  ],
).describe("What is wanted.");

/** A spec as written, with its defaults filled in. */
export type WrittenSpec = z.output<typeof spec>;
