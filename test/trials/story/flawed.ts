/**
 * Plays a story through a lens with one flaw, and makes such plans from what the reference run was told.
 */
import { must } from "../../../src/base/assert.ts";
import { type Millis, millis, minutes, seconds } from "../../../src/base/units.ts";
import { type Kind, KINDS } from "../../../src/cluster/port.ts";
import { faultsOf, settledAt } from "./judge.ts";
import { type Flaw, Lens, longestOf } from "./lens.ts";
import { play, type Played } from "./play.ts";
import type { Story } from "./story.ts";

/** A view is this old at most, with a flaw and without. */
const LAG_FLAWED = minutes(5);
const LAG = seconds(5);
/** What is kept back late in a story is to be told within it. */
const LONGER = minutes(5);
const AFTER_REST = minutes(1);

export type Reference = Readonly<{
  story: Story;
  played: Played;
  changes: ReadonlyMap<Kind, readonly Millis[]>;
}>;

export async function playReference(story: Story): Promise<Reference> {
  const seen = await playThrough(story, undefined);
  return { story, played: seen, changes: seen.changes };
}

export type PlayedThrough = Played &
  Readonly<{
    changes: ReadonlyMap<Kind, readonly Millis[]>;
    began: Millis | undefined;
    over: Millis | undefined;
  }>;

export async function playThrough(story: Story, flaw: Flaw | undefined): Promise<PlayedThrough> {
  let lens: Lens | undefined;
  const isSeen = (kind: Kind): boolean =>
    flaw !== undefined && (flaw.kind === kind || flaw.what === "restart");
  const longer = { ...story, length: millis(story.length + LONGER) };
  const played = await play(longer, {
    through(simulated) {
      lens = new Lens(simulated.time, flaw);
      return lens.through(simulated);
    },
    lag: (kind) => (isSeen(kind) ? LAG_FLAWED : LAG),
    begin({ fleet }) {
      if (lens !== undefined) lens.restart = () => fleet.kill();
    },
  });
  const { changes, began, over } = must(lens, "the story was played through it");
  return { ...played, changes, began, over };
}

/** What is wrong with a run under a flaw. */
export function faultsUnder(flaw: Flaw, { story, played: reference }: Reference, seen: PlayedThrough) {
  if (seen.began === undefined) return [`there was no change ${flaw.at} of ${flaw.kind}`];
  if (seen.over === undefined) return ["the flaw was never over"];
  const blindUntil = story.toldBy === flaw.kind ? seen.over : undefined;
  return faultsOf({ story, reference, played: seen, blindUntil }, seen.over);
}

/** Whether a story leaves the time to make up for a flaw. */
export function isFor({ movesFrom, turnsAt, endsAtTurn }: Story, { events }: Pick<Flaw, "events">): boolean {
  return endsAtTurn === undefined || longestOf(events) < (turnsAt - movesFrom) / 2;
}

/** Of each kind that changed until the story came to rest, at most so many of its changes, evenly spread. */
export function changesOf(
  { changes, played }: Reference,
  most: number,
): readonly Pick<Flaw, "kind" | "at">[] {
  const rest = settledAt(played.counts) + AFTER_REST;
  return KINDS.flatMap((kind) => {
    const count = (changes.get(kind) ?? []).filter((moment) => moment <= rest).length;
    const step = Math.max(1, count / most);
    return Array.from({ length: Math.min(count, most) }, (_, n) => ({ kind, at: Math.floor(n * step) }));
  });
}
