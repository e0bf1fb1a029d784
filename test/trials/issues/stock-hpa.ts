/**
 * A stock HPA over the simulated world: what kube-controller-manager does every 15 s to whatever a policy targets, on
 * what metrics-server would answer.
 *
 * Invariant: nothing here computes a metric's answer. Each is a case that upstream's own replica calculator is asked too
 * (test/oracle/issues.oracle.ts); what is around it (the largest of all metrics, windows, rates, bounds) is
 * src/horizontal's, in upstream's arithmetic, whose vectors test/horizontal checks.
 */
import { objectKey } from "../../../src/base/ids.ts";
import type { Amounts, EpochMillis, Millis } from "../../../src/base/units.ts";
import { elapsed, seconds } from "../../../src/base/units.ts";
import { createCluster } from "../../../src/cluster/cluster.ts";
import { runCluster } from "../../../src/cluster/driver.ts";
import type { Pod, PodShape } from "../../../src/cluster/pod.ts";
import type { ClusterView } from "../../../src/cluster/view.ts";
import type { PolicyObject } from "../../../src/cluster/workload.ts";
import { writtenTarget } from "../../../src/cluster/workload.ts";
import { parsePolicy } from "../../../src/policy/parse.ts";
import type { HorizontalSpec, MetricSpec, TargetRef } from "../../../src/policy/policy.ts";
import type { World } from "../../../src/reconcile/world.ts";
import { createScraper } from "../../../src/scrape/driver.ts";
import type { SampleReader } from "../../../src/store/reader.ts";
import { createStore } from "../../../src/store/store.ts";
import type { AmountTexts, PodCase, ReplicasCase } from "../../oracle/case.ts";
import { proposeAs } from "../../oracle/compare.ts";
import { StockMemory } from "./stock-memory.ts";
import { wish } from "../../builders.ts";

/** A case that came up, for whoever asks upstream about it, and what was made of it here. */
export type Asked = Readonly<{ asked: ReplicasCase; answered: ReturnType<typeof proposeAs> }>;

const SYNC_PERIOD = seconds(15);
/** metrics-server shows a pod as long as its newest round does; a kubelet may keep a sample for 20 s. */
const SHOWN_FOR: Millis = seconds(45);
const TOLERANCE = 0.1;
const CPU_INITIALIZATION_SECONDS = 300;
const READINESS_DELAY_SECONDS = 30;

type Stock = Readonly<{
  world: World;
  view: ClusterView;
  samples: Pick<SampleReader, "pod">;
  memories: Map<string, StockMemory>;
  note(asked: Asked): void;
}>;

/** Runs until `signal` aborts, over every policy as if it were an HPA. */
export async function runStockHpa(
  world: World,
  note: (asked: Asked) => void,
  signal: AbortSignal,
): Promise<void> {
  const { clock } = world;
  const [log, meter] = [() => undefined, SILENT];
  const cluster = createCluster(() => undefined);
  const store = createStore({ resolution: SYNC_PERIOD });
  const { view } = cluster;
  const scraper = createScraper({
    clock,
    log,
    meter,
    source: world.kubelets,
    nodes: view.of.nodes,
    podByName: (namespace, name) => view.of.pods.get(objectKey(namespace, name)),
    writer: store.writer,
    points: store.points,
    resolution: SYNC_PERIOD,
    onAnswer: () => undefined,
  });
  const stock: Stock = { world, view, samples: store.reader, memories: new Map(), note };
  await Promise.all([
    runCluster({ cluster, source: world.cluster, clock, log, meter }, signal),
    scraper.run(signal),
    syncAll(stock, signal),
  ]);
}

const SILENT = {
  count: () => undefined,
  set: () => undefined,
  observe: () => undefined,
  forget: () => undefined,
};

async function syncAll(stock: Stock, signal: AbortSignal): Promise<void> {
  const { world, view, memories } = stock;
  while (!signal.aborted) {
    await world.clock.sleep(SYNC_PERIOD, signal);
    for (const policy of view.of.scalepolicies.all()) {
      if (signal.aborted) return;
      const parsed = parsePolicy(policy.spec);
      if (parsed.kind !== "valid" || parsed.spec.horizontal === undefined) continue;
      const { target, horizontal } = parsed.spec;
      const memory = memories.get(policy.meta.uid) ?? new StockMemory();
      memories.set(policy.meta.uid, memory);
      await sync(stock, { policy, target, horizontal, memory });
    }
  }
}

type Hpa = Readonly<{
  policy: PolicyObject;
  target: TargetRef;
  horizontal: HorizontalSpec;
  memory: StockMemory;
}>;

