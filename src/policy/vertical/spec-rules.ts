/**
 * Rules of a whole spec that are about `vertical`: which targets it may have, and what it may not share with
 * `horizontal`.
 */
import type { Rule } from "../rules.ts";
import type { WrittenVertical } from "./schema.ts";

type Target = Readonly<{ apiVersion: string; kind: string }>;
type Metric = Readonly<{ resource?: Followed | undefined; containerResource?: Followed | undefined }>;
type Followed = Readonly<{ name: string; target: Readonly<{ averageUtilization?: number | undefined }> }>;
type Spec = Readonly<{
  targetRef: Target;
  horizontal?: Readonly<{ metrics: readonly Metric[] }> | undefined;
  vertical?: WrittenVertical | undefined;
}>;

/** Group → kinds whose pods can be found by owner and carry their requests in a template. */
const KINDS = { apps: ["Deployment", "StatefulSet", "DaemonSet"], batch: ["Job", "CronJob"] };

export const KINDS_OF_VERTICAL: Rule<Spec> = {
  cel: `!has(self.vertical) || ${Object.entries(KINDS)
    .map(([group, kinds]) => {
      const words = kinds.map((kind) => `'${kind}'`).join(", ");
      return `(self.targetRef.apiVersion.startsWith('${group}/') && self.targetRef.kind in [${words}])`;
    })
    .join(" || ")}`,
  field: "targetRef",
  message:
    "names a kind without a recommendation: vertical is for a Deployment, StatefulSet, DaemonSet, Job or CronJob",
  holds: ({ vertical, targetRef: { apiVersion, kind } }) =>
    vertical === undefined ||
    Object.entries(KINDS).some(
      ([group, kinds]) => apiVersion.startsWith(`${group}/`) && kinds.includes(kind),
    ),
};

const FOLLOWED = ["resource", "containerResource"] as const;
const POLICIES = "self.vertical.resourcePolicy.containerPolicies";

/**
 * A utilization of memory would measure against requests that vertical writes from the same usage: one of
 * the two has to leave memory alone. Recommending alone is no harm.
 */
export const MEMORY_BELONGS_TO_ONE: Rule<Spec> = {
  cel: [
    "!has(self.vertical) || !has(self.vertical.apply) || !has(self.vertical.apply.mode) || self.vertical.apply.mode == 'Off'",
    "!has(self.horizontal) || !has(self.horizontal.metrics)",
    `!self.horizontal.metrics.exists(m, ${FOLLOWED.map(
      (block) =>
        `(has(m.${block}) && m.${block}.name == 'memory' && has(m.${block}.target.averageUtilization))`,
    ).join(" || ")})`,
    `(has(self.vertical.resourcePolicy) && has(${POLICIES}) && ${POLICIES}.exists(p, p.containerName == '*')` +
      ` && ${POLICIES}.all(p, (has(p.mode) && p.mode == 'Off') || (has(p.controlledResources) && !('memory' in p.controlledResources))))`,
  ].join(" || "),
  field: "vertical",
  message:
    "would change the memory requests that a memory utilization is a part of: follow memory by averageValue, leave it out of controlledResources, or recommend only",
  holds: ({ vertical, horizontal }) =>
    vertical === undefined ||
    (vertical.apply?.mode ?? "Off") === "Off" ||
    !(horizontal?.metrics ?? []).some(followsMemoryUtilization) ||
    !controlsMemory(vertical),
};

const followsMemoryUtilization = (metric: Metric): boolean =>
  FOLLOWED.some((block) => {
    const followed = metric[block];
    return followed?.name === "memory" && followed.target.averageUtilization !== undefined;
  });

/** Without a policy for every container, the others' defaults control memory. */
function controlsMemory({ resourcePolicy }: WrittenVertical): boolean {
  const policies = resourcePolicy?.containerPolicies ?? [];
  if (!policies.some(({ containerName }) => containerName === "*")) return true;
  return policies.some(
    ({ mode, controlledResources }) =>
      mode !== "Off" && (controlledResources === undefined || controlledResources.includes("memory")),
  );
}
