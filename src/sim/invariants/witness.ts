/**
 * Stands between processes and the world: notes each write with the truth of its moment, each act that a
 * status claims, and when each policy was decided on.
 *
 * Invariant: a witness changes nothing; whatever it passes on it passes on as it came.
 */
import { type ObjectKey, objectKey, type Uid } from "../../base/ids.ts";
import type { WriteOutcome } from "../../base/outcome.ts";
import { type Millis, millis, minutes, seconds } from "../../base/units.ts";
import type { Kind } from "../../cluster/port.ts";
import type { Pod } from "../../cluster/pod.ts";
import { type PolicyObject, targetKey } from "../../cluster/workload.ts";
import { parsePolicy } from "../../policy/parse.ts";
import { parseStatus } from "../../policy/parse-status.ts";
import type { Act, ScalePolicyStatus } from "../../policy/status.ts";
import type { Lease, LeaseRecord } from "../../reconcile/port.ts";
import type { World } from "../../reconcile/world.ts";
import type { DecisionRecord } from "../../report/record.ts";
import { freshFor } from "../../usage/gather.ts";
import type { SimulatedProcess } from "../process.ts";
import type { SimulatedWorld } from "../world.ts";
import { Deliveries } from "./deliveries.ts";
import { Ledger } from "./ledger.ts";
import type { Observation, ObservedWrite, TruthOfWrite, Untouchable } from "./observed.ts";
import { Sender } from "./sender.ts";

/** How old a process's view of a kind may rightly be at a moment, for all that was done to its watch. */
export type RightfulLag = (kind: Kind, at: Millis) => Millis;

export type WitnessOptions = Readonly<{
  lag: RightfulLag;
  /** How often kubelets are asked: the operator's rules for samples and decisions go by it. */
  resolution: Millis;
  tell(observation: Observation): void;
}>;

type WriteScale = World["api"]["writeScale"];

/** What is on its way. */
const ON_ITS_WAY = seconds(6);
const RUNNING_FOR = seconds(66);
/** The operator's own 40 s, and some less for what it may see sooner. */
const NODE_LOST_AFTER = seconds(35);
/** A history that was written longer ago than this begins anew. */
const PAST_AGE_MAX = minutes(5);

export class Witness {
  readonly #simulated: SimulatedWorld;
  readonly #ledger: Ledger;
  readonly #options: WitnessOptions;
  /** Older samples lack. */
  readonly #sampleAgeMax: Millis;
  #writes: ObservedWrite[] = [];
  #writeCount = 0;
  readonly #acts = new Map<ObjectKey, readonly Act[]>();
  readonly #decided = new Map<ObjectKey, Millis>();
  readonly #deliveries: Deliveries;
  #senders: Sender[] = [];
  #lease: TruthOfWrite["lease"];

