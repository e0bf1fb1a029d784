/**
 * Every sync of the record, decided again by us in the order in which it happened, and a verdict on each.
 *
 *   bare answer                     whole answer                   verdict
 *   the HPA's                       the HPA's                      equal
 *   the HPA's                       another, by a rail             moved, and by which rail
 *   the HPA's, in a second state    either of these                the same, and ambiguous
 *   another                         -                              different
 *
 * The HPA reads pods from its own cache, which runs behind its watch by a moment that nobody sees. A sync is ambiguous
 * only where pods or the clock allow two answers around that moment, and one of them is the HPA's.
 *
 * Invariant: a sync is looked at as of its own moment first; another state is tried only when that is not the answer, or
 * not the utilization that the HPA's status told.
 */
import { must } from "../../src/base/assert.ts";
import { type ObjectKey, objectKey } from "../../src/base/ids.ts";
import { type EpochMillis, epochMillis } from "../../src/base/units.ts";
import { type Cluster, createCluster } from "../../src/cluster/cluster.ts";
import type { PolicyObject } from "../../src/cluster/workload.ts";
import type { RailName } from "../../src/coordinate/plan.ts";
import { downWindowOf } from "../../src/coordinate/windows.ts";
import { parsePolicy } from "../../src/policy/parse.ts";
import type { HorizontalSpec } from "../../src/policy/policy.ts";
import { Fleet } from "../../src/reconcile/fleet.ts";
import {
  type Answers,
  decide,
  type Matter,
  type Memories,
  monoOf,
  type Sight,
  startMemories,
  withWrite,
} from "./decide.ts";
import type { Change, Recording } from "./recording.ts";
import { DECIDES_WITHIN, type Tick, ticksOf } from "./ticks.ts";

export type Verdict = Readonly<{
  tick: Tick;
  /** What the HPA made of it: what it wrote, or what it left. */
  answer: number;
  answers: Answers;
  ambiguous: boolean;
  outcome:
    Readonly<{ kind: "equal" }> | Readonly<{ kind: "moved"; by: RailName }> | Readonly<{ kind: "different" }>;
  /** Percent as the HPA's status told them, against ours; undefined where it told nothing new. */
  percentEqual: boolean | undefined;
}>;

/** How far the HPA's cache may be behind its watch. */
const BEHIND_MILLIS = 100;
/** Rails that are the HPA's own. */
const UPSTREAM_RAILS: ReadonlySet<RailName> = new Set(["behavior", "bounds"]);

export function replay(recording: Recording): readonly Verdict[] {
  const player = new Player(recording);
  const ticks = ticksOf(recording.exchanges).toSorted((a, b) => a.at - b.at);
  return ticks.map((tick) => player.judge(tick));
}

type Known = {
  memories: Memories;
  /** The rail that moved something last, whether or not the answer: windows remember what came of it. */
  moved: Readonly<{ by: RailName; at: EpochMillis }> | undefined;
};

class Player {
  readonly #changes: readonly Change[];
  readonly #cluster = createCluster();
  readonly #fleet = new Fleet();
  readonly #known = new Map<ObjectKey, Known>();
  #played = 0;

  constructor({ changes }: Recording) {
    this.#changes = changes.toSorted((a, b) => a.at - b.at);
  }

