/**
 * Our two answers to one sync of a real HPA, on what it had read: the bare one, which is upstream's own pipeline in our
 * functions, and the whole one, through all rails.
 *
 * Invariant: deciding changes nothing; what either would remember is returned, and kept only by who settles on it.
 */
import { objectKey } from "../../src/base/ids.ts";
import { type EpochMillis, monoMillis, type MonoMillis, seconds } from "../../src/base/units.ts";
import type { Cluster } from "../../src/cluster/cluster.ts";
import type { Pod } from "../../src/cluster/pod.ts";
import { KINDS } from "../../src/cluster/port.ts";
import type { PolicyObject } from "../../src/cluster/workload.ts";
import { makePlan } from "../../src/coordinate/make-plan.ts";
import { type DecisionMemory, rememberScale, startMemory } from "../../src/coordinate/memory.ts";
import type { Plan } from "../../src/coordinate/plan.ts";
import type { FleetActivity, PlanQuestion } from "../../src/coordinate/question.ts";
import type { HorizontalProposal } from "../../src/horizontal/proposal.ts";
import { proposeReplicas } from "../../src/horizontal/propose.ts";
import type { HorizontalSettings } from "../../src/horizontal/question.ts";
import type { HorizontalSpec } from "../../src/policy/policy.ts";
import { ask, ownPodsOf, type Sources } from "../../src/reconcile/round/ask.ts";
import type { SampleReader } from "../../src/store/reader.ts";
import type { PodEvidence } from "../../src/usage/evidence.ts";
import { VERTICAL_SETTINGS } from "../../src/vertical/recommend.ts";
import { StockMemory } from "../trials/issues/stock-memory.ts";
import type { Samples, Tick } from "./ticks.ts";

/** The defaults of kube-controller-manager, which are ours. */
const SETTINGS: HorizontalSettings = {
  tolerance: 0.1,
  downscaleStabilization: seconds(300),
  cpuInitializationPeriod: seconds(300),
  initialReadinessDelay: seconds(30),
  arithmetic: "exact",
};
/** metrics-server's, whose samples these are. */
const RESOLUTION = seconds(10);

/** What both pipelines remember of one workload. */
export type Memories = Readonly<{ bare: StockMemory; whole: DecisionMemory }>;

export type Answers = Readonly<{
  bare: Readonly<{ replicas: number; proposal: HorizontalProposal | undefined }>;
  whole: Readonly<{ plan: Plan; question: PlanQuestion }>;
  /** Before what was written is remembered. */
  memories: Memories;
}>;

/** What a sync is looked at with: one of the states that it may have seen, and one of the moments. */
export type Sight = Readonly<{ cluster: Cluster; samples: Samples | undefined; now: EpochMillis }>;

export type Matter = Readonly<{
  tick: Tick;
  spec: HorizontalSpec;
  policy: PolicyObject;
  fleet: FleetActivity;
}>;

export const startMemories = ({ reading }: Tick, now: EpochMillis): Memories => ({
  bare: new StockMemory(),
  whole: startMemory(reading.uid, now),
});

export function decide(matter: Matter, sight: Sight, memories: Memories): Answers {
  const bare = memories.bare.copy();
  const bareAnswer = decideBare(matter, sight, bare);
  const { plan, question, memory } = decideWhole(matter, sight, memories.whole);
  return { bare: bareAnswer, whole: { plan, question }, memories: { bare, whole: memory } };
}

/** Both remember what the HPA wrote as they would what they had written themselves. */
export function withWrite({ bare, whole }: Memories, { reading, wrote }: Tick): Memories {
  if (wrote === undefined) return { bare, whole };
  const [from, to] = [reading.replicas, wrote.replicas];
  const remembering = bare.copy();
  remembering.remember({ from, to, now: wrote.at });
  return { bare: remembering, whole: rememberScale(whole, { from, to, at: wrote.at }) };
}

function decideBare(
  { tick, spec }: Matter,
  { cluster, samples, now }: Sight,
  memory: StockMemory,
): Answers["bare"] {
  const { namespace, reading } = tick;
  const { replicas: current, selector = "" } = reading;
  memory.begin(current, now);
  const bounded = Math.min(Math.max(current, spec.minReplicas), spec.maxReplicas);
  if (bounded !== current) return { replicas: bounded, proposal: undefined };
  const pods = cluster.view.podsSelectedBy(namespace, selector).map((pod) => evidenceOf(pod, samples));
  const settings: HorizontalSettings = { ...SETTINGS, arithmetic: "upstream" };
  const proposal = proposeReplicas({ now, spec, settings, currentReplicas: current, pods });
  const { combined } = proposal;
  if (combined.kind === "failure") return { replicas: current, proposal };
  return { replicas: memory.limit(spec, { current, wanted: combined.replicas, now }), proposal };
}

const evidenceOf = (pod: Pod, samples: Samples | undefined): PodEvidence => ({
  name: pod.meta.name,
  shape: pod.shape,
  phase: pod.phase,
  deleting: pod.meta.deleting,
  startTime: pod.startTime,
  readiness: pod.readiness,
  runningSince: pod.runningSince,
  usage: samples?.get(pod.meta.name),
});

function decideWhole({ tick, spec, policy, fleet }: Matter, sight: Sight, memory: DecisionMemory) {
  const { cluster, now } = sight;
  const mono = monoOf(now);
  for (const kind of KINDS) cluster.pen(kind).hear(mono);
  const { view } = cluster;
  const { reading } = tick;
  const subject = {
    policy,
    spec,
    workload: view.of.deployments.get(objectKey(tick.namespace, tick.name)),
    reading,
    pods: ownPodsOf(view, policy, reading),
    fleet,
    memory,
  };
  const question = ask(sourcesOf(sight), subject, { wall: now, mono });
  return { question, ...makePlan(question) };
}

/** One clock for both: nothing sets it while a record is made. */
export const monoOf = (moment: EpochMillis): MonoMillis => monoMillis(moment);

const sourcesOf = ({ cluster: { view }, samples }: Sight): Sources => ({
  view,
  samples: readerOf(view, samples),
  nodesHeard: () => ({ knownCount: view.of.nodes.count(), silent: [] }),
  settings: {
    horizontal: SETTINGS,
    vertical: VERTICAL_SETTINGS,
    resolution: RESOLUTION,
    // Here everything moves all the time, which is what the brake is against.
    brakes: { decrease: false, increase: false },
    paced: false,
  },
});

function readerOf(view: Cluster["view"], samples: Samples | undefined): SampleReader {
  const names = new Map([...view.of.pods.all()].map(({ meta }) => [meta.uid, meta.name]));
  return {
    pod(uid) {
      const usage = samples?.get(names.get(uid) ?? "");
      if (usage === undefined) return { kind: "absent", because: "never-scraped" };
      return { ...usage, arrivedAt: monoOf(usage.at) };
    },
    lastAnswer: () => undefined,
  };
}
