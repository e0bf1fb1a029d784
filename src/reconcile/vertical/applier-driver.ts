/**
 * Carries out what is recommended of requests: one look at a policy's target, one plan, and the writes that its
 * mode makes of it.
 *
 *   InPlace    the wave's next batch of resizes (actuate/requests/in-place.ts)
 *   Template   one write of the template, tried first (actuate/requests/template-phases.ts)
 *
 * Invariant: only a policy that owns its target's requests writes them; every request is preceded by a last look
 * for doubts, and leaves the wave or the memory of writes behind.
 */
import type { Doubt } from "../../actuate/doubt.ts";
import type { RequestWish, ResizePort, TemplateBasis, TemplatePort } from "../../actuate/request-port.ts";
import { type Look, lookAtPods } from "../../actuate/requests/in-place.ts";
import { resizablePods } from "../../actuate/requests/resizable-pod.ts";
import { beginTemplate, stepTemplate, type TemplateAnswer, type TemplateEnd, type TemplatePhase } from "../../actuate/requests/template-phases.ts"; // prettier-ignore
import { templateBases, templateStateOf } from "../../actuate/requests/template-state.ts";
import { applyingAfter } from "../../actuate/requests/template-words.ts";
import { afterWrite } from "../../actuate/requests/wave.ts";
import type { Clock } from "../../base/clock.ts";
import type { ObjectKey } from "../../base/ids.ts";
import { mayHaveHappened } from "../../base/outcome.ts";
import { timeText } from "../../base/rfc3339.ts";
import { elapsed, type EpochMillis, minutes, type MonoMillis } from "../../base/units.ts";
import { keyOf } from "../../cluster/object.ts";
import type { Pod } from "../../cluster/pod.ts";
import type { ClusterView } from "../../cluster/view.ts";
import { type PolicyObject, targetKey, type Workload } from "../../cluster/workload.ts";
import { makeRequestPlan } from "../../coordinate/requests/make-request-plan.ts";
import type { RequestPlan } from "../../coordinate/requests/plan.ts";
import type { Calm, RequestQuestion } from "../../coordinate/requests/question.ts";
import { resizesLeft } from "../../coordinate/requests/rails/windows-and-budget.ts";
import type { ScalePolicySpec } from "../../policy/policy.ts";
import type { VerticalSpec } from "../../policy/vertical/spec.ts";
import type { Act } from "../../policy/status.ts";
import type { VerticalVerdict } from "../../report/record.ts";
import type { HistoryReader } from "../../usage/history/store.ts";
import { rolloutOf } from "../round/rollout.ts";
import { afterRequestWrite, afterSight, type ApplyMemory, startApplyMemory } from "./apply-memory.ts";
import { askRequests, daemonRequests, nodesOf, withinTenMinutes } from "./ask-requests.ts";

export type ApplierParts = Readonly<{
  clock: Clock;
  view: ClusterView;
  histories: HistoryReader;
  api: ResizePort & TemplatePort;
}>;

/** One look at one policy, as its round sees it. */
export type ApplyRound = Readonly<{
  policy: PolicyObject;
  spec: ScalePolicySpec & Readonly<{ vertical: VerticalSpec }>;
  verdict: VerticalVerdict;
  workload: Workload;
  calm: Calm;
  managedPods: number;
  /** What speaks against a write at this very moment. */
  doubt(): Doubt | undefined;
  wish(): RequestWish;
}>;

export type Application = Readonly<{ applying: RequestPlan["applying"]; acts: readonly Act[] }>;

type Moment = Readonly<{ wall: EpochMillis; mono: MonoMillis }>;
type Seen = Readonly<{ round: ApplyRound; pods: readonly Pod[]; memory: ApplyMemory; now: Moment }>;

const DAEMONS_LAST = minutes(1);

export class Applier {
  readonly #parts: ApplierParts;
  readonly #memories = new Map<ObjectKey, ApplyMemory>();
  /** Of all policies, within ten minutes. */
  #resizes: readonly MonoMillis[] = [];
  /** Workloads that roll by our act, by the policy that wrote them. */
  readonly #rolling = new Map<ObjectKey, ObjectKey>();
  #daemons: Readonly<{ at: MonoMillis; requests: ReturnType<typeof daemonRequests> }> | undefined;

  constructor(parts: ApplierParts) {
    this.#parts = parts;
  }

