/**
 * Gathers the evidence on one workload: which of its pods count, what they use, and which should have a
 * sample and have none.
 *
 * Invariant: a pod that ended, is being deleted, was lost with its node, or never became ready in a rollout
 * is not in the evidence; of the others, none is silent without being named.
 *
 *   a pod's state                                              counts as
 *   Succeeded, Failed, being deleted                           nothing
 *   its node NotReady for more than 40 s                       lost capacity
 *   newest revision, never ready, others of an older one       weightless
 *   every container running for 60 s, no fresh sample          lacking
 *   younger than that, no fresh sample                         unready or missing, as the HPA sees it
 */
import { objectKey, type Uid } from "../base/ids.ts";
import {
  type EpochMillis,
  elapsed,
  later,
  type Millis,
  millis,
  type MonoMillis,
  seconds,
} from "../base/units.ts";
import type { Node } from "../cluster/node.ts";
import type { Pod } from "../cluster/pod.ts";
import type { ClusterView } from "../cluster/view.ts";
import type { ReplicaSet } from "../cluster/workload.ts";
import type { PodAbsence, PodUsage, SampleReader } from "../store/reader.ts";
import type { LackingPod, PodEvidence, WorkloadEvidence } from "./evidence.ts";
import { cutToNode } from "./plausible.ts";

/** kube-controller-manager's node-monitor-grace-period was 40 s for long; our decision. */
export const NODE_LOST_AFTER = seconds(40);
/** Our decision: two or three rounds of the slowest kubelet. */
export const SAMPLE_EXPECTED_AFTER = seconds(60);
/** The HPA's default initial readiness delay: not ready since this early means never ready. */
export const NEVER_READY_WITHIN = seconds(30);

export type EvidenceSources = Readonly<{
  /** The target's own pods. */
  pods: readonly Pod[];
  /** The target's ReplicaSets; none where it has no revisions. */
  replicaSets: readonly ReplicaSet[];
  attributedBy: WorkloadEvidence["attributedBy"];
  /** Every view that is given counts for the age of the evidence: a decision rests on all of them. */
  view: Readonly<{ of: Pick<ClusterView["of"], "pods" | "nodes"> & Partial<ClusterView["of"]> }>;
  samples: Pick<SampleReader, "pod">;
  now: Readonly<{ wall: EpochMillis; mono: MonoMillis }>;
  /** `--metric-resolution`. */
  resolution: Millis;
}>;

export function gatherEvidence(sources: EvidenceSources): WorkloadEvidence {
  const { view, samples, now, resolution } = sources;
  const alive = sources.pods.filter(({ phase, meta }) => !meta.deleting && !isTerminal(phase));
  const reachable = alive.filter((pod) => !isLost(pod, view.of.nodes, now.wall));
  const isWeightless = weightlessnessIn(reachable, sources.replicaSets);
  const counted = reachable.filter((pod) => !isWeightless(pod));
  const pods: PodEvidence[] = [];
  const lacking: LackingPod[] = [];
  let expectedCount = 0;
  let clippedCount = 0;
  for (const pod of counted) {
    const answer = samples.pod(pod.meta.uid);
    const { fresh, isCut } = freshUsage(answer, nodeOf(pod, view.of.nodes), { now: now.mono, resolution });
    if (isCut) clippedCount += 1;
    pods.push(evidenceOf(pod, fresh));
    if (!isExpected(pod, now.wall)) continue;
    expectedCount += 1;
    if (fresh === undefined) lacking.push(lackOf(pod, answer, now));
  }
  return {
    pods,
    expectedCount,
    lacking,
    lostCount: alive.length - reachable.length,
    weightlessCount: reachable.length - counted.length,
    clippedCount,
    attributedBy: sources.attributedBy,
    cacheAge: oldestAge(
      Object.values(view.of).map((reader) => reader.heardAt()),
      now.mono,
    ),
  };
}

/** A sample is missing when none arrived for four resolutions, and for a minute: idle containers renew slowly. */
export const freshFor = (resolution: Millis): Millis => millis(Math.max(4 * resolution, 60_000));

const isFresh = (answer: PodUsage | PodAbsence, now: MonoMillis, resolution: Millis): answer is PodUsage =>
  answer.kind === "usage" && elapsed(answer.arrivedAt, now) <= freshFor(resolution);

