/**
 * Kubelets that answer, and say what is not so.
 */
import { minutes } from "../../base/units.ts";
import { hash } from "../chance.ts";
import type { Fault } from "../ports/fault.ts";
import { type FaultRow, type Ground, nodesOf, standing, workloadsOf } from "./fault-row.ts";
import { isCpu, isUsage, rewritten, type SampleLine } from "./sample-line.ts";

type Garble = NonNullable<Fault["garble"]>;

/** A fault of one node's answers. */
const ofNode = (
  kind: string,
  what: string,
  garble: (ground: Ground) => (answer: string) => string,
): FaultRow => ({
  kind,
  what,
  victims: nodesOf,
  begin(ground, { on }, bite) {
    const change = garble(ground);
    return standing(
      ground,
      { name: kind, garble: (node, answer) => (node === on ? change(answer) : answer) },
      bite,
    );
  },
});

/** A fault of every container sample of a node. */
const ofSamples = (kind: string, what: string, change: (line: SampleLine) => SampleLine): FaultRow =>
  ofNode(kind, what, () => (answer) => rewritten(answer, (line) => (isUsage(line) ? change(line) : line)));

/** Kubelets leave some of a workload's pods out. */
const ofPods = (kind: string, what: string, isLeftOut: (pod: string) => boolean): FaultRow => ({
  kind,
  what,
  victims: workloadsOf,
  begin: (ground, { on }, bite) =>
    standing(
      ground,
      {
        name: kind,
        garble: (_, answer) =>
          rewritten(answer, (line) => {
            const pod = /pod="([^"]*)"/.exec(line.labels)?.[1] ?? "";
            return pod.startsWith(`${on}-`) && isLeftOut(pod) ? undefined : line;
          }),
      },
      bite,
    ),
});

const stampedBy = (line: SampleLine, by: number): SampleLine => ({
  ...line,
  stamp: String(Number(line.stamp) + by),
});
const AWAY = minutes(20);

export const SAMPLE_FAULTS: readonly FaultRow[] = [
  ofSamples("stale-stamps", "a node's samples are stamped twenty minutes ago", (line) =>
    stampedBy(line, -1 * AWAY),
  ),
  ofSamples("future-stamps", "a node's samples are stamped in twenty minutes", (line) =>
    stampedBy(line, AWAY),
  ),
  ofSamples("huge-values", "a node's samples say a billion times what is used", (line) => ({
    ...line,
    value: String(Number(line.value) * 1e9),
  })),
  ofSamples("nan-values", "a node's samples are no numbers", (line) => ({ ...line, value: "NaN" })),
  ofSamples("negative-values", "a node's samples are below zero", (line) => ({
    ...line,
    value: `-${line.value}`,
  })),
  ofSamples("zero-values", "a node's samples are zero", (line) => ({ ...line, value: "0" })),
  ofNode(
    "truncated-answer",
    "a node's answer ends in the middle",
    () => (answer) => answer.slice(0, answer.length / 2),
  ),
  ofNode("repeated-answer", "a node gives the same answer again and again", () => {
    let first: string | undefined;
    return (answer) => (first ??= answer);
  }),
  ofNode("disordered-answers", "a node's answers overtake each other", createOvertaking),
  ofPods("missing-pods", "kubelets leave out every third pod of a workload", (pod) => hash(pod) % 3 === 0),
  ofPods("missing-workload", "kubelets leave out all pods of a workload", () => true),
  {
    kind: "counter-reset",
    what: "a node's CPU counters begin again at zero, with no new start time",
    victims: nodesOf,
    begin(ground, { on }, bite) {
      // A counter that began again does not go back to what it was.
      standing(ground, { name: "counter-reset", garble: resetOn(on) }, bite);
      return () => undefined;
    },
  },
  {
    kind: "foreign-pods",
    what: "a node also reports the pods of all others, as idle",
    victims: nodesOf,
    begin: (ground, { on }, bite) =>
      standing(ground, { name: "foreign-pods", garble: speakingForOthers(on) }, bite),
  },
];

/** Every two answers change places: 1 2 3 4 5 6 is told as 1 2 1 4 3 6. */
export function createOvertaking(): (answer: string) => string {
  let held: string | undefined;
  let isNext = false;
  return (answer) => {
    const told = isNext ? answer : (held ?? answer);
    if (!isNext) held = answer;
    isNext = !isNext;
    return told;
  };
}

function resetOn(victim: string): Garble {
  const offsets = new Map<string, number>();
  let began = false;
  return (node, answer) => {
    if (node !== victim) return answer;
    const isFirst = !began;
    began = true;
    return rewritten(answer, (line) => {
      if (!isCpu(line)) return line;
      const value = Number(line.value);
      // What another fault made of a counter is nothing to begin again from.
      if (isFirst && Number.isFinite(value) && value > 0) offsets.set(line.labels, value);
      // A StatefulSet's next pod has the same name, and a counter of its own.
      if (value < (offsets.get(line.labels) ?? 0)) offsets.delete(line.labels);
      const offset = offsets.get(line.labels) ?? 0;
      return { ...line, value: String(Math.max(0.001, value - offset)) };
    });
  };
}

function speakingForOthers(liar: string): Garble {
  const heard = new Map<string, string>();
  return (node, answer) => {
    if (node !== liar) {
      const idle = rewritten(answer, (line) => (isUsage(line) ? { ...line, value: "1" } : line));
      heard.set(node, idle);
      return answer;
    }
    const others = [...heard.values()].flatMap((text) =>
      text.split("\n").filter((line) => line.startsWith("container_")),
    );
    return `${others.join("\n")}\n${answer}`;
  };
}