  constructor(simulated: SimulatedWorld, options: WitnessOptions) {
    this.#simulated = simulated;
    this.#options = options;
    this.#sampleAgeMax = millis(freshFor(options.resolution) + ON_ITS_WAY);
    this.#ledger = new Ledger(simulated, (policy) => this.#noteActs(policy));
    this.#deliveries = new Deliveries(simulated.time, this.#ledger.view);
    void simulated.world.api.watchLease((lease) => this.#noteLease(lease), new AbortController().signal);
  }

  /** Oldest first, as far back as they are remembered. */
  get writes(): readonly ObservedWrite[] {
    return this.#writes;
  }

  /** How many there have been. */
  get writeCount(): number {
    return this.#writeCount;
  }

  /** Of a long run: what lies before `moment` is not asked for any more. */
  forget(moment: Millis): void {
    this.#writes = this.#writes.filter(({ at }) => at >= moment);
    this.#senders = this.#senders.filter((sender) => sender.deafFor() < this.#now() - moment);
    this.#ledger.forget(moment);
    this.#deliveries.forget(moment);
  }

  /** The world of a process, under observation. */
  worldOf({ world }: SimulatedProcess, identity: string): World {
    const sender = new Sender(identity, () => this.#now());
    this.#senders.push(sender);
    const { api, kubelets, cluster } = world;
    return {
      ...world,
      cluster: sender.hearing(cluster),
      kubelets: {
        ...kubelets,
        read: async (node, signal) => this.#deliveries.pass(node, await kubelets.read(node, signal)),
      },
      api: {
        ...api,
        createLease: async (record, signal) => this.#held(record, await api.createLease(record, signal)),
        updateLease: async (basis, record, signal) =>
          this.#held(record, await api.updateLease(basis, record, signal)),
        writeScale: (...args) => this.#passWrite(sender, (...passed) => api.writeScale(...passed), args),
      },
    };
  }

  /** Every record of every process. */
  decided({ id: { policy }, target, verdict, vertical }: DecisionRecord): void {
    this.#decided.set(policy, this.#now());
    const containers = vertical?.proposal.containers.filter((one) => one.kind === "recommendation");
    if (containers !== undefined) this.#options.tell({ kind: "recommended", policy, containers });
    if (verdict.kind !== "planned" || verdict.effect.kind !== "scaled" || target === undefined) return;
    if (verdict.effect.outcome.kind !== "written") return;
    const [namespace = ""] = policy.split("/");
    const lag = this.#options.lag("scalepolicies", this.#now());
    const actives = this.#ledger.activesOn(targetKey(namespace, target), millis(this.#now() - lag));
    this.#options.tell({ kind: "owner", policy, actives });
  }

  /** A look at policies that nothing has disturbed for a while, and at what is not to be written. */
  look(policies: readonly ObjectKey[]): void {
    const now = this.#now();
    const { resolution } = this.#options;
    const undisturbed = policies.flatMap((policy) => {
      const decidedAt = this.#decided.get(policy);
      return decidedAt === undefined ? [] : [{ policy, decidedAt }];
    });
    const lag = this.#options.lag("horizontalpodautoscalers", now);
    const taken = this.#ledger.autoscalers().map((one) => this.#untouchable({ ...one, lag }));
    const stopped = this.#ledger.atZero().map((one) => this.#untouchable({ ...one, lag: millis(0) }));
    this.#options.tell({ kind: "look", at: now, resolution, undisturbed, taken, stopped });
  }

  #untouchable(one: Omit<Untouchable, "writtenAt"> & Readonly<{ target: ObjectKey }>): Untouchable {
    const last = this.#writes.findLast(({ target, accepted }) => target === one.target && accepted);
    return { ...one, writtenAt: last?.at };
  }

  #now(): Millis {
    return this.#simulated.time.now();
  }

