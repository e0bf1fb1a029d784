/**
 * `status.vertical` as a schema.
 *
 * Invariant: every status of vertical/status.ts passes unchanged.
 */
import { z } from "zod";

const quantityText = z.string().max(64);
const requestTexts = z.object({
  cpu: quantityText.exactOptional().describe("Cores, as a quantity."),
  memory: quantityText.exactOptional().describe("Bytes, as a quantity."),
});

const containerRecommendation = z
  .object({
    containerName: z.string().max(63).describe("Name of the container."),
    target: requestTexts.describe("The request that is recommended."),
    lowerBound: requestTexts.describe("Below this, the container likely has too little."),
    upperBound: requestTexts.describe("Above this, what it has is likely wasted."),
    uncappedTarget: requestTexts.describe("The target before minAllowed and maxAllowed."),
    base: requestTexts.describe("The request that it is compared with; empty where none is set."),
  })
  .describe("What is recommended for one container.");

const targetPair = z
  .object({
    metric: z.string().max(128).describe("The metric of the spec: cpu, or app/cpu for one container."),
    request: quantityText.describe("The request, over the counted containers, that the percentage is of."),
    averageUtilization: z.int32().min(1).describe("The percentage to write with that request."),
    averageValue: quantityText.describe("The amount to write while the request changes."),
  })
  .describe("What a utilization has to become when its request is changed by hand.");

export const verticalStatus = z
  .object({
    recommendation: z
      .object({
        containerRecommendations: z
          .array(containerRecommendation)
          .max(100)
          .describe("By container, in the order of names.")
          .meta({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["containerName"] }),
        targets: z
          .array(targetPair)
          .max(20)
          .describe("For each utilization that horizontal follows, in the order of the spec.")
          .meta({ "x-kubernetes-list-type": "atomic" }),
      })
      .exactOptional()
      .describe("What the requests should be; absent while it is not known."),
    confidence: z
      .string()
      .max(32)
      .exactOptional()
      .describe(
        "Days of history behind it, of the container with the least: 1 is a day of one sample a minute.",
      ),
  })
  .describe("The state of vertical scaling; the recommendation in the VPA's shape.");
