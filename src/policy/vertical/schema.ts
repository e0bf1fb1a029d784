/**
 * `spec.vertical`: what a user may write about requests. Names under `resourcePolicy` are the VPA's.
 *
 * Invariant: no field has a default in the CRD, so that an older operator meets one only where someone wrote
 * it, and then holds; `read.ts` fills in the operator's.
 */
import { z } from "zod";
import { compareQuantities } from "../../base/quantity.ts";
import {
  isWellFormed,
  quantityField,
  quantityOf,
  type QuantityText,
  SELF,
  wellFormed,
} from "../quantity-field.ts";
import { listedOnce, type Rule, refused, ruled, textLike, wordOf } from "../rules.ts";
import { APPLY_MODE_MESSAGE, APPLY_MODES } from "./apply-mode.ts";
import { durationField } from "./duration-field.ts";

const window = z
  .strictObject({
    schedule: textLike(
      /^[-0-9A-Za-z*,/]+( [-0-9A-Za-z*,/]+){4}$/,
      100,
      "must be a cron schedule of five fields, such as 0 2 * * 1-5",
    ).describe("When the window opens: a cron schedule of five fields."),
    duration: durationField({ least: "1m", most: "168h" }).describe("How long it stays open, such as 2h."),
    timeZone: textLike(
      /^[A-Za-z][-+_/A-Za-z0-9]*$/,
      64,
      "must be the name of a time zone, such as Europe/Berlin",
    )
      .optional()
      .describe("Time zone of the schedule, such as Europe/Berlin. Default: UTC."),
  })
  .describe("One window.");

const apply = z
  .strictObject({
    mode: wordOf(APPLY_MODES, APPLY_MODE_MESSAGE)
      .optional()
      .describe(
        '"Off" (default, in quotes): recommends only, nothing is written. InPlace: resizes running pods, and never evicts. Template: writes the pod template, at most once in 12 h.',
      ),
    minReplicas: z
      .int32()
      .min(1)
      .optional()
      .describe("What restarts pods needs at least this many ready pods. Default 2."),
    windows: z
      .array(window)
      .max(20)
      .optional()
      .describe("When requests may be written. Without any: at any time.")
      .meta({ "x-kubernetes-list-type": "atomic" }),
    updateMode: refused("string", "the VPA's updateMode is not known here: write mode"),
    evictionRequirements: refused("array", "pods are never evicted: leave the field out"),
  })
  .describe("Whether and how requests are applied. Without it they are recommended only.");

const percentile = z.int32().min(1).max(100).optional();
const halfLife = () => durationField({ least: "1m", most: "8760h" }).optional();

const recommender = z
  .strictObject({
    cpuPercentile: percentile.describe("Which percentile of CPU usage is the target, 1 to 100. Default 90."),
    memoryPercentile: percentile.describe(
      "Which percentile of the daily memory peaks is the target, 1 to 100. Default 90.",
    ),
    marginPercent: z
      .int32()
      .min(0)
      .max(100)
      .optional()
      .describe("What is added to a percentile, in percent of it, 0 to 100. Default 15."),
    cpuHalfLife: halfLife().describe("After this long, CPU usage counts half. Default 24h."),
    memoryHalfLife: halfLife().describe("After this long, a memory peak counts half. Default 24h."),
    name: refused("string", "there is one recommender: leave the field out"),
  })
  .describe("How usage becomes a recommendation. Defaults are the VPA recommender's.");

/** Amounts that no container needs are a slip of the pen. */
const cpuAmount = quantityField("250m or 2", [
  {
    cel: `${SELF}.compareTo(quantity('0')) > 0`,
    message: "must be greater than 0",
    holds: ({ nano }) => nano > 0n,
  },
  {
    cel: `${SELF}.compareTo(quantity('10k')) <= 0`,
    message: "must be at most 10k cores: it is an amount per container",
    holds: (amount) => compareQuantities(amount, quantityOf("10k")) <= 0,
  },
]);

/** `512m` of memory is half a byte: someone meant 512Mi. */
const memoryAmount = quantityField("512Mi", [
  {
    cel: `${SELF}.compareTo(quantity('1')) >= 0`,
    message: "must be at least one byte: write memory as 512Mi, for 512m is half a byte",
    holds: (amount) => compareQuantities(amount, quantityOf("1")) >= 0,
  },
  {
    cel: `${SELF}.compareTo(quantity('8Ti')) <= 0`,
    message: "must be at most 8Ti: it is an amount per container",
    holds: (amount) => compareQuantities(amount, quantityOf("8Ti")) <= 0,
  },
]);

const amounts = () =>
  z.strictObject({
    cpu: cpuAmount.optional().describe("Cores, as a quantity: 250m, 2."),
    memory: memoryAmount.optional().describe("Bytes, as a quantity: 512Mi, 2Gi."),
  });

