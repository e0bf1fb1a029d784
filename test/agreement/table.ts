/** What a run came to, in numbers and as Markdown. */
import { objectKey } from "../../src/base/ids.ts";
import { markdownTable } from "../../generate/markdown.ts";
import type { LiveScore } from "./live.ts";
import type { Verdict } from "./replay.ts";

export type Summary = Readonly<{
  workloads: number;
  syncs: number;
  changes: number;
  /** The fewest tolerance crossings that any workload saw. */
  fewestCrossings: number;
  /** Syncs with pods that were not ready, or not measured yet; and with a rollout in progress. */
  withStarting: number;
  rolling: number;
  withoutAnswer: number;
  equal: number;
  moved: ReadonlyMap<string, number>;
  ambiguous: number;
  different: readonly Verdict[];
  percentTold: number;
  percentEqual: number;
}>;

export function summarize(verdicts: readonly Verdict[]): Summary {
  const count = (holds: (verdict: Verdict) => boolean): number => verdicts.filter(holds).length;
  const moved = new Map<string, number>();
  for (const { outcome } of verdicts)
    if (outcome.kind === "moved") moved.set(outcome.by, (moved.get(outcome.by) ?? 0) + 1);
  const crossings = crossingsOf(verdicts);
  return {
    workloads: crossings.size,
    syncs: verdicts.length,
    changes: count(({ tick }) => tick.wrote !== undefined),
    fewestCrossings: Math.min(...crossings.values()),
    withStarting: count(({ answers }) =>
      (answers.bare.proposal?.metrics ?? []).some(
        (metric) => metric.kind === "valid" && metric.unreadyCount + metric.missingCount > 0,
      ),
    ),
    rolling: count(({ answers }) => answers.whole.question.rollout.kind === "in-progress"),
    withoutAnswer: count(({ answers }) => answers.bare.proposal?.combined.kind === "failure"),
    equal: count(({ outcome }) => outcome.kind === "equal"),
    moved,
    ambiguous: count(({ ambiguous }) => ambiguous),
    different: verdicts.filter(({ outcome }) => outcome.kind === "different"),
    percentTold: count(({ percentEqual }) => percentEqual !== undefined),
    percentEqual: count(({ percentEqual }) => percentEqual === true),
  };
}

/** How often each workload's usage went over an edge of the tolerance band, in either direction. */
function crossingsOf(verdicts: readonly Verdict[]): ReadonlyMap<string, number> {
  const crossings = new Map<string, number>();
  const sides = new Map<string, string>();
  for (const verdict of verdicts) {
    const key = objectKey(verdict.tick.namespace, verdict.tick.name);
    const [before, side] = [sides.get(key), sideOf(verdict)];
    const crossed = before !== undefined && side !== undefined && before !== side;
    crossings.set(key, (crossings.get(key) ?? 0) + (crossed ? 1 : 0));
    if (side !== undefined) sides.set(key, side);
  }
  return crossings;
}

/** Within the band, over it, under it; undefined while the metrics have no answer. */
function sideOf({ answers }: Verdict): string | undefined {
  const { proposal } = answers.bare;
  if (proposal?.combined.kind !== "replicas") return undefined;
  const winner = proposal.metrics[proposal.combined.winner];
  return winner?.kind === "valid" ? winner.because : undefined;
}

const share = (part: number, whole: number): string =>
  whole === 0 ? "none" : `${part} of ${whole} (${((100 * part) / whole).toFixed(2)} %)`;

export function tableOf(summary: Summary, live: LiveScore): string {
  const { syncs, equal, moved, different, ambiguous } = summary;
  const movedCount = [...moved.values()].reduce((sum, one) => sum + one, 0);
  const rails = [...moved].map(([rail, count]) => `${count} by \`${rail}\``).join(", ");
  return markdownTable(
    ["what", "figure"],
    [
      ["workloads, each with an HPA and a Shadow policy", `${summary.workloads}`],
      ["syncs of the HPA that were decided again", `${syncs}`],
      ["of these: changes of a count", `${summary.changes}`],
      ["of these: with pods that start / in a rollout / without an answer of the metrics", `${summary.withStarting} / ${summary.rolling} / ${summary.withoutAnswer}`],
      ["tolerance crossings, the fewest of any workload", `${summary.fewestCrossings}`],
      ["**equal**, on syncs that no rail moved", share(equal, syncs - movedCount)],
      ["moved by a rail", movedCount === 0 ? "0" : `${movedCount}: ${rails}`],
      ["different", `${different.length}`],
      ["of all: ambiguous (two states of the HPA's cache, or two moments, were possible)", `${ambiguous}`],
      ["the HPA's status told utilization, and ours was the same percent", share(summary.percentEqual, summary.percentTold)],
      ["live Shadow: recall (the HPA's changes that Shadow wished too)", share(live.wishedToo, live.hpaChanges)],
      ["live Shadow: precision (Shadow's wishes that the HPA followed)", share(live.followed, live.wishes)],
      ["live Shadow: before the HPA by, p50 / p10 / p90", delaysText(live.delays)],
    ],
  ); // prettier-ignore
}

function delaysText(delays: readonly number[]): string {
  if (delays.length === 0) return "none";
  const at = (part: number): string =>
    `${(delays[Math.floor(part * (delays.length - 1))] ?? 0).toFixed(1)} s`;
  return [0.5, 0.1, 0.9].map(at).join(" / ");
}