  async apply(round: ApplyRound): Promise<Application> {
    const { clock, view } = this.#parts;
    const now = { wall: clock.wall(), mono: clock.mono() };
    const pods = view.podsOwnedBy(round.workload.meta.uid).filter(({ meta }) => !meta.deleting);
    const seen = { round, pods, memory: this.#sighted(round, pods, now), now };
    return round.spec.vertical.apply.mode === "Template" ? this.#writeTemplate(seen) : this.#resize(seen);
  }

  forget(policy: ObjectKey): void {
    this.#memories.delete(policy);
    this.#rolling.delete(policy);
  }

  clear(): void {
    this.#memories.clear();
    this.#rolling.clear();
    this.#resizes = [];
  }

  /** Memory of another workload under the same name is none. */
  #sighted({ policy, workload, verdict }: ApplyRound, pods: readonly Pod[], now: Moment): ApplyMemory {
    const { histories } = this.#parts;
    const { uid } = workload.meta;
    const known = this.#memories.get(keyOf(policy));
    const memory = known?.workload === uid ? known : startApplyMemory(uid);
    const [newest] = resizablePods(pods);
    const sights = (newest?.desired ?? []).map((present) => {
      const answer = verdict.proposal.containers.find(({ container }) => container === present.container);
      const recommendation = answer?.kind === "recommendation" ? answer : undefined;
      return { present, recommendation, lastOom: histories.lastOom(uid, present.container) };
    });
    return afterSight(memory, sights, now.wall);
  }