  judge(tick: Tick): Verdict {
    this.#playUntil(tick.at);
    const key = objectKey(tick.namespace, tick.name);
    const policy = must(this.#cluster.view.of.scalepolicies.get(key), `${key} has a policy`);
    this.#fleet.observe(key, tick.reading.replicas);
    const fleet = this.#fleet.activity(key, monoOf(tick.at));
    const matter: Matter = { tick, spec: specOf(policy), policy, fleet };
    const known = this.#known.get(key) ?? { memories: startMemories(tick, tick.at), moved: undefined };
    const verdict = this.#verdictOn(matter, known);
    this.#keep(key, known, verdict);
    return verdict;
  }

  #keep(key: ObjectKey, { moved }: Known, { tick, answers }: Verdict): void {
    const by = railNow(answers);
    this.#known.set(key, {
      memories: withWrite(answers.memories, tick),
      moved: by === undefined ? moved : { by, at: tick.at },
    });
    if (tick.wrote !== undefined)
      this.#fleet.moved({
        policy: key,
        at: monoOf(tick.wrote.at),
        from: tick.reading.replicas,
        to: tick.wrote.replicas,
      });
  }

  #verdictOn(matter: Matter, known: Known): Verdict {
    const { tick } = matter;
    const answer = tick.wrote?.replicas ?? tick.reading.replicas;
    const first: Sight = { cluster: this.#cluster, samples: tick.samples[0], now: tick.at };
    const atOnce = decide(matter, first, known.memories);
    const isSame = ({ bare }: Answers): boolean => bare.replicas === answer;
    const isToldSame = (answers: Answers): boolean =>
      isSame(answers) && (tick.told === undefined || percentEqual(tick.told, answers));
    const others = isToldSame(atOnce)
      ? []
      : [...this.#otherSights(tick)].map((sight) => decide(matter, sight, known.memories));
    const other = others.find(isToldSame) ?? (isSame(atOnce) ? undefined : others.find(isSame));
    const answers = other ?? atOnce;
    return {
      tick,
      answer,
      answers,
      ambiguous: other !== undefined,
      outcome: outcomeOf(answer, answers, known),
      percentEqual: tick.told && percentEqual(tick.told, answers),
    };
  }

  /**
   * The other states of the pods around the moment, samples of the other metrics, the last moment it can have been, and one
   * that is earlier by as much as the HPA may have stamped what it remembers later than we did.
   */
  *#otherSights({ at, before, samples, namespace }: Tick): Generator<Sight> {
    const from = at - BEHIND_MILLIS;
    const moments = this.#changes.filter(
      ({ kind, at: then }) => kind === "pods" && then > from && then <= before,
    );
    const states = [at, from, ...moments.map((change) => change.at)];
    for (const state of states)
      for (const now of [at, before, epochMillis(at - DECIDES_WITHIN)])
        for (const one of samples.length === 0 ? [undefined] : samples)
          yield { cluster: this.#clusterAt(state, namespace), samples: one, now };
  }

  #clusterAt(moment: number, namespace: string): Cluster {
    const cluster = createCluster();
    for (const change of this.#changes) {
      if (change.at > moment) break;
      if (isOf(change, namespace)) apply(cluster, change);
    }
    return cluster;
  }

  #playUntil(moment: EpochMillis): void {
    for (; this.#played < this.#changes.length; this.#played++) {
      const change = must(this.#changes[this.#played], "a change");
      if (change.at > moment) return;
      apply(this.#cluster, change);
    }
  }
}

function isOf({ event }: Change, namespace: string): boolean {
  if (event.kind === "changed" || event.kind === "listed") {
    const own = event.object.meta.namespace;
    return own === "" || own === namespace;
  }
  return event.kind !== "deleted" || event.key.startsWith(`${namespace}/`) || event.key.startsWith("/");
}

const apply = ({ pen }: Cluster, change: Change): void => {
  // The kind ties the pen to its event; TypeScript cannot see that through the union.
  (pen(change.kind).apply as (event: Change["event"]) => void)(change.event);
};

function specOf({ spec }: PolicyObject): HorizontalSpec {
  const parsed = parsePolicy(spec);
  if (parsed.kind !== "valid" || parsed.spec.horizontal === undefined)
    throw new Error(`a policy of the stage does not parse: ${JSON.stringify(parsed)}`);
  return parsed.spec.horizontal;
}

function outcomeOf(answer: number, answers: Answers, known: Known): Verdict["outcome"] {
  if (answers.bare.replicas !== answer) return { kind: "different" };
  if (answers.whole.plan.to === answer) return { kind: "equal" };
  const by = railThatMoved(answers, known);
  return by === undefined ? { kind: "different" } : { kind: "moved", by };
}

/** The rail that moves it now, or did while the windows still remember. */
function railThatMoved(answers: Answers, { moved }: Known): RailName | undefined {
  const now = railNow(answers);
  if (now !== undefined || moved === undefined) return now;
  const { question } = answers.whole;
  return moved.at + downWindowOf(question) < question.now ? undefined : moved.by;
}

/** The last rail that moved the answer; where none did, one that changed the question, or what windows remember of it. */
function railNow({ whole: { plan, question } }: Answers): RailName | undefined {
  const last = plan.moves.findLast(({ rail }) => !UPSTREAM_RAILS.has(rail));
  if (last !== undefined) return last.rail;
  // Without an answer the HPA remembers nothing, and we the count: an outage of metrics opens no scale-down window.
  if (plan.proposal.combined.kind === "failure") return "hold-on-missing-evidence";
  const { weightlessCount, lostCount } = question.evidence;
  if (weightlessCount > 0) return "no-decrease-while-rolling";
  return lostCount > 0 ? "count-own-pods" : undefined;
}

/** As many percent for each metric as the HPA's status told, where it told any. */
const percentEqual = (told: readonly (number | undefined)[], { bare }: Answers): boolean =>
  told.every((percent, index) => {
    const metric = bare.proposal?.metrics[index];
    return percent === undefined || (metric?.kind === "valid" && metric.utilization === percent);
  });