  async #passWrite(
    sender: Sender,
    pass: WriteScale,
    args: Parameters<WriteScale>,
  ): Promise<Awaited<ReturnType<WriteScale>>> {
    const [namespace, { name, ...kind }, basis, { replicas: to }] = args;
    const target = targetKey(namespace, { name, ...kind });
    const sent = this.#truthOf(sender, target);
    const { model, time } = this.#simulated;
    const sentAt = time.wall();
    const outcome = await pass(...args);
    // An answer that was lost leaves the write that it was the answer to.
    const made = model
      .writes()
      .find(
        (one) => one.at >= sentAt && one.namespace === namespace && one.target.name === name && one.to === to,
      );
    if (outcome.kind === "written") sender.wrote(target, outcome.resourceVersion);
    const write: ObservedWrite = {
      at: made === undefined ? this.#now() : millis(this.#now() - (time.wall() - made.at)),
      identity: sender.identity,
      target,
      to,
      accepted: outcome.kind === "written" || made !== undefined,
      basis: basis.uid,
      truth: made === undefined ? sent : { ...sent, lease: made.lease },
    };
    this.#options.tell({ kind: "write", write, earlier: this.#writes });
    this.#writes.push(write);
    this.#writeCount += 1;
    return outcome;
  }

  #truthOf(sender: Sender, target: ObjectKey): TruthOfWrite {
    const history = this.#ledger.historyOf(target);
    const uid = this.#ledger.uidOf(target);
    const since = millis(this.#now() - this.#options.lag("scalepolicies", this.#now()));
    return {
      uid,
      replicas: history.at(-1)?.replicas ?? 0,
      history,
      specs: this.#ledger.specsSince(target, since),
      lease: this.#lease,
      ...this.#lackOf(uid),
      viewIsBehind: sender.isBehind(target),
      deafFor: sender.deafFor(),
      there: this.#ledger.thereSince(target),
      ledSince: sender.ledSince,
      pastFound: sender.pastOf(target),
    };
  }

  #lackOf(owner: Uid | undefined): Readonly<{ expectedPods: number; lackingPods: number }> {
    const pods = owner === undefined ? [] : this.#ledger.view.podsOwnedBy(owner);
    const expected = pods.filter((pod) => this.#isExpected(pod));
    const lacking = expected.filter(
      ({ meta }) => this.#deliveries.ageOf(objectKey(meta.namespace, meta.name)) > this.#sampleAgeMax,
    );
    return { expectedPods: expected.length, lackingPods: lacking.length };
  }

  /** It has run for long enough, on a node that is not lost. */
  #isExpected({ meta, phase, runningSince, node }: Pod): boolean {
    if (phase !== "Running" || meta.deleting || runningSince === undefined) return false;
    const wall = this.#simulated.time.wall();
    if (wall - runningSince < RUNNING_FOR) return false;
    const ready = node && this.#ledger.view.of.nodes.get(objectKey("", node))?.ready;
    return ready === undefined || ready.status === "True" || wall - ready.since <= NODE_LOST_AFTER;
  }

  /** Whoever is answered may act on it before any watch has told. */
  #held(record: LeaseRecord, outcome: WriteOutcome): WriteOutcome {
    if (outcome.kind === "written") this.#noteLease({ record, resourceVersion: outcome.resourceVersion });
    return outcome;
  }

  #noteLease({ record: { holder, duration, transitions } }: Lease): void {
    const isNewTerm = holder !== this.#lease?.holder || transitions !== this.#lease.transitions;
    if (isNewTerm) this.#senders.find(({ identity }) => identity === holder)?.leads(this.#past());
    this.#lease = { holder, transitions, renewedAt: this.#now(), duration };
  }

  /** What a new leader can know of the past is in the statuses as they are now. */
  #past(): ReadonlyMap<ObjectKey, TruthOfWrite["pastFound"]> {
    const past = new Map<ObjectKey, TruthOfWrite["pastFound"]>();
    for (const { spec, status, meta } of this.#ledger.view.of.scalepolicies.all()) {
      const parsed = parsePolicy(spec);
      if (parsed.kind !== "valid") continue;
      const target = targetKey(meta.namespace, parsed.spec.target);
      past.set(target, this.#pastIn(status, target));
    }
    return past;
  }

  #pastIn(status: unknown, target: ObjectKey): TruthOfWrite["pastFound"] {
    const history = parseStatus(status)?.horizontal?.history;
    if (history?.targetUID !== this.#ledger.uidOf(target)) return "none";
    if (history === undefined || history.bucketSeconds <= 0) return "none";
    const age = this.#simulated.time.wall() - Date.parse(history.recordedAt);
    return Math.abs(age) < PAST_AGE_MAX ? "whole" : "unclear";
  }

  #noteActs({ meta, spec, status }: PolicyObject): void {
    const policy = objectKey(meta.namespace, meta.name);
    const { recentActs = [] } = (status ?? {}) as Partial<ScalePolicyStatus>;
    const known = this.#acts.get(policy) ?? [];
    const fresh = recentActs.filter(
      ({ time, what }) => !known.some((act) => act.time === time && act.what === what),
    );
    this.#acts.set(policy, recentActs);
    const parsed = fresh.length === 0 ? undefined : parsePolicy(spec);
    if (parsed?.kind !== "valid") return;
    const history = this.#ledger.historyOf(targetKey(meta.namespace, parsed.spec.target));
    this.#options.tell({ kind: "acts", at: this.#now(), policy, acts: fresh, history });
  }
}
