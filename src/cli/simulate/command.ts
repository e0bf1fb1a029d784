/**
 * `plimsoll simulate`: what a policy would do under a load, in the simulated cluster, as figures.
 *
 * Invariant: standard output depends on the files, the flags and the seed, and on nothing else.
 */
import { formatDuration } from "../../base/duration.ts";
import { type Millis, minutes } from "../../base/units.ts";
import { isRecord } from "../../import/fields.ts";
import { readObjects } from "../../lint/manifest.ts";
import type { Shape } from "../../sim/kubelet/load.ts";
import { Line } from "../../sim/scenario/line.ts";
import { shapeOf } from "../../sim/scenario/load-line.ts";
import { type ManifestWorld, readFiles } from "../manifests/files.ts";
import { EXIT } from "../program.ts";
import { play, type Played } from "./play.ts";
import { isPolicy, type PodFlags, type PolicyStory, storyOf } from "./story.ts";
import { NOTE, tableOf } from "./text.ts";
import { lengthOf, readTrace } from "./trace.ts";

export type SimulateFlags = PodFlags &
  Readonly<{
    filename: readonly string[];
    load: string | undefined;
    trace: string | undefined;
    peak: number | undefined;
    /** undefined: the length of the trace, or a day. */
    length: Millis | undefined;
    seed: number;
    output: "table" | "json";
  }>;

export type SimulateWorld = ManifestWorld & Readonly<{ signal: AbortSignal; progressShown: boolean }>;

const DAY: Millis = minutes(24 * 60);

export async function runSimulate(flags: SimulateFlags, world: SimulateWorld): Promise<number> {
  const load = await loadOf(flags, world);
  if ("message" in load) return complain(world, load.message);
  const read = await readFiles(flags.filename, world.readText);
  if (read.kind === "unreadable") return complain(world, read.message);
  const { workloads } = readObjects(read.objects);
  const policies = read.objects.filter(isRecord).filter(isPolicy);
  if (policies.length === 0) return complain(world, "there is no ScalePolicy in these files");
  const stories: PolicyStory[] = [];
  for (const policy of policies) {
    const outcome = storyOf(policy, { workloads, pods: flags, load: load.shape });
    if (outcome.kind === "invalid") return complain(world, outcome.message);
    stories.push(outcome.story);
  }
  return playAll(stories, { ...flags, length: flags.length ?? load.length }, world);
}

function complain(world: SimulateWorld, message: string): number {
  world.complain(`${message}\n`);
  return EXIT.usage;
}

type Load = Readonly<{ shape: Shape; length: Millis }> | Readonly<{ message: string }>;

async function loadOf({ load, trace, peak }: SimulateFlags, world: SimulateWorld): Promise<Load> {
  if ((load === undefined) === (trace === undefined))
    return { message: "write either --load or --trace: what is asked of the pods" };
  if (trace === undefined) return shapeLoad(load ?? "");
  const read = await world.readText(trace);
  if (read.kind === "unreadable") return { message: read.message };
  const points = readTrace(read.text, peak);
  if (points.kind === "unreadable") return { message: `${trace} ${points.message}` };
  return { shape: { kind: "trace", points: points.points }, length: lengthOf(points.points) };
}

function shapeLoad(words: string): Load {
  const line = new Line(1, `load ${words}`, "");
  const shape = shapeOf(line);
  line.finish();
  const [problem] = line.problems;
  return problem === undefined ? { shape, length: DAY } : { message: `--load: ${problem.message}` };
}

async function playAll(
  stories: readonly PolicyStory[],
  flags: SimulateFlags & Readonly<{ length: Millis }>,
  world: SimulateWorld,
): Promise<number> {
  const played: { story: PolicyStory; result: Played }[] = [];
  for (const story of stories) {
    const progress = progressOf(story, flags.length, world);
    const result = await play(story, { ...flags, progress, signal: world.signal });
    played.push({ story, result });
  }
  if (world.progressShown) world.complain("\r\u001b[K");
  if (world.signal.aborted) return EXIT.no;
  const columns = played.map(({ story, result }) => ({ title: story.name, figures: result.figures }));
  if (flags.output === "json") world.print(`${JSON.stringify(columns.map(jsonOf), null, 2)}\n`);
  else
    world.print(
      `${headOf(
        played.map(({ story }) => story),
        flags,
      )}\n${tableOf(columns)}\n${NOTE}`,
    );
  return EXIT.fine;
}

const jsonOf = ({ title, figures }: Readonly<{ title: string; figures: Played["figures"] }>) => ({
  policy: title,
  ...figures,
});

function headOf(
  stories: readonly PolicyStory[],
  { length, seed }: SimulateFlags & { length: Millis },
): string {
  const [first] = stories;
  const pods = first === undefined ? "" : `, pods of ${first.request} cores (${first.sizedBy})`;
  return `${formatDuration(length)} simulated${pods}, seed ${seed}\n`;
}

/** A hundred steps, on one line of a terminal. */
function progressOf({ name }: PolicyStory, length: Millis, world: SimulateWorld): (at: Millis) => void {
  let shown = -1;
  return (at) => {
    const percent = Math.floor((100 * at) / length);
    if (!world.progressShown || percent === shown) return;
    shown = percent;
    world.complain(`\r\u001b[K${name}: ${percent} % of ${formatDuration(length)}`);
  };
}
