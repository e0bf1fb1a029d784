/**
 * The workloads of a run: Deployments of many shapes, each with an HPA and a Shadow policy that say the same.
 *
 * Invariant: a workload, its HPA, its policy and its pods' label `app` have one name; windows and periods are no multiples
 * of the HPA's 4 s, so that nothing depends on which millisecond a sync falls into.
 */
import type { Place } from "../cluster/manifests.ts";

/** The HPA's pace here; 15 s would give a quarter of the syncs. */
export const SYNC_SECONDS = 4;

type Followed = Readonly<{ resource: "cpu" | "memory"; container?: string }>;
export type Shape = Readonly<{
  /** What the load is on: at `mark` of it per pod nothing moves. */
  follows: Followed;
  mark: Readonly<{ averageUtilization: number } | { averageValue: string }>;
  /** Usage of one pod at its mark: millicores, or Mi. */
  perPod: number;
  /** A second metric that is never the largest. */
  second?: Followed;
  containers: readonly string[];
  behavior?: Readonly<Record<string, unknown>>;
  /** How long a pod takes to become ready; at once without. */
  readyAfter?: string;
  max: number;
}>;

const cpu: Followed = { resource: "cpu" };
const memory: Followed = { resource: "memory" };
const quick = (seconds: number, rest: object = {}) => ({
  scaleDown: { stabilizationWindowSeconds: seconds, ...rest },
});
const app = ["app"];

/** Every container requests 100m and 64Mi. */
const SHAPES: readonly Shape[] = [
  { follows: cpu, mark: { averageUtilization: 60 }, perPod: 60, containers: app, behavior: quick(14), max: 12 },
  { follows: cpu, mark: { averageUtilization: 60 }, perPod: 60, containers: app, behavior: quick(14), readyAfter: "6s", max: 12 },
  { follows: cpu, mark: { averageUtilization: 80 }, perPod: 80, containers: app, behavior: quick(18), readyAfter: "9s", max: 9 },
  { follows: cpu, mark: { averageUtilization: 50 }, perPod: 100, containers: ["app", "mesh"], behavior: quick(14), readyAfter: "3s", max: 12 },
  { follows: cpu, mark: { averageUtilization: 130 }, perPod: 130, containers: app, behavior: quick(14), max: 10 },
  { follows: cpu, mark: { averageValue: "70m" }, perPod: 70, containers: app, behavior: quick(14), readyAfter: "5s", max: 12 },
  { follows: cpu, mark: { averageUtilization: 60 }, perPod: 60, containers: app, behavior: quick(14, { policies: [{ type: "Pods", value: 1, periodSeconds: 10 }] }), max: 12 },
  { follows: cpu, mark: { averageUtilization: 60 }, perPod: 60, containers: app, behavior: { ...quick(14), scaleUp: { stabilizationWindowSeconds: 6 } }, readyAfter: "4s", max: 12 },
  { follows: cpu, mark: { averageUtilization: 70 }, perPod: 70, containers: app, behavior: { ...quick(14), scaleUp: { selectPolicy: "Min", policies: [{ type: "Pods", value: 2, periodSeconds: 10 }, { type: "Percent", value: 50, periodSeconds: 10 }] } }, max: 12 },
  { follows: memory, mark: { averageUtilization: 60 }, perPod: 38, containers: app, behavior: quick(14), max: 12 },
  { follows: { resource: "cpu", container: "app" }, mark: { averageUtilization: 60 }, perPod: 60, containers: ["app", "mesh"], behavior: quick(14), readyAfter: "6s", max: 12 },
  { follows: cpu, mark: { averageUtilization: 60 }, perPod: 60, second: memory, containers: app, behavior: quick(14), readyAfter: "2s", max: 5 },
]; // prettier-ignore

export type Workload = Place & Readonly<{ shape: Shape }>;

/** Each shape as often as it takes. */
export const workloadsIn = (namespace: string, count: number): readonly Workload[] =>
  Array.from({ length: count }, (_, index) => ({
    namespace,
    name: `web-${index}`,
    shape: SHAPES[index % SHAPES.length] as Shape,
  }));

export const USAGE = "kwok.x-k8s.io/usage-";
const START = 3;

export function objectsOf(workload: Workload): readonly object[] {
  const { namespace, name, shape } = workload;
  const metadata = { namespace, name };
  const targetRef = { apiVersion: "apps/v1", kind: "Deployment", name };
  const scaling = {
    minReplicas: 2,
    maxReplicas: shape.max,
    metrics: metricsOf(shape),
    behavior: shape.behavior,
  };
  return [
    deploymentOf(workload),
    { apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler", metadata, spec: { scaleTargetRef: targetRef, ...scaling } },
    { apiVersion: "plimsoll.dev/v1alpha1", kind: "ScalePolicy", metadata, spec: { targetRef, mode: "Shadow", horizontal: scaling } },
  ]; // prettier-ignore
}

function deploymentOf({ namespace, name, shape }: Workload): object {
  const { follows, perPod, containers, readyAfter } = shape;
  const annotations = {
    ...(readyAfter !== undefined && { "test.plimsoll.dev/ready-after": readyAfter }),
    [`${USAGE}${follows.resource}`]: usageText(shape, perPod / 3),
  };
  const requests = { cpu: "100m", memory: "64Mi" };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { namespace, name },
    spec: {
      replicas: START,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name }, annotations },
        spec: {
          containers: containers.map((each) => ({ name: each, image: "registry.example/app:1", resources: { requests } })),
        },
      },
    },
  }; // prettier-ignore
}

/** kwok's annotation is per container, and so is what a metric that names one follows. */
export function usageText({ follows, containers }: Shape, perPod: number): string {
  const share = follows.container === undefined ? perPod / containers.length : perPod;
  return follows.resource === "cpu" ? `${Math.round(share)}m` : `${Math.round(share * 1024)}Ki`;
}

function metricsOf({ follows, mark, second }: Shape): readonly object[] {
  const first = metricOf(follows, mark);
  return second === undefined ? [first] : [first, metricOf(second, { averageUtilization: 90 })];
}

function metricOf({ resource: name, container }: Followed, mark: Shape["mark"]): object {
  const target = { type: "averageValue" in mark ? "AverageValue" : "Utilization", ...mark };
  return container === undefined
    ? { type: "Resource", resource: { name, target } }
    : { type: "ContainerResource", containerResource: { name, container, target } };
}
