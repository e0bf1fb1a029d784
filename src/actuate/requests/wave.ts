/**
 * A wave brings the running pods of a workload to a plan, a batch at a time: the next only when the last one
 * is in force and ready. The first failure ends it.
 *
 *   moving ──a pod is deferred, infeasible, in error, refused, or not ready again──▶ stopped
 *     ▲                                                                               │
 *     └── a plan that asks for less, or 12 h ◀── after 5 min desired = allocated ─────┘
 *
 * Invariant: no two batches are under way at once, no pod is ever evicted, and what a kubelet does not grant
 * within five minutes is not asked for any more: what waits holds the node's room and the quota.
 */
import type { Uid } from "../../base/ids.ts";
import type { WriteOutcome } from "../../base/outcome.ts";
import { elapsed, type EpochMillis, later, minutes } from "../../base/units.ts";
import type { ContainerResources, RequestPlan } from "../../coordinate/requests/plan.ts";
import type { ResizablePod } from "./resizable-pod.ts";

export type StopReason = "deferred" | "infeasible" | "error" | "not-ready" | "refused" | "not-permitted";

export type Stop = Readonly<{
  because: StopReason;
  message: string;
  /** What was asked for when it failed: less may be tried before `until`. */
  to: readonly ContainerResources[];
  until: EpochMillis;
}>;

/** A pod that we wrote, until it is seen to be in force. */
export type Asked = Readonly<{
  at: EpochMillis;
  /** What our write made of it; undefined while that is not known. */
  resourceVersion: string | undefined;
  /** What it had, and would have again. */
  from: readonly ContainerResources[];
  kind: PodWrite["kind"];
}>;

/** What is remembered of a workload between looks; nothing of it is needed to be safe after a restart. */
export type Wave = Readonly<{
  /** The values that it brings. */
  to: readonly ContainerResources[];
  /** Pods that are younger than this were made while the values were in force already. */
  beganAt: EpochMillis | undefined;
  asked: ReadonlyMap<Uid, Asked>;
  stopped: Stop | undefined;
}>;

export const NO_WAVE: Wave = { to: [], beganAt: undefined, asked: new Map(), stopped: undefined };

/** A plan that waits is no failure, and is tried again after a while all the same. */
const TRIED_AGAIN_AFTER = minutes(12 * 60);
const PERMITTED_AGAIN_AFTER = minutes(10);

export type PodWrite = Readonly<{
  /** `follow`: a new pod is brought to what the others have. */
  kind: "resize" | "follow" | "go-back";
  pod: ResizablePod;
  to: readonly ContainerResources[];
}>;

/** What follows from the answer to one write. */
export function afterWrite(
  wave: Wave,
  write: PodWrite,
  { outcome, now }: Readonly<{ outcome: WriteOutcome; now: EpochMillis }>,
): Wave {
  if (outcome.kind === "written")
    return asked(wave, write, { at: now, resourceVersion: outcome.resourceVersion });
  if (outcome.kind === "unreachable") return asked(wave, write, { at: now, resourceVersion: undefined });
  const isRefused = outcome.kind === "forbidden" || outcome.kind === "refused";
  if (!isRefused || write.kind === "go-back") return wave;
  const because = isLackOfRights(outcome) ? "not-permitted" : "refused";
  return stoppedBy(wave, { because, message: outcome.message, to: write.to }, now);
}

/** Written, or perhaps: what may have happened counts. */
function asked(wave: Wave, { kind, pod, to }: PodWrite, when: Pick<Asked, "at" | "resourceVersion">): Wave {
  const from = kind === "go-back" ? to : pod.desired;
  const all = new Map(wave.asked).set(pod.basis.uid, { ...when, from, kind });
  return { ...wave, asked: all, beganAt: wave.beganAt ?? when.at };
}

export function stoppedBy(wave: Wave, stop: Omit<Stop, "until">, now: EpochMillis): Wave {
  const wait = stop.because === "not-permitted" ? PERMITTED_AGAIN_AFTER : TRIED_AGAIN_AFTER;
  return { ...wave, stopped: { ...stop, until: later(now, wait) } };
}

/** Quotas and LimitRanges answer 403 too; who lacks a right is told which verb on which resource. */
export const isLackOfRights = ({ kind, message }: Readonly<{ kind: string; message: string }>): boolean =>
  kind === "forbidden" && /\bcannot (patch|get) resource\b/.test(message);

/** Whether a stopped wave may move again. */
export function isOver({ until, to }: Stop, plan: RequestPlan, now: EpochMillis): boolean {
  return elapsed(until, now) >= 0 || isLess(plan.changes, to);
}

/** Less of something, and more of nothing. */
function isLess(changes: readonly ContainerResources[], than: readonly ContainerResources[]): boolean {
  const before = new Map(than.map((one) => [one.container, one]));
  const steps = changes.flatMap((to) =>
    (["cpu", "memory"] as const).map((name) => {
      const [now, then] = [to.requests[name], before.get(to.container)?.requests[name]];
      return now === undefined || then === undefined ? 0 : now - then;
    }),
  );
  return steps.some((step) => step < 0) && steps.every((step) => step <= 0);
}