type Allowed = Readonly<{ cpu?: QuantityText | undefined; memory?: QuantityText | undefined }>;
type Bounded = Readonly<{ minAllowed?: Allowed | undefined; maxAllowed?: Allowed | undefined }>;

/** Amounts without the proper form have been complained about already. */
function ordered(resource: "cpu" | "memory"): Rule<Bounded> {
  const [least, most] = [`self.minAllowed.${resource}`, `self.maxAllowed.${resource}`];
  const isMissing = `!has(self.minAllowed) || !has(self.maxAllowed) || !has(${least}) || !has(${most})`;
  const isOdd = `!${wellFormed(least)} || !${wellFormed(most)}`;
  return {
    cel: `${isMissing} || ${isOdd} || quantity(string(${least})).compareTo(quantity(string(${most}))) <= 0`,
    field: "maxAllowed",
    message: `has less ${resource} than minAllowed: raise it or lower minAllowed`,
    holds({ minAllowed, maxAllowed }) {
      const [min, max] = [minAllowed?.[resource], maxAllowed?.[resource]];
      if (min === undefined || max === undefined || !isWellFormed(min) || !isWellFormed(max)) return true;
      return compareQuantities(quantityOf(min), quantityOf(max)) <= 0;
    },
  };
}

const NOT_PER_CONTAINER = "is not set per container here: leave the field out";

const containerPolicy = ruled(
  z.strictObject({
    containerName: textLike(
      /^(\*|[a-z0-9]([-a-z0-9]*[a-z0-9])?)$/,
      63,
      "must be the name of a container, or '*' for every other one",
    ).describe("Name of the container; '*' stands for every container without a policy of its own."),
    mode: wordOf(["Auto", "Off"], 'must be Auto or "Off"')
      .optional()
      .describe('Auto (default), or "Off" (in quotes): nothing is recommended for the container.'),
    controlledResources: listedOnce(
      z
        .array(wordOf(["cpu", "memory"], "must be cpu or memory"))
        .min(1)
        .max(2),
      (resource) => resource,
    )
      .optional()
      .describe("What is recommended. Default: cpu and memory.")
      .meta({ "x-kubernetes-list-type": "set" }),
    controlledValues: wordOf(
      ["RequestsAndLimits", "RequestsOnly"],
      "must be RequestsAndLimits or RequestsOnly",
    )
      .optional()
      .describe(
        "RequestsAndLimits (default) keeps the ratio of limit and request; RequestsOnly leaves limits.",
      ),
    minAllowed: amounts().optional().describe("No less is recommended."),
    maxAllowed: amounts().optional().describe("No more is recommended; at least minAllowed."),
    allowMemoryLimitDecrease: z
      .boolean()
      .optional()
      .describe("Whether a memory limit may be lowered. Default: no."),
    oomBumpUpRatio: refused("string", NOT_PER_CONTAINER),
    oomMinBumpUp: refused("string", NOT_PER_CONTAINER),
    memoryAggregationIntervalSeconds: refused("integer", NOT_PER_CONTAINER),
    memoryAggregationIntervalCount: refused("integer", NOT_PER_CONTAINER),
    startupBoost: refused("object", "a boost at the start is not known here: leave the field out"),
  }),
  [ordered("cpu"), ordered("memory")],
);

const resourcePolicy = z
  .strictObject({
    containerPolicies: listedOnce(z.array(containerPolicy).max(50), ({ containerName }) => containerName)
      .optional()
      .describe("What is allowed for which container.")
      .meta({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["containerName"] }),
  })
  .describe("What may be recommended, container by container, in the VPA's words.");

export const vertical = z
  .strictObject({
    apply: apply.optional(),
    recommender: recommender.optional(),
    resourcePolicy: resourcePolicy.optional(),
    mode: refused("string", "belongs one level down: write spec.vertical.apply.mode"),
    minReplicas: refused("integer", "belongs one level down: write spec.vertical.apply.minReplicas"),
    containerPolicies: refused(
      "array",
      "belongs one level down: write spec.vertical.resourcePolicy.containerPolicies",
    ),
    updatePolicy: refused("object", "the VPA's updatePolicy is not known here: write spec.vertical.apply"),
    updateMode: refused("string", "the VPA's updateMode is not known here: write spec.vertical.apply.mode"),
    recommenders: refused("array", "there is one recommender: write spec.vertical.recommender"),
    startupBoost: refused("object", "a boost at the start is not known here: leave the field out"),
  })
  .describe("How requests are recommended. Without it, requests are neither recommended nor touched.");

export type WrittenVertical = z.output<typeof vertical>;
