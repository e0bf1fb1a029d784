/**
 * Gathers one question about writing requests: what is recommended beside what is there, and what stands around it.
 *
 * Invariant: what cannot be seen is not guessed: a node that runs no such pod is no node for it, and a limit that
 * was lowered at an unknown time was lowered just now.
 */
import { objectKey } from "../../base/ids.ts";
import {
  bytes,
  elapsed,
  epochMillis,
  type EpochMillis,
  millis,
  milliCores,
  type RequestAmounts,
} from "../../base/units.ts";
import type { Bytes, MonoMillis } from "../../base/units.ts";
import type { ResizablePod } from "../../actuate/requests/resizable-pod.ts";
import { keyOf } from "../../cluster/object.ts";
import type { Pod, PodShape } from "../../cluster/pod.ts";
import type { ClusterView } from "../../cluster/view.ts";
import type { ForeignAutoscaler, Workload } from "../../cluster/workload.ts";
import { isSame } from "../../coordinate/requests/amounts.ts";
import type { ContainerResources, Resources } from "../../coordinate/requests/plan.ts";
import type {
  Calm, ContainerState, RequestFleet, RequestQuestion, TemplateState,
} from "../../coordinate/requests/question.ts"; // prettier-ignore
import { lengthText } from "../../coordinate/wording.ts";
import type { VerticalSpec } from "../../policy/vertical/spec.ts";
import type { VerticalVerdict } from "../../report/record.ts";
import { rolloutOf } from "../round/rollout.ts";
import { type ApplyMemory, containerMemory } from "./apply-memory.ts";

/** What a template says; undefined in mode InPlace. */
export type LiveTemplate = Readonly<{
  containers: readonly ContainerResources[];
  bases: readonly ContainerResources[];
  state: TemplateState;
}>;

export type RequestMatter = Readonly<{
  now: EpochMillis;
  spec: VerticalSpec;
  verdict: VerticalVerdict;
  workload: Workload;
  shape: PodShape;
  pods: readonly ResizablePod[];
  /** The same pods as they are in the view. */
  seen: readonly Pod[];
  memory: ApplyMemory;
  memoryPeak(container: string): Bytes | undefined;
  autoscalers: readonly ForeignAutoscaler[];
  nodes: RequestQuestion["room"]["nodes"];
  calm: Calm;
  fleet: RequestFleet;
  template: LiveTemplate | undefined;
}>;

export function askRequests(matter: RequestMatter): RequestQuestion {
  const { now, spec, verdict, shape, memory, calm, fleet, nodes } = matter;
  return {
    now,
    spec,
    proposal: verdict.proposal,
    containers: shape.containers.map((container) => stateOfContainer(container, matter)),
    workload: workloadState(matter),
    followed: followedIn(matter),
    room: {
      nodes,
      limitRanges: {},
      quotaLeft: { requests: {}, limits: {} },
      pendingSince: pendingSince(matter),
    },
    calm,
    fleet,
    lastWrite: memory.lastWrite ?? writtenBefore(matter),
  };
}

/** Scaled within the window that a decrease of replicas waits for. */
export function calmAfter(
  lastScale: EpochMillis | undefined,
  { now, window }: Readonly<{ now: EpochMillis; window: RequestMatter["now"] | number }>,
): Calm {
  const since = lastScale === undefined ? undefined : elapsed(lastScale, now);
  if (since === undefined || since >= window) return { kind: "calm" };
  return { kind: "restless", why: `replicas were changed ${lengthText(since)} ago`, quietHour: false };
}

/** Where such pods run, less what DaemonSets ask for there. */
export function nodesOf(
  view: ClusterView,
  pods: readonly Pod[],
  daemons: ReadonlyMap<string, RequestAmounts>,
): RequestQuestion["room"]["nodes"] {
  const names = new Set(pods.flatMap(({ node }) => node ?? []));
  return [...names].flatMap((name) => {
    const node = view.of.nodes.get(objectKey("", name));
    const { cpu, memory } = node?.capacity ?? {};
    if (cpu === undefined || memory === undefined) return [];
    const taken = daemons.get(name) ?? {};
    return [
      {
        cpu: milliCores(Math.max(0, cpu - (taken.cpu ?? 0))),
        memory: bytes(Math.max(0, Math.floor(memory / 1000) - (taken.memory ?? 0))),
      },
    ];
  });
}

/** What the pods of DaemonSets ask for on each node. */
export function daemonRequests(pods: Iterable<Pod>): ReadonlyMap<string, RequestAmounts> {
  const sums = new Map<string, { cpu: number; memory: number }>();
  for (const { meta, node, shape } of pods) {
    if (meta.owner?.kind !== "DaemonSet" || node === undefined) continue;
    const sum = sums.get(node) ?? { cpu: 0, memory: 0 };
    for (const { role, requests } of shape.containers) {
      if (role === "init") continue;
      sum.cpu += requests.cpu ?? 0;
      sum.memory += Math.ceil((requests.memory ?? 0) / 1000);
    }
    sums.set(node, sum);
  }
  return new Map(
    [...sums].map(([node, { cpu, memory }]) => [node, { cpu: milliCores(cpu), memory: bytes(memory) }]),
  );
}

