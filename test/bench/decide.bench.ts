/**
 * A decision pass over 5,000 policies of 30 pods each: evidence gathered from a view and a sample reader,
 * and a plan made, with memories that have half an hour behind them.
 */
import { objectKey, nodeName, uid } from "../../src/base/ids.ts";
import {
  bytes,
  type EpochMillis,
  later,
  type Millis,
  milliUnits,
  type MonoMillis,
  nanoCores,
  seconds,
} from "../../src/base/units.ts";
import { seededRandom } from "../../src/base/random.ts";
import type { Node } from "../../src/cluster/node.ts";
import type { Pod } from "../../src/cluster/pod.ts";
import type { ReplicaSet } from "../../src/cluster/workload.ts";
import { makePlan } from "../../src/coordinate/make-plan.ts";
import { type DecisionMemory, startMemory } from "../../src/coordinate/memory.ts";
import type { PlanQuestion } from "../../src/coordinate/question.ts";
import type { PodUsage } from "../../src/store/reader.ts";
import { gatherEvidence } from "../../src/usage/gather.ts";
import { aMeta, T0 } from "../builders.ts";
import { aBehavior, aPlanQuestion } from "../coordinate/questions.ts";
import { aContainer, ago, aShape, averageValue, cpuUtilization } from "../horizontal/pods.ts";

export const name = "a decision pass over 5,000 policies × 30 pods";

const POLICIES = 5000;
const PODS = 30;
const NODES = 1000;
const ROUNDS_BEFORE = 20;
const random = seededRandom(42);

const limits = { cpu: milliUnits(1000) };
const requests = { cpu: milliUnits(500), memory: milliUnits(2 ** 29 * 1000) };
const shape = aShape([aContainer("app", { requests, limits }), aContainer("proxy", { requests, limits })]);

type Workload = Readonly<{
  pods: readonly Pod[];
  replicaSets: readonly ReplicaSet[];
  usage: Map<string, PodUsage>;
}>;

function aWorkload(policy: number): Workload {
  const replicaSet = aMeta({ name: `rs-${policy}`, uid: uid(`rs-${policy}`) });
  const owner = { apiVersion: "apps/v1", kind: "ReplicaSet", name: replicaSet.name, uid: replicaSet.uid };
  const pods = Array.from({ length: PODS }, (_, n): Pod => ({
    meta: aMeta({ name: `web-${policy}-${n}`, uid: uid(`pod-${policy}-${n}`), owner }),
    labels: {},
    shape,
    node: nodeName(`node-${Math.floor(random.next() * NODES)}`),
    phase: "Running",
    startTime: ago(3600),
    readiness: { status: "True", since: ago(3500) },
    runningSince: ago(3590),
    oomKills: [],
  }));
  return { pods, replicaSets: [{ meta: replicaSet, replicas: PODS, revision: 1 }], usage: new Map() };
}

/** New samples of every pod, at a level that wanders from policy to policy and round to round. */
function sample({ pods, usage }: Workload, now: EpochMillis, mono: MonoMillis): void {
  const level = 0.3 + random.next() * 0.6;
  for (const { meta } of pods) {
    if (random.next() < 0.02) {
      usage.delete(meta.uid);
      continue;
    }
    const containers = ["app", "proxy"].map((container) => ({
      container,
      cpu: nanoCores(Math.round(level * 5e8)),
      memory: bytes(2 ** 28),
      at: now,
      window: seconds(15),
    }));
    usage.set(meta.uid, { kind: "usage", at: now, window: seconds(15), arrivedAt: mono, containers });
  }
}

function question(workload: Workload, nodes: ReadonlyMap<string, Node>, moment: PlanQuestion): PlanQuestion {
  const { now, mono } = moment;
  const heardAt = () => mono;
  const reader = { all: () => [], count: () => 0, synced: () => true, resourceVersion: () => "1", heardAt };
  return {
    ...moment,
    evidence: gatherEvidence({
      pods: workload.pods,
      replicaSets: workload.replicaSets,
      attributedBy: "owner",
      view: {
        of: {
          pods: { ...reader, get: () => undefined },
          nodes: { ...reader, get: (key) => nodes.get(key) },
        },
      },
      samples: { pod: (pod) => workload.usage.get(pod) ?? { kind: "absent", because: "never-scraped" } },
      now: { wall: now, mono },
      resolution: seconds(15),
    }),
  };
}

export function run(): Promise<readonly { what: string; figure: string }[]> {
  const nodes = new Map(
    Array.from({ length: NODES }, (_, n): [string, Node] => {
      const meta = aMeta({ namespace: "", name: `node-${n}` });
      const ready = { status: "True", since: ago(9000) } as const;
      const node = {
        meta,
        labels: {},
        ready,
        addresses: [],
        kubeletPort: undefined,
        metricsPath: undefined,
        capacity: {},
      };
      return [objectKey("", meta.name), node];
    }),
  );
  const workloads = Array.from({ length: POLICIES }, (_, policy) => aWorkload(policy));
  const base = aPlanQuestion({
    replicas: PODS,
    spec: {
      metrics: [cpuUtilization(60), averageValue("memory", 2 ** 29 * 1000)],
      behavior: aBehavior({ up: { stabilizationWindow: seconds(60) } }),
    },
  });
  let memories: DecisionMemory[] = workloads.map(() => startMemory(base.target.uid, T0));
  let timings: number[] = [];
  let moved = 0;
  for (let round = 0; round <= ROUNDS_BEFORE; round += 1) {
    const moment = passOf(base, seconds(15 * round));
    for (const workload of workloads) sample(workload, moment.now, moment.mono);
    timings = [];
    moved = 0;
    memories = workloads.map((workload, index) => {
      const began = performance.now();
      const decided = makePlan(
        question(workload, nodes, { ...moment, memory: memories[index] ?? moment.memory }),
      );
      timings.push(performance.now() - began);
      if (decided.plan.to !== decided.plan.from) moved += 1;
      return decided.memory;
    });
  }
  const total = timings.reduce((sum, one) => sum + one, 0);
  const sorted = timings.toSorted((one, other) => one - other);
  const micros = (share: number): string =>
    `${Math.round((sorted[Math.floor(share * POLICIES)] ?? 0) * 1000)} µs`;
  return Promise.resolve([
    {
      what: "5,000 policies × 30 pods, evidence and plan (goal: 2 s at most)",
      figure: `${(total / 1000).toFixed(2)} s`,
    },
    { what: "one decision, median", figure: micros(0.5) },
    { what: "one decision, p99", figure: micros(0.99) },
    { what: "plans that move their count in that pass", figure: `${moved} of ${POLICIES}` },
  ]);
}

const passOf = (base: PlanQuestion, by: Millis): PlanQuestion => ({
  ...base,
  now: later(base.now, by),
  mono: later(base.mono, by),
});
