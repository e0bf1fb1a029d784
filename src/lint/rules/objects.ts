/**
 * What one object alone gives away.
 */
import type { Finding } from "../finding.ts";
import type { Manifests } from "../manifest.ts";

export const wrongPolicies = ({ problems }: Manifests): readonly Finding[] =>
  problems.map(({ source, field, message }) => ({
    rule: "invalid",
    severity: "error",
    source,
    field,
    message,
  }));

/** Not served any more: v2beta1 since Kubernetes 1.25, v2beta2 since 1.26. */
const GONE: Readonly<Record<string, string>> = {
  "autoscaling/v2beta1": "1.25",
  "autoscaling/v2beta2": "1.26",
};

export const oldVersions = ({ autoscalers }: Manifests): readonly Finding[] =>
  autoscalers.flatMap(({ source, apiVersion }): readonly Finding[] => {
    const since = GONE[apiVersion];
    if (since === undefined) return [];
    const message = `${apiVersion} is not served since Kubernetes ${since}: write autoscaling/v2`;
    return [{ rule: "old-version", severity: "error", source, field: "apiVersion", message }];
  });

/** A count in the manifest comes back with each apply, in the middle of the load. */
export const fixedReplicas = ({ autoscalers, workloads }: Manifests): readonly Finding[] =>
  workloads.flatMap(({ source, key, replicas }): readonly Finding[] => {
    const scaler = autoscalers.find(
      (autoscaler) => autoscaler.key === key && autoscaler.horizontal !== undefined,
    );
    if (replicas === undefined || scaler === undefined) return [];
    const name = `${scaler.source.kind} ${scaler.source.name}`;
    const message = `each apply sets ${replicas} again, whatever ${name} has set: leave the field out`;
    return [{ rule: "fixed-replicas", severity: "warning", source, field: "spec.replicas", message }];
  });
