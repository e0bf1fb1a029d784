/**
 * What tests of the `cluster` project put into the cluster: small workloads and policies, as users write them.
 */
import type { ControlPlane } from "./control-plane.ts";

/** `cpu`: what kwok says that each new pod uses, until its annotation is changed. */
export const podTemplate = (app: string, cpu?: string) => ({
  metadata: { labels: { app }, annotations: cpu === undefined ? {} : { "kwok.x-k8s.io/usage-cpu": cpu } },
  spec: {
    containers: [
      {
        name: "app",
        image: "registry.example/app",
        resources: { requests: { cpu: "100m", memory: "64Mi" } },
      },
    ],
  },
});

export type Place = Readonly<{ namespace: string; name: string }>;

export const aWorkload = (
  { namespace, name }: Place,
  kind: "Deployment" | "StatefulSet",
  { replicas = 2, cpu }: Readonly<{ replicas?: number; cpu?: string }> = {},
) => ({
  apiVersion: "apps/v1",
  kind,
  metadata: { name, namespace },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: podTemplate(name, cpu),
    ...(kind === "StatefulSet" ? { serviceName: name, podManagementPolicy: "Parallel" } : {}),
  },
});

export type PolicyParts = Readonly<{
  target?: Readonly<{ apiVersion: string; kind: string }>;
  mode?: "Active" | "Shadow" | "Paused";
  max?: number;
  /** stabilizationWindowSeconds of scaleDown. */
  window?: number;
}>;

/** Two to eight replicas (or `max`) at 60 % CPU. */
export const aPolicy = ({ namespace, name }: Place, parts: PolicyParts = {}) => ({
  apiVersion: "plimsoll.dev/v1alpha1",
  kind: "ScalePolicy",
  metadata: { name, namespace },
  spec: {
    targetRef: { ...(parts.target ?? { apiVersion: "apps/v1", kind: "Deployment" }), name },
    mode: parts.mode ?? "Active",
    horizontal: {
      minReplicas: 2,
      maxReplicas: parts.max ?? 8,
      metrics: [
        {
          type: "Resource",
          resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 60 } },
        },
      ],
      behavior: { scaleDown: { stabilizationWindowSeconds: parts.window ?? 10 } },
    },
  },
});

type Status = Readonly<{
  conditions?: readonly Readonly<{ type: string; status: string; reason: string; message: string }>[];
  horizontal?: Readonly<{ currentReplicas: number; desiredReplicas: number; history?: object }>;
  recentActs?: readonly Readonly<{ time: string; what: string; why: string }>[];
  lastDecision?: Readonly<{ time: string; summary: string }>;
}>;

/** Questions and pushes, for one namespace. */
export function inNamespace(plane: ControlPlane, namespace: string) {
  const status = async (policy: string): Promise<Status> => {
    const path = `/apis/plimsoll.dev/v1alpha1/namespaces/${namespace}/scalepolicies/${policy}`;
    return ((await plane.request("GET", path)).body as { status?: Status }).status ?? {};
  };
  return {
    status,
    condition: async (policy: string, type: string) =>
      (await status(policy)).conditions?.find((condition) => condition.type === type),
    /** spec.replicas of `deployment/web`. */
    replicas: async (resource: string): Promise<number> =>
      Number(await plane.kubectl("get", resource, "-n", namespace, "-o", "jsonpath={.spec.replicas}")),
    load: (app: string, cpu: string) => plane.setUsage({ namespace, selector: `app=${app}`, cpu }),
    rolledOut: (resource: string) =>
      plane.kubectl("rollout", "status", resource, "-n", namespace, "--timeout=60s"),
  };
}

/** For `expect.poll`: long enough for a busy machine; nothing asserts how long it took. */
export const WAIT = { timeout: 60_000, interval: 300 };
