/**
 * What befalls a small world in an hour, drawn from a seed: workloads with policies and changing loads, and faults.
 *
 * Invariant: the same seed draws the same weather; every draw is plain data that a scenario can say, so that it can be
 * shrunk and kept.
 */
import { type Millis, millis, minutes, seconds } from "../../../src/base/units.ts";
import type { Random } from "../../../src/base/random.ts";
import { between, chanceOf } from "../../../src/sim/chance.ts";
import type { FaultPlan } from "../../../src/sim/faults/fault-row.ts";
import { FAULTS, LONGEST } from "../../../src/sim/faults/faults.ts";
import type { Manifest } from "../../../src/sim/manifest.ts";
import type { Point } from "../../../src/sim/kubelet/load.ts";
import { type Load, workload, type WorkloadBlueprint } from "../../../src/sim/model/blueprint.ts";
import { drawShape, MEMORY_BASE, type Shape, USUAL_SHAPE } from "./shapes.ts";

export type Weather = Readonly<{
  seed: number;
  nodes: readonly string[];
  workloads: readonly Readonly<{ blueprint: WorkloadBlueprint; policy: Manifest }>[];
  faults: readonly FaultPlan[];
  /** Whether a second process stands by. */
  standby: boolean;
  /** How often kubelets are asked. */
  resolution: Millis;
  /** When all faults are over and loads stay; the judges wait for calm from then on. */
  calmFrom: Millis;
}>;

export type Calendar = Readonly<{ hours: number }>;

/** From this long on a run is a long one: one workload, asked for once a minute, and a fault every few hours. */
const LONG_RUN_HOURS = 24;

const NODES = ["node-1", "node-2", "node-3"];
const NAMES = ["web", "api", "jobs"];
/** Before the calm no fault is on any more for this long. */
const ALL_OVER = minutes(2);
/** Before the calm a load stays as it is for this long. */
export const LOAD_STAYS_FOR = minutes(4);
/** Before the first fault everything has settled once. */
const QUIET = minutes(6);

export function drawWeather(seed: number, { hours }: Calendar): Weather {
  const random = chanceOf(seed, "weather");
  const calmFrom = millis(hours * minutes(60));
  const isLong = hours >= LONG_RUN_HOURS;
  const count = isLong ? 1 : 1 + Math.floor(random.next() * NAMES.length);
  const workloads = NAMES.slice(0, count).map((name) => {
    const shape = isLong ? USUAL_SHAPE : drawShape(seed, name);
    return drawWorkload(random, { name, shape, loads: chanceOf(seed, `memory/${name}`) }, calmFrom);
  });
  const faultCount = Math.round(between(random, 4, 9) * (isLong ? hours / 24 : hours));
  const faults = Array.from({ length: faultCount }, () =>
    drawFault(random, { nodes: NODES, workloads }, calmFrom),
  );
  const standby = !isLong && random.next() < 0.4;
  const resolution = isLong ? minutes(1) : seconds(15);
  return {
    seed,
    nodes: NODES,
    workloads,
    calmFrom,
    standby,
    resolution,
    faults: faults.toSorted((one, other) => one.from - other.from),
  };
}

/** A name, what it is like, and where the chances of its second load come from. */
type Cast = Readonly<{ name: string; shape: Shape; loads: Random }>;

