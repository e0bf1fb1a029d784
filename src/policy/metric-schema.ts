/**
 * One entry of `spec.horizontal.metrics`, autoscaling/v2's MetricSpec for the kinds that work.
 *
 * Invariant: an accepted metric has exactly one block, the one that its type names, and that block exactly
 * one target value, of the kind that the target's type names.
 */
import { z } from "zod";
import { compareQuantities } from "../base/quantity.ts";
import { isWellFormed, quantityField, quantityOf, SELF, wellFormed } from "./quantity-field.ts";
import { type Rule, refused, ruled, textLike, wordOf } from "./rules.ts";

const LATER = "arrive with a later release: write type: Resource or ContainerResource";

const target = ruled(
  z.strictObject({
    type: wordOf(
      ["Utilization", "AverageValue"],
      "must be Utilization or AverageValue: cpu and memory have no other kind of target",
    ).describe("Utilization (percent of the request) or AverageValue (an amount per pod)."),
    averageUtilization: z
      .int32()
      .min(1)
      .optional()
      .describe("Wanted average usage over all pods, in percent of the request; above 100 is allowed."),
    averageValue: quantityField("250m or 512Mi", [
      {
        cel: `${SELF}.compareTo(quantity('0')) > 0`,
        message: "must be greater than 0",
        holds: ({ nano }) => nano > 0n,
      },
      {
        cel: `${SELF}.compareTo(quantity('8Ti')) <= 0`,
        message: "must be at most 8Ti: it is an amount per pod",
        holds: (amount) => compareQuantities(amount, quantityOf("8Ti")) <= 0,
      },
    ])
      .optional()
      .describe("Wanted average usage of one pod, as a quantity: 250m of cpu, 512Mi of memory."),
    value: refused("string", "applies to Object and External metrics only: write averageValue"),
  }),
  [
    {
      cel: "(self.type == 'Utilization') == has(self.averageUtilization)",
      field: "averageUtilization",
      message: "goes with type: Utilization, and only with it",
      holds: ({ type, averageUtilization }) =>
        (type === "Utilization") === (averageUtilization !== undefined),
    },
    {
      cel: "(self.type == 'AverageValue') == has(self.averageValue)",
      field: "averageValue",
      message: "goes with type: AverageValue, and only with it",
      holds: ({ type, averageValue }) => (type === "AverageValue") === (averageValue !== undefined),
    },
  ],
).describe("The wanted level.");

const resourceName = wordOf(
  ["cpu", "memory"],
  "must be cpu or memory: no other resource has a usage that a kubelet reports",
).describe("cpu or memory.");

const AMOUNT = "self.target.averageValue";
type Followed = Readonly<{ name: string; target: z.output<typeof target> }>;

/** `512m` of memory is half a byte: someone meant 512Mi. */
const WHOLE_BYTES: Rule<Followed> = {
  cel: `self.name != 'memory' || !has(${AMOUNT}) || !${wellFormed(AMOUNT)} || quantity(string(${AMOUNT})).compareTo(quantity('1')) != -1`,
  field: "target",
  message: "has an averageValue of less than one byte: write memory as 512Mi, for 512m is half a byte",
  holds: ({ name, target: { averageValue } }) =>
    name !== "memory" ||
    averageValue === undefined ||
    !isWellFormed(averageValue) ||
    compareQuantities(quantityOf(averageValue), quantityOf("1")) >= 0,
};

const container = textLike(
  /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
  63,
  "must be the name of a container: lower case letters, digits and '-'",
).describe("Name of the container, the same in every pod of the target.");

export const metric = ruled(
  z.strictObject({
    type: wordOf(
      ["Resource", "ContainerResource"],
      `must be Resource or ContainerResource: Pods, Object and External ${LATER}`,
    ).describe("Resource (a whole pod's usage) or ContainerResource (one container's)."),
    resource: ruled(z.strictObject({ name: resourceName, target }), [WHOLE_BYTES])
      .optional()
      .describe("For type Resource: usage of a pod, all its containers together."),
    containerResource: ruled(z.strictObject({ name: resourceName, container, target }), [WHOLE_BYTES])
      .optional()
      .describe("For type ContainerResource: usage of one container of each pod."),
    pods: refused("object", `Pods metrics ${LATER}`),
    object: refused("object", `Object metrics ${LATER}`),
    external: refused("object", `External metrics ${LATER}`),
    prometheus: refused("object", `Prometheus queries ${LATER}`),
  }),
  [
    {
      cel: "(self.type == 'Resource') == has(self.resource)",
      field: "resource",
      message: "goes with type: Resource, and only with it",
      holds: ({ type, resource }) => (type === "Resource") === (resource !== undefined),
    },
    {
      cel: "(self.type == 'ContainerResource') == has(self.containerResource)",
      field: "containerResource",
      message: "goes with type: ContainerResource, and only with it",
      holds: ({ type, containerResource }) =>
        (type === "ContainerResource") === (containerResource !== undefined),
    },
  ],
);

type Metric = z.output<typeof metric>;

/** Rules of the whole list: the HPA accepts a metric twice; here the second could only confuse. */
export const NAMES_TWICE: readonly Rule<Metric[]>[] = [
  {
    cel: "self.all(a, !has(a.resource) || self.exists_one(b, has(b.resource) && b.resource.name == a.resource.name))",
    message: "must not follow the same resource twice: keep one of the entries",
    holds: (metrics) => allDiffer(metrics.map(({ resource }) => resource?.name)),
  },
  {
    cel:
      "self.all(a, !has(a.containerResource) || self.exists_one(b, has(b.containerResource) && " +
      "b.containerResource.name == a.containerResource.name && b.containerResource.container == a.containerResource.container))",
    message: "must not follow the same resource of a container twice: keep one of the entries",
    holds: (metrics) =>
      allDiffer(
        metrics.map(
          ({ containerResource: followed }) => followed && `${followed.name}/${followed.container}`,
        ),
      ),
  },
];

function allDiffer(names: readonly (string | undefined)[]): boolean {
  const present = names.filter((name) => name !== undefined);
  return new Set(present).size === present.length;
}
