/**
 * The shapes of a storm's workloads: how many containers a pod has, what its policy follows, what kind it is.
 *
 * Invariant: a shape is drawn from the seed and the workload's name alone; every row of the tables is drawn sooner or
 * later, and the storms count which were.
 */
import { type Bytes, bytes, milliUnits } from "../../../src/base/units.ts";
import { chanceOf } from "../../../src/sim/chance.ts";
import type { Manifest } from "../../../src/sim/manifest.ts";
import { type ContainerBlueprint, MEBI, type WorkloadBlueprint } from "../../../src/sim/model/blueprint.ts";

export type Shape = Readonly<{
  apiVersion: string;
  kind: string;
  containers: readonly ContainerBlueprint[];
  /** `spec.horizontal.metrics` as users write it. */
  metrics: readonly unknown[];
  /** What a pod uses at the mark of the metrics: cores, and bytes beside its base where memory is followed. */
  marks: Readonly<{ cpu: number; memory: number | undefined }>;
}>;

/** Memory of a pod that does nothing. */
export const MEMORY_BASE: Bytes = bytes(16 * MEBI);

const KINDS = [
  { apiVersion: "apps/v1", kind: "Deployment", upTo: 0.6 },
  { apiVersion: "apps/v1", kind: "StatefulSet", upTo: 0.82 },
  { apiVersion: "example.com/v1", kind: "Fleet", upTo: 1 },
] as const;

const container = (name: string, cpu: number, memory: number, share: number): ContainerBlueprint => ({
  name,
  requests: { cpu: milliUnits(cpu), memory: milliUnits(memory * MEBI * 1000) },
  limits: {},
  share,
});
const ONE = [container("app", 500, 256, 1)];
/** A helper that asks for less than its part, so that the pod's utilization is neither container's. */
const TWO: readonly ContainerBlueprint[] = [
  container("app", 400, 192, 0.7),
  { ...container("proxy", 100, 64, 0.3), role: "main" },
];

const PERCENT = 60;
const utilization = { type: "Utilization", averageUtilization: PERCENT };
const amount = (averageValue: string) => ({ type: "AverageValue", averageValue });
const resource = (name: string, target: unknown) => ({ type: "Resource", resource: { name, target } });
const ofApp = (name: string, target: unknown) => ({
  type: "ContainerResource",
  containerResource: { name, container: "app", target },
});

const [MARK_CPU, MARK_MEMORY] = [0.3, 154 * MEBI];
/** At the mark of `app` alone a pod uses this much. */
const [APP_CPU, APP_MEMORY] = [(0.4 * 0.6) / 0.7, (0.6 * 192 * MEBI) / 0.7];
const cores = (cpu: number) => ({ cpu, memory: undefined });
/** Memory alone decides; the pods are not idle. */
const memoryAlone = (memory: number) => ({ cpu: 0.05, memory: memory - MEMORY_BASE });

type Row = Readonly<{ name: string; containers: readonly ContainerBlueprint[] }> &
  Pick<Shape, "metrics" | "marks">;

/** What most people follow, and half of the workloads drawn. */
const USUAL: Row = {
  name: "cpu Utilization",
  containers: ONE,
  metrics: [resource("cpu", utilization)],
  marks: cores(MARK_CPU),
};
const OTHERS: readonly Row[] = [
  {
    name: "cpu Utilization of two containers",
    containers: TWO,
    metrics: [resource("cpu", utilization)],
    marks: cores(MARK_CPU),
  },
  {
    name: "cpu AverageValue",
    containers: ONE,
    metrics: [resource("cpu", amount("300m"))],
    marks: cores(MARK_CPU),
  },
  {
    name: "memory Utilization",
    containers: ONE,
    metrics: [resource("memory", utilization)],
    marks: memoryAlone(MARK_MEMORY),
  },
  {
    name: "memory AverageValue of two containers",
    containers: TWO,
    metrics: [resource("memory", amount("154Mi"))],
    marks: memoryAlone(MARK_MEMORY),
  },
  {
    name: "ContainerResource cpu Utilization",
    containers: TWO,
    metrics: [ofApp("cpu", utilization)],
    marks: cores(APP_CPU),
  },
  {
    name: "ContainerResource memory Utilization",
    containers: TWO,
    metrics: [ofApp("memory", utilization)],
    marks: memoryAlone(APP_MEMORY),
  },
  {
    name: "cpu and memory",
    containers: ONE,
    metrics: [resource("cpu", utilization), resource("memory", amount("154Mi"))],
    marks: { cpu: MARK_CPU, memory: MARK_MEMORY - MEMORY_BASE },
  },
];

const FOLLOWED = [USUAL, ...OTHERS];

export function drawShape(seed: number, name: string): Shape {
  const chance = chanceOf(seed, `shape/${name}`);
  const kindAt = chance.next();
  const { apiVersion, kind } = KINDS.find(({ upTo }) => kindAt < upTo) ?? KINDS[0];
  const isUsual = chance.next() < 0.5;
  const other = OTHERS[Math.floor(chance.next() * OTHERS.length)] ?? USUAL;
  const { containers, metrics, marks } = isUsual ? USUAL : other;
  return { apiVersion, kind, containers, metrics, marks };
}

/** A Deployment whose policy follows its CPU. */
export const USUAL_SHAPE: Shape = { apiVersion: "apps/v1", kind: "Deployment", ...USUAL };

/** All that is drawn: `kind Fleet`, `follows memory Utilization`. */
export const SHAPES: readonly string[] = [
  ...KINDS.map(({ kind }) => `kind ${kind}`),
  ...FOLLOWED.map(({ name }) => `follows ${name}`),
];

/** What a workload of a storm is, in the words of SHAPES. */
export function shapesOf(blueprint: WorkloadBlueprint, policy: Manifest): readonly string[] {
  const { horizontal } = policy.spec as { horizontal: { metrics: unknown } };
  const row = FOLLOWED.find(
    ({ metrics, containers }) =>
      JSON.stringify(metrics) === JSON.stringify(horizontal.metrics) &&
      containers.length === blueprint.containers.length,
  );
  return [`kind ${blueprint.target.kind}`, ...(row === undefined ? [] : [`follows ${row.name}`])];
}
