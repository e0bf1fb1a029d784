/**
 * `spec.horizontal.behavior`, autoscaling/v2's with its limits and defaults.
 *
 * Invariant: an absent `behavior` stays absent, for the HPA's pipeline without one is not the one with all
 * defaults; a present one has both directions filled in, member by member.
 */
import { z } from "zod";
import { compareQuantities } from "../base/quantity.ts";
import { quantityField, quantityOf, SELF } from "./quantity-field.ts";

const policy = z.strictObject({
  type: z
    .enum(["Pods", "Percent"])
    .describe("Pods (a number of them) or Percent (of the replicas at the start)."),
  value: z.int32().min(1).describe("How many pods or percent within the period; more than 0."),
  periodSeconds: z.int32().min(1).max(1800).describe("The period in seconds, 1 to 1800."),
});

/** autoscaling/v2's; its documentation says 60 s for the periods upwards, its code 15 s. */
const UP = {
  window: 0,
  policies: [
    { type: "Pods", value: 4, periodSeconds: 15 },
    { type: "Percent", value: 100, periodSeconds: 15 },
  ] satisfies z.input<typeof policy>[],
};
const DOWN = {
  policies: [{ type: "Percent", value: 100, periodSeconds: 15 }] satisfies z.input<typeof policy>[],
};

const window = z.int32().min(0).max(3600);
const tolerance = quantityField("'0.05'", [
  {
    cel: `${SELF}.compareTo(quantity('0')) >= 0`,
    message: "must not be negative",
    holds: ({ nano }) => nano >= 0n,
  },
  {
    cel: `${SELF}.compareTo(quantity('1000')) <= 0`,
    message: "must be at most 1000: it is a fraction, 0.1 is 10 %",
    holds: (fraction) => compareQuantities(fraction, quantityOf("1000")) <= 0,
  },
]).describe(
  "By which fraction usage may differ from its target before replicas change; 0.05 is 5 %. Default: the operator's --horizontal-pod-autoscaler-tolerance.",
);

const common = (policies: z.input<typeof policy>[]) => ({
  selectPolicy: z
    .enum(["Max", "Min", "Disabled"])
    .default("Max")
    .describe(
      "Which policy counts: the one that allows most (Max, default) or least (Min); Disabled: never this way.",
    ),
  policies: z
    .array(policy)
    .min(1)
    .max(20)
    .default(policies)
    .describe("Limits of the speed; at least one.")
    .meta({ "x-kubernetes-list-type": "atomic" }),
  tolerance: tolerance.optional(),
});

export const behavior = z
  .strictObject({
    scaleUp: z
      .strictObject({
        stabilizationWindowSeconds: window
          .default(UP.window)
          .describe("The lowest answer of the last so many seconds counts, 0 to 3600. Default 0."),
        ...common(UP.policies),
      })
      .prefault({})
      .describe("How replicas may grow. Default: 4 pods or 100 % per 15 s, whichever is more."),
    scaleDown: z
      .strictObject({
        stabilizationWindowSeconds: window
          .optional()
          .describe(
            "The highest answer of the last so many seconds counts, 0 to 3600. Default: the operator's --horizontal-pod-autoscaler-downscale-stabilization, 300.",
          ),
        ...common(DOWN.policies),
      })
      .prefault({})
      .describe("How replicas may shrink. Default: to minReplicas at once, after the stabilization window."),
  })
  .describe(
    "How fast replicas may change. Without it: at most doubled (or 4) per 15 s upwards, and the operator's stabilization window downwards.",
  );