async function sync(stock: Stock, hpa: Hpa): Promise<void> {
  const { world, view } = stock;
  const { namespace } = hpa.policy.meta;
  const read = await world.api.readScale(namespace, hpa.target);
  if (read.kind !== "read") return;
  const { replicas: current, selector } = read.value;
  const now = world.clock.wall();
  hpa.memory.begin(current, now);
  const { minReplicas, maxReplicas } = hpa.horizontal;
  if (current === 0) return;
  let to = Math.min(Math.max(current, minReplicas), maxReplicas);
  if (to === current) {
    if (selector === undefined) return;
    const pods = view.podsSelectedBy(namespace, selector);
    if (await isAmbiguous(stock, hpa, pods)) return;
    const wanted = combinedOf(stock, hpa.horizontal, { current, pods, now });
    if (wanted === undefined) return;
    to = hpa.memory.limit(hpa.horizontal, { current, wanted, now });
  }
  if (to === current) return;
  const written = await world.api.writeScale(namespace, hpa.target, read.value, wish(to));
  if (written.kind === "written") hpa.memory.remember({ from: current, to, now });
}

/** Whether another autoscaler's selector matches one of these pods: then neither scales. */
async function isAmbiguous({ world, view }: Stock, { policy }: Hpa, pods: readonly Pod[]): Promise<boolean> {
  const { namespace, uid } = policy.meta;
  const others = [
    ...[...view.of.scalepolicies.all()].map(({ meta, spec }) => ({
      meta,
      target: writtenTarget({ meta, spec, status: undefined }),
    })),
    ...view.of.horizontalpodautoscalers.all(),
  ].filter(({ meta }) => meta.namespace === namespace && meta.uid !== uid);
  for (const { target } of others) {
    const read = target && (await world.api.readScale(namespace, target));
    if (read?.kind !== "read" || read.value.selector === undefined) continue;
    const selected = new Set(view.podsSelectedBy(namespace, read.value.selector).map(({ meta }) => meta.uid));
    if (pods.some(({ meta }) => selected.has(meta.uid))) return true;
  }
  return false;
}

type Moment = Readonly<{ current: number; pods: readonly Pod[]; now: EpochMillis }>;

/** The largest of the metrics' answers; undefined when some have none and the others want fewer. */
function combinedOf(stock: Stock, { metrics, behavior }: HorizontalSpec, moment: Moment): number | undefined {
  let [largest, invalidCount] = [0, 0];
  for (const metric of metrics) {
    const asked: ReplicasCase = {
      ...caseOf(metric, moment, stock),
      toleranceUp: behavior?.scaleUp.tolerance ?? TOLERANCE,
      toleranceDown: behavior?.scaleDown.tolerance ?? TOLERANCE,
    };
    const answered = proposeAs(asked, "upstream");
    stock.note({ asked, answered });
    if (answered.kind === "invalid") invalidCount += 1;
    else largest = Math.max(largest, answered.replicas);
  }
  const blind = invalidCount === metrics.length || (invalidCount > 0 && largest < moment.current);
  return blind ? undefined : largest;
}

type WorldCase = Omit<ReplicasCase, "toleranceUp" | "toleranceDown">;

function caseOf(
  { resource, container = "", target }: MetricSpec,
  { current, pods, now }: Moment,
  stock: Stock,
): WorldCase {
  return {
    current,
    resource,
    container,
    utilization: target.kind === "utilization" ? target.percent : null,
    averageValue: target.kind === "utilization" ? "1" : `${target.amount}m`,
    cpuInit: CPU_INITIALIZATION_SECONDS,
    readyDelay: READINESS_DELAY_SECONDS,
    shapes: pods.map(({ shape }) => shapeCase(shape)),
    pods: pods.map((pod, at) => podCase(pod, at, { now, stock })),
  };
}

const shapeCase = ({ containers, podRequests, overhead }: PodShape): ReplicasCase["shapes"][number] => ({
  containers: containers.map(({ name, role, requests }) => ({ name, role, requests: textsOf(requests) })),
  podRequests: textsOf(podRequests ?? {}),
  overhead: textsOf(overhead),
});

const textsOf = ({ cpu, memory }: Amounts): AmountTexts => ({
  ...(cpu === undefined ? {} : { cpu: `${cpu}m` }),
  ...(memory === undefined ? {} : { memory: `${memory}m` }),
});

function podCase(
  pod: Pod,
  shape: number,
  { now, stock }: Readonly<{ now: EpochMillis; stock: Stock }>,
): PodCase {
  const ago = (at: EpochMillis): number => Math.floor(elapsed(at, now) / 1000);
  const { readiness, startTime } = pod;
  return {
    shape,
    phase: pod.phase,
    deleting: pod.meta.deleting,
    startedAgo: startTime === undefined ? null : ago(startTime),
    ready: readiness?.status ?? "",
    readyAgo: readiness === undefined ? 0 : ago(readiness.since),
    sample: sampleOf(pod, stock, ago),
  };
}

function sampleOf(pod: Pod, { samples, world }: Stock, ago: (at: EpochMillis) => number): PodCase["sample"] {
  const usage = samples.pod(pod.meta.uid);
  if (usage.kind === "absent" || elapsed(usage.arrivedAt, world.clock.mono()) > SHOWN_FOR) return null;
  return {
    ago: ago(usage.at),
    window: Math.round(usage.window / 1000),
    containers: usage.containers.map(({ container, cpu, memory }) => ({
      name: container,
      cpu: `${Math.round(cpu)}n`,
      memory: String(Math.round(memory)),
    })),
  };
}
