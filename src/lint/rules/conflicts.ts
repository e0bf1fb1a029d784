/**
 * What two objects do to each other.
 */
import type { ResourceName } from "../../base/units.ts";
import type { Finding } from "../finding.ts";
import type { Autoscaler, Manifests } from "../manifest.ts";

/** Two that write the replicas of one target: each undoes what the other does. */
export function twoAutoscalers({ autoscalers }: Manifests): readonly Finding[] {
  const writing = autoscalers.filter(({ writes, horizontal }) => writes && horizontal !== undefined);
  const groups = [...Map.groupBy(writing, ({ key }) => key).values()];
  return groups.flatMap(([first, ...others]) =>
    others.map((other): Finding => {
      const rival = first === undefined ? "" : `${first.source.kind} ${first.source.name}`;
      const message = `${rival} scales ${nameOf(other)} too: keep one, or write mode: Shadow in the policy`;
      return { rule: "two-autoscalers", severity: "error", source: other.source, field: "spec", message };
    }),
  );
}

/**
 * Replicas by a percentage of the request while someone else changes the request: each change of the
 * request is a change of the mark, so replicas rise and requests fall until a bound stops them.
 */
export function halfPairs({ autoscalers, workloads }: Manifests): readonly Finding[] {
  const fights = autoscalers.flatMap((vertical) =>
    vertical.changesRequestsOf.flatMap((resource) => {
      const follower = autoscalers.find((other) => follows(other, vertical, resource));
      return follower === undefined ? [] : [fight(vertical, follower, resource)];
    }),
  );
  return [...fights, ...workloads.flatMap(committedSet)];
}

const follows = (other: Autoscaler, { key }: Autoscaler, resource: ResourceName): boolean =>
  other.key === key &&
  (other.horizontal?.metrics ?? []).some(
    (metric) => metric.resource === resource && metric.target.kind === "utilization",
  );

function fight(vertical: Autoscaler, follower: Autoscaler, resource: ResourceName): Finding {
  const by = `${follower.source.kind} ${follower.source.name}`;
  const message =
    `changes the ${resource} request that ${by} scales by a percentage of: ` +
    `give ${by} an averageValue, or leave ${resource} out of controlledResources`;
  return { rule: "half-a-pair", severity: "error", source: vertical.source, field: "spec", message };
}

/** A template copied from the cluster carries our annotation, which speaks of values it no longer has. */
function committedSet({ source, requestsAnnotation }: Manifests["workloads"][number]): readonly Finding[] {
  if (requestsAnnotation === undefined || !requestsAnnotation.includes('"set"')) return [];
  const field = "spec.template.metadata.annotations[plimsoll.dev/requests]";
  const message = 'is written by the operator: commit it as "" together with the requests, or leave both out';
  return [{ rule: "half-a-pair", severity: "error", source, field, message }];
}

const nameOf = ({ target }: Autoscaler): string => `${target.kind} ${target.name}`;
