/**
 * The rules, in the order in which findings are told. A rule is a function from all manifests to findings: it
 * may look at several objects at once.
 */
import type { Finding, RuleName } from "./finding.ts";
import type { Manifests } from "./manifest.ts";
import { halfPairs, twoAutoscalers } from "./rules/conflicts.ts";
import { fixedReplicas, oldVersions, wrongPolicies } from "./rules/objects.ts";
import { memoryUtilization, minIsMax, noRequests, outOfReach, unknownContainers } from "./rules/targets.ts";

type Rule = Readonly<{ name: RuleName; finds: (manifests: Manifests) => readonly Finding[] }>;

export const RULES: readonly Rule[] = [
  { name: "invalid", finds: wrongPolicies },
  { name: "old-version", finds: oldVersions },
  { name: "two-autoscalers", finds: twoAutoscalers },
  { name: "half-a-pair", finds: halfPairs },
  { name: "no-requests", finds: noRequests },
  { name: "unknown-container", finds: unknownContainers },
  { name: "target-out-of-reach", finds: outOfReach },
  { name: "min-is-max", finds: minIsMax },
  { name: "memory-utilization", finds: memoryUtilization },
  { name: "fixed-replicas", finds: fixedReplicas },
];

export const lint = (manifests: Manifests): readonly Finding[] =>
  RULES.flatMap(({ finds }) => finds(manifests));