function drawWorkload(
  random: Random,
  { name, shape, loads }: Cast,
  until: Millis,
): Weather["workloads"][number] {
  const min = 1 + Math.floor(random.next() * 3);
  const max = min + 3 + Math.floor(random.next() * 20);
  const { apiVersion, kind, containers, metrics, marks } = shape;
  const cpu = drawLoad(random, { min, max, until });
  const memory = marks.memory === undefined ? undefined : drawLoad(loads, { min, max, until });
  const target = { apiVersion, kind, name };
  const first = Math.max(cpu[0]?.level ?? 1, memory?.[0]?.level ?? 0);
  const replicas = Math.max(min, Math.min(max, Math.ceil(first)));
  const startup = seconds(Math.round(between(random, 2, 40)));
  const blueprint = workload({
    name,
    target,
    replicas,
    startup,
    containers,
    memoryBase: MEMORY_BASE,
    cpu: inPods(cpu, marks.cpu, 0.001),
    memory: memory && inPods(memory, marks.memory ?? 0, 1),
  });
  const behavior = drawBehavior(random);
  const horizontal = {
    minReplicas: min,
    maxReplicas: max,
    metrics,
    ...(behavior !== undefined && { behavior }),
  };
  const policy = {
    kind: "ScalePolicy",
    metadata: { name, namespace: "default" },
    spec: { targetRef: target, horizontal, ...verticalOf(apiVersion) },
  };
  return { blueprint, policy };
}

/** Requests are recommended wherever that is possible: no chance is drawn for it. */
const verticalOf = (apiVersion: string): Readonly<{ vertical?: object }> =>
  apiVersion.startsWith("apps/") ? { vertical: {} } : {};

/** So many pods' worth of what one uses at its mark, in steps of what can be written: 1m of CPU, one byte. */
const inPods = (points: readonly Point[], mark: number, step: number): Load["cpu"] => ({
  kind: "step",
  points: points.map(({ at, level }) => ({ at, level: Math.round((level * mark) / step) / (1 / step) })),
});

/** Steps every few minutes, in pods, between idle and somewhat more than the maximum can serve. */
function drawLoad(
  random: Random,
  { min, max, until }: Readonly<{ min: number; max: number; until: Millis }>,
): readonly Point[] {
  const points: Point[] = [];
  for (let at = 0; at < until - LOAD_STAYS_FOR; at += between(random, minutes(4), minutes(15)))
    points.push({
      at: millis(Math.round(at)),
      level: between(random, 0.2 * min, 1.15 * max),
    });
  return points;
}

function drawBehavior(random: Random): unknown {
  const kind = random.next();
  if (kind < 0.5) return undefined;
  const stabilizationWindowSeconds = [60, 120, 300][Math.floor(random.next() * 3)];
  const pods = { type: "Pods", value: 3 + Math.floor(random.next() * 4), periodSeconds: 60 };
  const percent = { type: "Percent", value: 40 + Math.floor(random.next() * 50), periodSeconds: 60 };
  const policies = kind < 0.7 ? [pods] : kind < 0.85 ? [percent] : [pods, percent];
  const scaleUp = UPWARD[Math.floor(kind * 1000) % UPWARD.length];
  return { scaleDown: { stabilizationWindowSeconds, policies }, ...(scaleUp !== undefined && { scaleUp }) };
}

/** How a policy may slow its way up; the first is the default of the API. */
const UPWARD: readonly unknown[] = [
  undefined,
  { policies: [{ type: "Pods", value: 4, periodSeconds: 60 }] },
  { policies: [{ type: "Percent", value: 60, periodSeconds: 30 }], stabilizationWindowSeconds: 30 },
  {
    selectPolicy: "Min",
    policies: [
      { type: "Pods", value: 5, periodSeconds: 60 },
      { type: "Percent", value: 100, periodSeconds: 15 },
    ],
  },
];

function drawFault(
  random: Random,
  ground: Parameters<(typeof FAULTS)[number]["victims"]>[0],
  calmFrom: Millis,
): FaultPlan {
  const row = FAULTS[Math.floor(random.next() * FAULTS.length)];
  const victims = row?.victims(ground) ?? [];
  if (row === undefined || victims.length === 0) return drawFault(random, ground, calmFrom);
  const from = Math.round(between(random, QUIET, calmFrom - LONGEST - ALL_OVER));
  const length = Math.round(between(random, row.shortest ?? seconds(1), row.longest ?? LONGEST));
  const on = victims[Math.floor(random.next() * victims.length)] ?? "";
  const until = Math.min(from + length, calmFrom - ALL_OVER);
  return { kind: row.kind, from: millis(from), until: millis(until), on };
}
