/**
 * The simulated world: the ports of `real/`, over a model cluster and a clock that is moved.
 *
 * Invariant: a run depends on its seed and on what is done to the model, and on nothing else.
 */
import { must } from "../base/assert.ts";
import type { EpochMillis } from "../base/units.ts";
import { epochMillis, millis } from "../base/units.ts";
import type { ObjectKey } from "../base/ids.ts";
import { keyOf } from "../cluster/object.ts";
import { type ClusterChange, createCluster as createCaches } from "../cluster/cluster.ts";
import { type Kind, KINDS } from "../cluster/port.ts";
import type { ClusterView } from "../cluster/view.ts";
import type { World } from "../reconcile/world.ts";
import { between, chanceOf } from "./chance.ts";
import type { ClockSkew } from "./clock.ts";
import { VirtualTime, createClock } from "./clock.ts";
import { visit } from "./controllers/visit.ts";
import type { SimModel } from "./model.ts";
import { createModel } from "./model.ts";
import type { SimCluster } from "./model/cluster.ts";
import { Registry, type Scalable } from "./model/registry.ts";
import type { RunningWorkload } from "./model/running.ts";
import type { ApiState } from "./ports/api.ts";
import { createApi } from "./ports/api.ts";
import { createClusterSource, createPodFailureSource } from "./ports/cluster-source.ts";
import type { Fault } from "./ports/fault.ts";
import { createKubelets } from "./ports/kubelets.ts";

export type SimulationOptions = Readonly<{
  seed: number;
  /** The wall time at the start; default: a Monday morning, 2026-03-02 08:00 UTC. */
  start?: EpochMillis;
  /** May grow and shrink while the world runs; what stands in it when a port is asked counts. */
  faults?: readonly Fault[];
  /** How wrong the operator's clocks are. */
  skew?: ClockSkew;
}>;

export type SimulatedWorld = Readonly<{
  world: World;
  model: SimModel;
  time: VirtualTime;
  /** Everything as it is, for whoever judges a run; `onChange` hears of each change as it happens. */
  truth(onChange?: (change: ClusterChange) => void): ClusterView;
  /** Tells of custom kinds, which nobody follows: each as it is, and each change as it happens. */
  customs(onChange: CustomChange): void;
}>;

/** Of what a policy would target; `object` is undefined when it is gone. */
export type CustomChange = (target: ObjectKey, object: Scalable | undefined) => void;

const MONDAY_MORNING = epochMillis(1_772_438_400_000);
/** Milliseconds until a controller has noticed a change. */
const NOTICING = { min: 50, max: 200 };

/** An empty cluster: no nodes, no workloads, no policies. */
export function createSimulatedWorld(options: SimulationOptions): SimulatedWorld {
  const { seed, start = MONDAY_MORNING, faults = [], skew } = options;
  const time = new VirtualTime(start);
  const cluster = createCluster(time, seed);
  const api: ApiState = {
    events: [],
    writes: [],
    lease: { lease: undefined, storedAt: millis(0), watchers: new Set() },
  };
  const world: World = {
    clock: createClock(time, skew),
    random: chanceOf(seed, "operator"),
    cluster: createClusterSource(cluster, faults),
    failures: createPodFailureSource(cluster),
    kubelets: createKubelets(cluster, faults),
    api: createApi(cluster, faults, api),
  };
  return {
    world,
    model: createModel(cluster, api),
    time,
    truth: (onChange) => truthOf(cluster, onChange),
    customs: (onChange) => customsOf(cluster, onChange),
  };
}

function customsOf({ registry, workloads }: SimCluster, onChange: CustomChange): void {
  const targets = new Map<ObjectKey, ObjectKey>();
  const tell = (object: Scalable): void => {
    const target = must(workloads.get(object.meta.uid), "an object is of a workload").name as ObjectKey;
    targets.set(keyOf(object), target);
    onChange(target, object);
  };
  for (const object of registry.all("customs")) tell(object);
  registry.follow("customs", (event) => {
    if (event.kind === "changed") tell(event.object);
    else onChange(must(targets.get(event.key), "it was there before"), undefined);
  });
}

function truthOf({ registry }: SimCluster, onChange?: (change: ClusterChange) => void): ClusterView {
  const truth = createCaches(onChange);
  const follow = <K extends Kind>(kind: K): void => {
    const pen = truth.pen(kind);
    pen.apply({ kind: "listing-began" });
    for (const object of registry.all(kind)) pen.apply({ kind: "listed", object });
    pen.apply({ kind: "listing-ended", resourceVersion: registry.revision() });
    registry.follow(kind, (event) => pen.apply(event));
  };
  for (const kind of KINDS) follow(kind);
  return truth.view;
}

function createCluster(time: VirtualTime, seed: number): SimCluster {
  const chance = chanceOf(seed, "controllers");
  const workloads: SimCluster["workloads"] = new Map();
  const touch = (workload: RunningWorkload): void => {
    if (workload.visitDue) return;
    workload.visitDue = true;
    time.after(millis(between(chance, NOTICING.min, NOTICING.max)), () => {
      workload.visitDue = false;
      if (workloads.has(workload.uid)) visit(cluster, workload);
    });
  };
  const cluster: SimCluster = {
    time,
    seed,
    registry: new Registry(),
    nodes: new Map(),
    workloads,
    podQuota: new Map(),
    touch,
  };
  return cluster;
}