  async #resize(seen: Seen): Promise<Application> {
    const { round, pods, now } = seen;
    const question = this.#ask(seen, undefined);
    const plan = makeRequestPlan(question);
    const scene = {
      now: now.wall,
      plan,
      pods: resizablePods(pods),
      clusterAllowance: resizesLeft(question),
      disruptionsAllowed: undefined,
    };
    const look = lookAtPods(seen.memory.wave, scene);
    this.#memories.set(keyOf(round.policy), { ...seen.memory, wave: look.wave });
    const writtenCount = await this.#writeAll(round, look);
    const acts = writtenCount === 0 ? [] : [actOf(now.wall, `${writtenCount} resized`, plan.sentence)];
    return { applying: applyingOf(plan, look), acts };
  }

  /** One after the other; the first that is doubted, or that ends the wave, is the last. */
  async #writeAll({ policy, doubt, wish }: ApplyRound, look: Look): Promise<number> {
    const { api, clock } = this.#parts;
    const key = keyOf(policy);
    let count = 0;
    for (const write of look.writes) {
      if (doubt() !== undefined) break;
      const outcome = await api.resizePod(write.pod.basis, write.to, wish());
      const memory = this.#memories.get(key);
      if (memory === undefined) break;
      const wave = afterWrite(memory.wave, write, { outcome, now: clock.wall() });
      const written = mayHaveHappened(outcome)
        ? afterRequestWrite(memory, { before: write.pod.desired, to: write.to }, clock.wall())
        : memory;
      this.#memories.set(key, { ...written, wave });
      if (mayHaveHappened(outcome)) this.#resizes = [...this.#resizes, clock.mono()];
      if (outcome.kind === "written") count += 1;
      if (wave.stopped !== undefined && look.wave.stopped === undefined) break;
    }
    return count;
  }

  async #writeTemplate(seen: Seen): Promise<Application> {
    const { round, now, memory } = seen;
    const key = keyOf(round.policy);
    this.#memories.set(key, memory);
    const foreseen = makeRequestPlan(this.#ask(seen, undefined));
    if (foreseen.changes.length === 0) return { applying: foreseen.applying, acts: [] };
    const end = await this.#runTemplate(seen);
    if (end.kind !== "answered" || !mayHaveHappened(end.outcome as Parameters<typeof mayHaveHappened>[0]))
      return { applying: applyingAfter(end), acts: [] };
    const { changes, sentence } = end.plan;
    const before = resizablePods(seen.pods)[0]?.desired ?? [];
    this.#memories.set(key, afterRequestWrite(memory, { before, to: changes }, now.wall));
    this.#rolling.set(key, keyOf(round.workload));
    const acts = end.outcome.kind === "written" ? [actOf(now.wall, "template written", sentence)] : [];
    return { applying: applyingAfter(end), acts };
  }

  async #runTemplate(seen: Seen): Promise<TemplateEnd> {
    const { round } = seen;
    const ignored = round.policy.requestsIgnored === true;
    const decide = (basis: TemplateBasis): RequestPlan =>
      makeRequestPlan(this.#ask(seen, { basis, ignored }));
    let phase: TemplatePhase = beginTemplate();
    while (phase.at !== "settled") phase = stepTemplate(phase, await this.#perform(round, phase), decide);
    return phase.end;
  }

  async #perform(
    { policy, spec, doubt, wish }: ApplyRound,
    phase: Exclude<TemplatePhase, { at: "settled" }>,
  ): Promise<TemplateAnswer> {
    const { api } = this.#parts;
    const { namespace } = policy.meta;
    if (phase.at === "reading")
      return { of: "reading", outcome: await api.readTemplate(namespace, spec.target, wish().signal) };
    const found = doubt();
    if (found !== undefined) return { of: phase.at, outcome: { kind: "doubted", doubt: found } };
    const { basis, plan, annotation } = phase.write;
    const at = { namespace, reference: spec.target, basis };
    const to = { containers: plan.changes, annotation };
    const outcome = await api.writeTemplate(at, to, { ...wish(), dryRun: phase.at === "trying" });
    return { of: phase.at, outcome };
  }

  #ask(
    { round, pods, memory, now }: Seen,
    live: Readonly<{ basis: TemplateBasis; ignored: boolean }> | undefined,
  ): RequestQuestion {
    const { view, histories } = this.#parts;
    const { workload, spec, verdict, calm } = round;
    return askRequests({
      now: now.wall,
      spec: spec.vertical,
      verdict,
      workload,
      shape: newestShape(pods),
      pods: resizablePods(pods),
      seen: pods,
      memory,
      memoryPeak: (container) => histories.memoryPeak(workload.meta.uid, container, now.wall),
      autoscalers: view.autoscalersTargeting(targetKey(round.policy.meta.namespace, spec.target)),
      nodes: nodesOf(view, pods, this.#daemonRequests(now.mono)),
      calm,
      fleet: this.#fleet(round, now.mono),
      template: live && {
        containers: live.basis.containers,
        bases: templateBases(live.basis),
        state: templateStateOf(live.basis, live.ignored),
      },
    });
  }

  #fleet({ managedPods }: ApplyRound, now: MonoMillis): RequestQuestion["fleet"] {
    this.#resizes = withinTenMinutes(this.#resizes, now);
    for (const [policy, key] of this.#rolling) if (!this.#isRolling(key)) this.#rolling.delete(policy);
    return {
      managedPods,
      podsResized: this.#resizes.length,
      workloads: this.#parts.view.of.scalepolicies.count(),
      rolling: this.#rolling.size,
    };
  }

  #isRolling(workload: ObjectKey): boolean {
    const { deployments, statefulsets } = this.#parts.view.of;
    const { kind } = rolloutOf(deployments.get(workload) ?? statefulsets.get(workload));
    return kind === "in-progress" || kind === "stuck";
  }

  #daemonRequests(now: MonoMillis): ReturnType<typeof daemonRequests> {
    if (this.#daemons === undefined || elapsed(this.#daemons.at, now) >= DAEMONS_LAST)
      this.#daemons = { at: now, requests: daemonRequests(this.#parts.view.of.pods.all()) };
    return this.#daemons.requests;
  }
}

const newestShape = (pods: readonly Pod[]): Pod["shape"] =>
  pods.reduce<Pod | undefined>(
    (newest, pod) => (newest === undefined || pod.meta.createdAt > newest.meta.createdAt ? pod : newest),
    undefined,
  )?.shape ?? { containers: [], podRequests: undefined, overhead: {} };

/** While nothing more is to be written, the plan says why; else the wave says how far it is. */
function applyingOf(plan: RequestPlan, { reason, message, wave }: Look): RequestPlan["applying"] {
  if (wave.stopped !== undefined) return { status: "False", reason, message };
  if (plan.changes.length === 0) return plan.applying;
  return { status: "True", reason, message: `${message}: ${plan.sentence}` };
}

const actOf = (at: EpochMillis, what: string, why: string): Act => ({
  time: timeText(at),
  what: `requests ${what}`,
  why,
});
