/**
 * The stories whose stock answer is read from a real HPA: the same situation as objects, small enough to come about in
 * seconds, and where the HPA must end. test/cluster/issue-answers.test.ts plays them.
 *
 * Invariant: a story with a `stock recorded` line is here, under its file's name, and ends at the count of that line.
 */
type Container = Readonly<{ name: string; resources?: Readonly<{ requests: Readonly<{ cpu: string }> }> }>;

/** A Deployment, or bare pods, that use `cpu` in every container. */
export type RecordedPods = Readonly<{
  name: string;
  kind: "Deployment" | "Pod";
  /** Of a Deployment. */
  replicas?: number;
  /** The label that its selector asks for. */
  app: string;
  containers: readonly Container[];
  cpu: string;
}>;

export type RecordedHpa = Readonly<{
  name: string;
  target: string;
  max: number;
  metrics?: readonly object[];
}>;

export type Situation = Readonly<{
  pods: readonly RecordedPods[];
  /** Of `web`, and of others. */
  hpas: readonly RecordedHpa[];
  /** What the status of the HPA `web` must come to say; `utilization` proves that it had a metric. */
  says: Readonly<{ condition: string; message?: RegExp; utilization?: number }>;
  /** spec.replicas of the Deployment `web` then. */
  replicas: number;
}>;

const app: Container = { name: "app", resources: { requests: { cpu: "500m" } } };
const bare: Container = { name: "app" };
const web = (replicas: number, cpu: string, containers: readonly Container[] = [app]): RecordedPods => ({
  name: "web",
  kind: "Deployment",
  replicas,
  app: "web",
  containers,
  cpu,
});
const hpa = (max: number, metrics?: readonly object[]): RecordedHpa => ({
  name: "web",
  target: "web",
  max,
  ...(metrics === undefined ? {} : { metrics }),
});

const target = { type: "Utilization", averageUtilization: 60 };
const CPU = { type: "Resource", resource: { name: "cpu", target } };
const GONE = { type: "ContainerResource", containerResource: { name: "cpu", container: "gone", target } };

export const RECORDED: Readonly<Record<string, Situation>> = {
  "one-metric-gone-up": {
    pods: [web(4, "600m")],
    hpas: [hpa(8, [GONE, CPU])],
    says: { condition: "ScalingLimited=True/TooManyReplicas", utilization: 120 },
    replicas: 8,
  },
  "one-metric-gone-down": {
    pods: [web(4, "50m")],
    hpas: [hpa(20, [GONE, CPU])],
    says: { condition: "ScalingActive=False/FailedGetContainerResourceMetric", utilization: 10 },
    replicas: 4,
  },
  "two-on-one-target": {
    pods: [web(4, "600m")],
    hpas: [hpa(20), { name: "web-night", target: "web", max: 20 }],
    says: { condition: "ScalingActive=False/AmbiguousSelector" },
    replicas: 4,
  },
  "overlapping-targets": {
    pods: [web(4, "600m"), { ...web(2, "300m", [{ ...app, name: "canary" }]), name: "canary" }],
    hpas: [hpa(20), { name: "canary", target: "canary", max: 20 }],
    says: { condition: "ScalingActive=False/AmbiguousSelector" },
    replicas: 4,
  },
  "overlap-without-requests": {
    pods: [web(4, "900m"), { name: "job", kind: "Pod", app: "web", containers: [bare], cpu: "60m" }],
    hpas: [hpa(20)],
    says: { condition: "ScalingActive=False/FailedGetResourceMetric", message: /missing request for cpu/ },
    replicas: 4,
  },
  "no-requests": {
    pods: [web(3, "1", [bare])],
    hpas: [hpa(20)],
    says: { condition: "ScalingActive=False/FailedGetResourceMetric", message: /missing request for cpu/ },
    replicas: 3,
  },
  "sidecar-without-request": {
    pods: [web(3, "900m", [app, { name: "proxy" }])],
    hpas: [hpa(20)],
    says: {
      condition: "ScalingActive=False/FailedGetResourceMetric",
      message: /missing request for cpu in container proxy/,
    },
    replicas: 3,
  },
  "zero-by-hand": {
    pods: [web(0, "300m")],
    hpas: [hpa(20)],
    says: { condition: "ScalingActive=False/ScalingDisabled" },
    replicas: 0,
  },
  "never-over-maximum": {
    pods: [web(5, "3")],
    hpas: [hpa(5)],
    says: { condition: "ScalingLimited=True/TooManyReplicas", utilization: 600 },
    replicas: 5,
  },
};
