/**
 * From `spec.vertical` as written to what the rest of the program sees: the operator's defaults filled in.
 *
 * Invariant: an absent field means what the VPA means by its absence.
 */
import { quantityInMilli } from "../../base/quantity.ts";
import { bytes, milliCores, type RequestAmounts } from "../../base/units.ts";
import { quantityOf, type QuantityText } from "../quantity-field.ts";
import { durationOf } from "./duration-field.ts";
import type { WrittenVertical } from "./schema.ts";
import type { ContainerPolicy, RecommenderSpec, VerticalSpec } from "./spec.ts";

/** The VPA recommender's flags: percentiles, margin and half-lives. */
const DEFAULT = { percentile: 90, marginPercent: 15, halfLife: "24h" };
/** The VPA updater's `--min-replicas`. */
const MIN_REPLICAS = 2;

export function readVertical({
  apply = {},
  recommender = {},
  resourcePolicy,
}: WrittenVertical): VerticalSpec {
  const { mode = "Off", minReplicas = MIN_REPLICAS, windows = [] } = apply;
  return {
    apply: {
      mode,
      minReplicas,
      windows: windows.map(({ schedule, duration, timeZone = "UTC" }) => ({
        schedule,
        duration: durationOf(duration),
        timeZone,
      })),
    },
    recommender: recommenderOf(recommender),
    containers: (resourcePolicy?.containerPolicies ?? []).map(containerPolicyOf),
  };
}

function recommenderOf({
  cpuPercentile = DEFAULT.percentile,
  memoryPercentile = DEFAULT.percentile,
  marginPercent = DEFAULT.marginPercent,
  cpuHalfLife = DEFAULT.halfLife,
  memoryHalfLife = DEFAULT.halfLife,
}: NonNullable<WrittenVertical["recommender"]>): RecommenderSpec {
  return {
    cpuPercentile: cpuPercentile / 100,
    memoryPercentile: memoryPercentile / 100,
    margin: marginPercent / 100,
    cpuHalfLife: durationOf(cpuHalfLife),
    memoryHalfLife: durationOf(memoryHalfLife),
  };
}

type WrittenPolicy = NonNullable<NonNullable<WrittenVertical["resourcePolicy"]>["containerPolicies"]>[number];

function containerPolicyOf({
  containerName,
  mode = "Auto",
  controlledResources = ["cpu", "memory"],
  controlledValues = "RequestsAndLimits",
  minAllowed,
  maxAllowed,
  allowMemoryLimitDecrease = false,
}: WrittenPolicy): ContainerPolicy {
  return {
    container: containerName,
    mode,
    controlledResources,
    controlledValues,
    minAllowed: amountsOf(minAllowed),
    maxAllowed: amountsOf(maxAllowed),
    allowMemoryLimitDecrease,
  };
}

/** Fractions of a millicore or a byte round up. */
function amountsOf({
  cpu,
  memory,
}: Readonly<{ cpu?: QuantityText | undefined; memory?: QuantityText | undefined }> = {}): RequestAmounts {
  return {
    ...(cpu === undefined ? {} : { cpu: milliCores(quantityInMilli(quantityOf(cpu))) }),
    ...(memory === undefined ? {} : { memory: bytes(Math.ceil(quantityInMilli(quantityOf(memory)) / 1000)) }),
  };
}
