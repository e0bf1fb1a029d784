/**
 * One cell of the table of crashes: a story in which a process dies at a site, judged by the same story without.
 */
import type { Millis } from "../../../src/base/units.ts";
import type { CrashPosition, WriteSite } from "../../../src/sim/process.ts";
import { faultsOf } from "../story/judge.ts";
import { play, type Played } from "../story/play.ts";
import type { Story } from "../story/story.ts";
import type { Site } from "./sites.ts";

export type Cell = Readonly<{
  story: Story;
  verb: WriteSite;
  site: Site;
  position: CrashPosition;
  /** Another process has been waiting; else one is started 2 s after. */
  standby: boolean;
}>;

export type Crashed = Played & Readonly<{ diedAt: Millis | undefined }>;

export async function crashIn({ story, verb, site, position, standby }: Cell): Promise<Crashed> {
  let diedAt: Millis | undefined;
  const played = await play(story, {
    standby,
    begin(stage) {
      const { time, model } = stage.simulated;
      const matches = (args: readonly unknown[]): boolean => {
        if (diedAt !== undefined || !site.matches(args, model)) return false;
        diedAt = time.now();
        return true;
      };
      time.at(site.from(story), () => {
        site.provoke?.(stage);
        stage.fleet.crashAt(verb, position, matches);
      });
    },
  });
  return { ...played, diedAt };
}

/** What is wrong with it beside the story without a crash; the mishap is over when the next process leads. */
export function faultsOfCrash(story: Story, reference: Played, crashed: Crashed): readonly string[] {
  const { diedAt, handovers } = crashed;
  if (diedAt === undefined) return ["the moment of the crash never came"];
  const leadsAgain = handovers.findLast((at) => at > diedAt) ?? diedAt;
  return faultsOf({ story, reference, played: crashed }, leadsAgain);
}
