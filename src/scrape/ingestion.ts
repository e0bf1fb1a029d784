/**
 * From what a kubelet said to what the store may believe.
 *
 * Invariant: a sample in a batch belongs to a pod that runs on the node that was asked, by the API server's
 * word, to a container of it that lives as long as the pod, and to this hour; all else is counted by reason.
 */
import type { NodeName, Uid } from "../base/ids.ts";
import { elapsed, epochMillis, millis, minutes, seconds } from "../base/units.ts";
import type { EpochMillis, Millis, MonoMillis } from "../base/units.ts";
import type { Pod, PodShape } from "../cluster/pod.ts";
import type { ContainerSample, NodeSample, PodSamples, SampleBatch } from "../store/batch.ts";
import type { DecodedRow } from "./decode-columns.ts";
import type { DecodedAnswer } from "./decode.ts";

/** Why a series of an answer is not in the batch; each is a label of the scrape series. */
export type SampleRefusal =
  /** The API server knows no such pod (yet, or any more). */
  | "unknown-pod"
  /** The pod runs on another node. A kubelet speaks for its own pods only. */
  | "foreign-pod"
  /** The container is older than the pod: it belonged to an earlier pod of that name. */
  | "earlier-pod"
  /** An init container: it ends before usage counts. */
  | "init-container"
  /** CPU or memory is missing or 0: the kubelet has not measured it, or it is dying. */
  | "incomplete"
  /** The stamp is further from our clock than any sample can be. */
  | "clock-skew";

export type Ingested = Readonly<{
  batch: SampleBatch;
  refused: ReadonlyMap<SampleRefusal, number>;
  /** The newest stamp less our clock: about 0, or as negative as the kubelet's numbers are old. */
  skew: Millis | undefined;
}>;

export type Arrival = Readonly<{ node: NodeName; arrivedAt: MonoMillis; wall: EpochMillis }>;

/** Beyond this a node's clock is said to be wrong; its windows still measure. */
export const SKEW_FLAGGED = seconds(60);
const SKEW_MAX = minutes(10);
/** Clocks of nodes and API server differ by less than this, or by as much as has been seen. */
const CREATION_SLACK = seconds(60);
/** Starts before this (2001, in nanoseconds) are no dates: kwok reports a pod's age. */
const PLAUSIBLE_START_MIN = 1e18;
const NANOS_PER_MILLI = 1e6;

type Draft = {
  pod: Uid;
  expected: readonly string[];
  inits: readonly string[];
  createdAt: EpochMillis;
  /** A static pod's containers may be older than its mirror in the API. */
  isMirror: boolean;
  samples: ContainerSample[];
  unusable: string[];
};

type Names = Readonly<{ expected: readonly string[]; inits: readonly string[] }>;

type Place = Readonly<{ arrival: Arrival; skew: Millis | undefined }>;

export class Ingestion {
  readonly #podByName: (namespace: string, name: string) => Pod | undefined;
  /** Pods of one template share their shape, so they share these lists. */
  readonly #names = new WeakMap<PodShape, Names>();

  constructor(podByName: (namespace: string, name: string) => Pod | undefined) {
    this.#podByName = podByName;
  }

  ingest({ node: nodePoint, columns }: DecodedAnswer, arrival: Arrival): Ingested {
    const refused = new Map<SampleRefusal, number>();
    const rows = columns.series.map((_, row) => columns.row(row));
    const skew = skewOf(nodePoint, rows, arrival);
    const pods = new Map<string, Draft | SampleRefusal>();
    for (const row of rows) {
      const { namespace, pod } = row.series;
      const key = `${namespace}/${pod}`;
      const draft = pods.get(key) ?? this.#open(namespace, pod, arrival.node);
      pods.set(key, draft);
      const refusal = typeof draft === "string" ? draft : take(draft, row, { arrival, skew });
      if (refusal !== undefined) refused.set(refusal, (refused.get(refusal) ?? 0) + 1);
    }
    return {
      batch: {
        node: arrival.node,
        arrivedAt: arrival.arrivedAt,
        nodeSample: nodePoint !== undefined && isTimely(nodePoint.at, arrival) ? nodePoint : undefined,
        pods: [...pods.values()].filter((draft) => typeof draft !== "string").map(samplesOf),
      },
      refused,
      skew,
    };
  }

  #open(namespace: string, name: string, node: NodeName): Draft | SampleRefusal {
    const pod = this.#podByName(namespace, name);
    if (pod === undefined) return "unknown-pod";
    if (pod.node !== node) return "foreign-pod";
    const { uid, createdAt, owner } = pod.meta;
    const isMirror = owner?.kind === "Node";
    return { pod: uid, createdAt, isMirror, ...this.#namesOf(pod.shape), samples: [], unusable: [] };
  }

  #namesOf(shape: PodShape): Names {
    const known = this.#names.get(shape);
    if (known !== undefined) return known;
    const named = (isInit: boolean): string[] =>
      shape.containers.filter(({ role }) => (role === "init") === isInit).map(({ name }) => name);
    const names = { expected: named(false), inits: named(true) };
    this.#names.set(shape, names);
    return names;
  }
}

/** Puts one row where it belongs in its pod, and says why if that is not among the samples. */
function take(draft: Draft, row: DecodedRow, { arrival, skew }: Place): SampleRefusal | undefined {
  const { cpu, memory, at, start } = row;
  const { container } = row.series;
  if (draft.inits.includes(container)) return "init-container";
  if (isOlderThanPod(start, draft, skew)) return "earlier-pod";
  const isComplete = cpu > 0 && memory > 0;
  if (!isComplete || !isTimely(at, arrival)) {
    draft.unusable.push(container);
    return isComplete ? "clock-skew" : "incomplete";
  }
  const known = { container, cpu, memory, at: epochMillis(at) };
  draft.samples.push({ ...known, start: Number.isNaN(start) ? undefined : start });
  return undefined;
}

function isOlderThanPod(start: number, { isMirror, createdAt }: Draft, skew: Millis = millis(0)): boolean {
  if (isMirror || !(start >= PLAUSIBLE_START_MIN)) return false;
  const slack = CREATION_SLACK + Math.abs(skew);
  return start / NANOS_PER_MILLI < createdAt - slack;
}

function isTimely(at: number, { wall }: Arrival): boolean {
  return Math.abs(at - wall) <= SKEW_MAX;
}

function skewOf(
  node: NodeSample | undefined,
  rows: readonly DecodedRow[],
  { wall }: Arrival,
): Millis | undefined {
  const newest = rows.reduce((latest, { at }) => (at > latest ? at : latest), node?.at ?? -Infinity);
  return newest === -Infinity ? undefined : elapsed(wall, epochMillis(newest));
}

function samplesOf({ pod, expected, samples, unusable }: Draft): PodSamples {
  return { pod, expected, samples, unusable };
}