/** Usage that counts: young enough, and no more than the node has. */
function freshUsage(
  answer: PodUsage | PodAbsence,
  node: Node | undefined,
  { now, resolution }: Readonly<{ now: MonoMillis; resolution: Millis }>,
): Readonly<{ fresh: PodUsage | undefined; isCut: boolean }> {
  if (!isFresh(answer, now, resolution)) return { fresh: undefined, isCut: false };
  const cut = node && cutToNode(answer.containers, node.capacity);
  return cut === undefined
    ? { fresh: answer, isCut: false }
    : { fresh: { ...answer, containers: cut }, isCut: true };
}

const isTerminal = (phase: Pod["phase"]): boolean => phase === "Succeeded" || phase === "Failed";

/** A node that the cache does not know is not taken for lost: its pods' samples will lack soon enough. */
function isLost(pod: Pod, nodes: ClusterView["of"]["nodes"], now: EpochMillis): boolean {
  const ready = nodeOf(pod, nodes)?.ready;
  return ready !== undefined && ready.status !== "True" && elapsed(ready.since, now) > NODE_LOST_AFTER;
}

const nodeOf = ({ node }: Pod, nodes: ClusterView["of"]["nodes"]): Node | undefined =>
  node === undefined ? undefined : nodes.get(objectKey("", node));

const isExpected = ({ phase, runningSince }: Pod, now: EpochMillis): boolean =>
  phase === "Running" && runningSince !== undefined && elapsed(runningSince, now) >= SAMPLE_EXPECTED_AFTER;

/**
 * Pods of the newest revision that have never been ready weigh nothing while an older revision still has
 * pods: a rollout that crashes, or only starts, says nothing about load. Without an older revision
 * they are a scale-up that is starting, and the HPA's rules for unready pods hold.
 */
function weightlessnessIn(pods: readonly Pod[], replicaSets: readonly ReplicaSet[]): (pod: Pod) => boolean {
  const newest = newestOf(replicaSets);
  const isOlder = ({ meta: { owner } }: Pod): boolean =>
    replicaSets.some(({ meta }) => meta.uid !== newest && meta.uid === owner?.uid);
  if (newest === undefined || !pods.some(isOlder)) return () => false;
  return (pod) => pod.meta.owner?.uid === newest && !hasBeenReady(pod);
}

function newestOf(replicaSets: readonly ReplicaSet[]): Uid | undefined {
  let newest: ReplicaSet | undefined;
  for (const one of replicaSets) if (newest === undefined || one.revision > newest.revision) newest = one;
  return newest?.meta.uid;
}

/** The API keeps no history of readiness; not ready since the start is taken for never ready, as by the HPA. */
function hasBeenReady({ readiness, startTime }: Pod): boolean {
  if (readiness === undefined || startTime === undefined) return false;
  return readiness.status === "True" || readiness.since >= later(startTime, NEVER_READY_WITHIN);
}

function evidenceOf(pod: Pod, fresh: PodUsage | undefined): PodEvidence {
  const { meta, shape, phase, startTime, readiness, runningSince } = pod;
  const usage = fresh && { at: fresh.at, window: fresh.window, containers: fresh.containers };
  return {
    name: meta.name,
    shape,
    phase,
    deleting: meta.deleting,
    startTime,
    readiness,
    runningSince,
    usage,
  };
}

function lackOf(
  { meta, node, runningSince }: Pod,
  answer: PodUsage | PodAbsence,
  now: EvidenceSources["now"],
): LackingPod {
  const named = { name: meta.name, node };
  if (answer.kind === "usage")
    return { ...named, because: "sample-too-old", silentFor: elapsed(answer.arrivedAt, now.mono) };
  const silentFor = runningSince === undefined ? millis(0) : elapsed(runningSince, now.wall);
  return { ...named, because: answer.because, silentFor };
}

function oldestAge(heard: readonly (MonoMillis | undefined)[], now: MonoMillis): Millis | undefined {
  let oldest = millis(0);
  for (const at of heard) {
    if (at === undefined) return undefined;
    oldest = millis(Math.max(oldest, elapsed(at, now)));
  }
  return oldest;
}
