/**
 * What tests of the `cluster` project put into the cluster: small workloads and policies, as users write them.
 */
import { succeed } from "../control-plane/api-request.ts";
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

/**
 * Of the 100m that each pod asks for: what keeps a workload as it is, at two replicas and at three. Its mark of 60m would be
 * missed by a busy machine, on which a second's usage is measured a tenth of a second late.
 */
export const AT_REST = "50m";

/** Where kinds that are scaled here are served. */
const SERVED: Readonly<Record<string, string>> = {
  deployment: "/apis/apps/v1",
  statefulset: "/apis/apps/v1",
  fleet: "/apis/test.plimsoll.dev/v1",
};

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
    /** spec.replicas of `deployment/web`; asked without kubectl, for tests that wait ask often. */
    replicas: async (resource: string): Promise<number> => {
      const [kind = "", name] = resource.toLowerCase().split("/");
      const path = `${SERVED[kind]}/namespaces/${namespace}/${kind}s/${name}`;
      return ((await succeed(plane.request, "GET", path)) as { spec: { replicas: number } }).spec.replicas;
    },
    load: (app: string, cpu: string) => plane.setUsage({ namespace, selector: `app=${app}`, cpu }),
    rolledOut: (resource: string) =>
      plane.kubectl("rollout", "status", resource, "-n", namespace, "--timeout=60s"),
  };
}

/** For `expect.poll`: long enough for a busy machine; nothing asserts how long it took. */
export const WAIT = { timeout: 60_000, interval: 300 };
