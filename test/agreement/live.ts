/**
 * What a Shadow policy wished while an HPA acted on the same target, scored where either would change the count.
 *
 *   recall      of the HPA's changes, how many Shadow wished too, the same way, at about the same time
 *   precision   of Shadow's wishes, how many the HPA followed, the same way, at about the same time
 *   delay       from Shadow's wish to the HPA's change; positive: Shadow was first
 *
 * A wish is an unbroken time in which the policy's status shows a desired count above, or below, the current one.
 */
import type { EpochMillis } from "../../src/base/units.ts";
import { keyOf } from "../../src/cluster/object.ts";
import type { PolicyObject } from "../../src/cluster/workload.ts";
import { parseStatus } from "../../src/policy/parse-status.ts";
import type { Change, Recording } from "./recording.ts";
import type { Tick } from "./ticks.ts";

export type LiveScore = Readonly<{
  hpaChanges: number;
  wishedToo: number;
  wishes: number;
  followed: number;
  /** Of the changes that were wished too, in seconds, ascending. */
  delays: readonly number[];
}>;

/** One round of metrics-server, and two and a half syncs of the HPA. */
export const ABOUT_MILLIS = 20_000;

type Span = { readonly way: 1 | -1; readonly from: EpochMillis; until: number };
type Move = Readonly<{ way: number; at: EpochMillis }>;

export function scoreLive({ changes }: Recording, ticks: readonly Tick[]): LiveScore {
  const wishes = wishesOf(changes);
  const moves = movesOf(ticks);
  const last = Math.max(...ticks.map(({ at }) => at));
  const score = { hpaChanges: 0, wishedToo: 0, wishes: 0, followed: 0 };
  const delays: number[] = [];
  for (const [key, made] of moves) {
    // The HPA had no time to follow what was wished at the very end.
    const wished = (wishes.get(key) ?? []).filter(({ from }) => from < last - ABOUT_MILLIS);
    for (const move of made) {
      const match = wished.find((wish) => isAbout(wish, move));
      score.hpaChanges += 1;
      if (match === undefined) continue;
      score.wishedToo += 1;
      delays.push((move.at - match.from) / 1000);
    }
    score.wishes += wished.length;
    score.followed += wished.filter((wish) => made.some((move) => isAbout(wish, move))).length;
  }
  return { ...score, delays: delays.toSorted((a, b) => a - b) };
}

const isAbout = ({ way, from, until }: Span, move: Move): boolean =>
  way === move.way && from - ABOUT_MILLIS <= move.at && move.at <= until + ABOUT_MILLIS;

function movesOf(ticks: readonly Tick[]): Map<string, Move[]> {
  const moves = new Map<string, Move[]>();
  for (const { namespace, name, reading, wrote } of ticks) {
    const key = `${namespace}/${name}`;
    const made = moves.get(key) ?? [];
    moves.set(key, made);
    if (wrote !== undefined) made.push({ way: Math.sign(wrote.replicas - reading.replicas), at: wrote.at });
  }
  return moves;
}

function wishesOf(changes: readonly Change[]): Map<string, Span[]> {
  const wishes = new Map<string, Span[]>();
  for (const { kind, event, at } of changes) {
    if (kind !== "scalepolicies" || event.kind !== "changed") continue;
    const key = keyOf(event.object);
    const spans = wishes.get(key) ?? [];
    wishes.set(key, spans);
    note(spans, wayOf(event.object), at);
  }
  return wishes;
}

/** Up, down, or neither. */
function wayOf({ status }: PolicyObject): number {
  const shown = parseStatus(status)?.horizontal;
  return shown === undefined ? 0 : Math.sign(shown.desiredReplicas - shown.currentReplicas);
}

function note(spans: Span[], way: number, at: EpochMillis): void {
  const open = spans.findLast(({ until }) => until === Infinity);
  if (open?.way === way) return;
  if (open !== undefined) open.until = at;
  if (way === 1 || way === -1) spans.push({ way, from: at, until: Infinity });
}