function stateOfContainer(
  { name, role, restartsFor = [] }: PodShape["containers"][number],
  matter: RequestMatter,
): ContainerState {
  const { memory, template } = matter;
  const carried = carriedBy(name, matter);
  const known = containerMemory(memory, name);
  const newest = Math.max(0, ...matter.pods.map(({ resizedAt }) => resizedAt ?? 0));
  const lowered = known.memoryLimitLoweredAt ?? (newest === 0 ? undefined : epochMillis(newest));
  return {
    name,
    role,
    ...carried,
    base: template?.bases.find(({ container }) => container === name) ?? carried.base,
    memoryPeak: matter.memoryPeak(name),
    ooms: known.ooms,
    outsideSince: known.outsideSince,
    turns: known.turns,
    memoryLimitLoweredAt: lowered,
    restartsFor,
  };
}

type Carried = Pick<ContainerState, "present" | "others" | "base">;

/** A pod that was resized says what we want; one that was not, what its template says. */
function carriedBy(name: string, { template, pods, shape }: RequestMatter): Carried {
  const written = template?.containers.find(({ container }) => container === name);
  if (written !== undefined) return { present: plain(written), base: plain(written), others: [] };
  const of = (all: readonly ResizablePod[]): Resources[] =>
    all.flatMap(({ desired }) => desired.filter(({ container }) => container === name).map(plain));
  const resized = of(pods.filter(({ resizedAt }) => resizedAt !== undefined));
  const untouched = of(pods.filter(({ resizedAt }) => resizedAt === undefined));
  const fallback = inRequestUnits(shape, name);
  const present = mostOf(resized.length > 0 ? resized : untouched) ?? fallback;
  const others = [...resized, ...untouched].filter((one) => !isSame(one, present));
  return { present, others, base: untouched[0] ?? present };
}

/** The values that most of them have; of equally many, those that come first. */
function mostOf(all: readonly Resources[]): Resources | undefined {
  const count = (one: Resources): number => all.filter((other) => isSame(one, other)).length;
  return all.reduce<Resources | undefined>(
    (best, one) => (best === undefined || count(one) > count(best) ? one : best),
    undefined,
  );
}

function inRequestUnits({ containers }: PodShape, name: string): Resources {
  const { requests = {}, limits = {} } = containers.find((one) => one.name === name) ?? {};
  const amounts = ({ cpu, memory }: typeof requests): RequestAmounts => ({
    ...(cpu !== undefined && { cpu: milliCores(cpu) }),
    ...(memory !== undefined && { memory: bytes(Math.ceil(memory / 1000)) }),
  });
  return { requests: amounts(requests), limits: amounts(limits) };
}

const plain = ({ requests, limits }: Resources): Resources => ({ requests, limits });

function workloadState({ workload, pods, template }: RequestMatter): RequestQuestion["workload"] {
  return {
    replicas: workload.replicas,
    readyPods: pods.filter(({ ready }) => ready).length,
    // the API's default, for the strategy is not followed
    surge: workload.kind === "Deployment" ? Math.ceil(workload.replicas / 4) : 0,
    rollout: rolloutOf(workload),
    template: template?.state,
  };
}

function followedIn({ verdict, autoscalers }: RequestMatter): RequestQuestion["followed"] {
  const own = verdict.followed.map(({ metric }) => ({ resource: metric.resource, by: "horizontal" }));
  const foreign = autoscalers.flatMap((one) =>
    one.followsUtilizationOf.map((resource) => ({
      resource,
      by: `HorizontalPodAutoscaler ${keyOf(one)}`,
    })),
  );
  return [...own, ...foreign];
}

/** Only pods that came after our write are Pending by our act. */
function pendingSince({ seen, memory }: RequestMatter): EpochMillis | undefined {
  const at = memory.lastWrite?.at;
  if (at === undefined) return undefined;
  const waiting = seen.filter(
    ({ phase, node, meta }) => phase === "Pending" && node === undefined && meta.createdAt >= at,
  );
  return waiting.length === 0
    ? undefined
    : epochMillis(Math.min(...waiting.map(({ meta }) => meta.createdAt)));
}

/** After a restart objects tell that we wrote, and a template what was there before. */
function writtenBefore({ pods, template }: RequestMatter): RequestQuestion["lastWrite"] {
  if (template !== undefined)
    return template.state.writtenAt === undefined
      ? undefined
      : { at: template.state.writtenAt, before: template.bases };
  const newest = Math.max(0, ...pods.map(({ resizedAt }) => resizedAt ?? 0));
  return newest === 0 ? undefined : { at: epochMillis(newest), before: [] };
}

/** Times of things, of which only the last ten minutes count. */
export const withinTenMinutes = (times: readonly MonoMillis[], now: MonoMillis): readonly MonoMillis[] =>
  times.filter((at) => elapsed(at, now) < millis(600_000));
