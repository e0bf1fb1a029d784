/**
 * The ways in which a kubelet's answer can be wrong, as bytes or replies at the kubelet port, and what each
 * does to the evidence.
 *
 *   silent     the pods have no sample that counts
 *   harmless   what is true can still be read
 *   inflated   the pods are said to use more than any machine has
 *   believed   the answer is whole, plausible and wrong: no reader could tell
 */
import type { NodeReply, ScrapeFailureCause } from "../../../src/scrape/port.ts";
import { createOvertaking } from "../../../src/sim/faults/sample-faults.ts";
import { type Line, measured, rewrite, textOf } from "./lines.ts";

export type Effect = "silent" | "harmless" | "inflated" | "believed";

/** What becomes of a node's answer: other text, which may depend on earlier ones, or no answer. */
export type Lie = ((answer: string) => string) | Extract<NodeReply, { kind: "failed" }>;

export type Defect = Readonly<{
  name: string;
  /** The fail-safe row that it belongs to. */
  row: string;
  effect: Effect;
  /** One liar a node. */
  create(): Lie;
}>;

type Change = (line: Line) => Partial<Line> | undefined;

/** A lie that is told of each line by itself; `undefined` leaves the line out. */
const each =
  (change: Change): Defect["create"] =>
  () =>
  (answer) =>
    rewrite(answer, (line) => {
      const changed = change(line);
      return changed === undefined ? [] : textOf({ ...line, ...changed });
    });

const ofCpu = (value: (value: string) => string): Defect["create"] =>
  each((line) => (line.family === "cpu" ? { value: value(line.value) } : line));
const ofMemory = (value: (value: string) => string): Defect["create"] =>
  each((line) => (line.family === "memory" ? { value: value(line.value) } : line));
const without = (isLeftOut: (line: Line) => boolean): Defect["create"] =>
  each((line) => (isLeftOut(line) ? undefined : line));
const stamped = (stamp: (stamp: string) => string): Defect["create"] =>
  each((line) => (line.stamp === "" ? line : { stamp: stamp(line.stamp) }));
const later = (by: number): Defect["create"] => stamped((stamp) => String(Number(stamp) + by));
const body =
  (text: string): Defect["create"] =>
  () =>
  () =>
    text;
const failed =
  (cause: ScrapeFailureCause, message: string): Defect["create"] =>
  () => ({
    kind: "failed",
    cause,
    message,
  });

const MINUTE = 60_000;

/** Tells the first answer for ever. */
function createEcho(): Lie {
  let first: string | undefined;
  return (answer) => (first ??= answer);
}

/** A lie about each series that depends on its first line. */
const sinceFirst =
  (isMeant: (line: Line) => boolean, change: (line: Line, first: Line) => Partial<Line>): Defect["create"] =>
  () => {
    const firsts = new Map<string, Line>();
    return (answer) =>
      rewrite(answer, (line) => {
        if (!isMeant(line)) return textOf(line);
        const key = `${line.family}/${line.pod}/${line.container}`;
        const first = firsts.get(key) ?? line;
        firsts.set(key, first);
        return textOf({ ...line, ...change(line, first) });
      });
  };

const isCpu = ({ family }: Line): boolean => family === "cpu";
const stoppedClock = sinceFirst(
  () => true,
  (_, { stamp }) => ({ stamp }),
);
const stoppedCounter = sinceFirst(isCpu, (_, { value }) => ({ value }));
/** CPU counters that lose a thousandth every ten seconds. */
const fallingCounter = sinceFirst(isCpu, ({ stamp }, first) => ({
  value: String(Number(first.value) * (1 - (Number(stamp) - Number(first.stamp)) * 1e-7)),
}));
/** CPU counters that began again at the first answer, and go on from there. */
const reset = sinceFirst(isCpu, ({ value }, first) => ({
  value: String(Math.max(0.001, Number(value) - Number(first.value) + 0.001)),
}));

/** CPU that grows by a million core-seconds with each answer. */
function createRunaway(): Lie {
  let grown = 0;
  return (answer) => {
    grown += 1e5;
    return rewrite(answer, (line) =>
      textOf(line.family === "cpu" ? { ...line, value: String(Number(line.value) + grown) } : line),
    );
  };
}

/** Containers that say at every scrape that they have just begun. */
const justBegun: Defect["create"] = () => (answer) => {
  const now = Math.max(...[...answer.matchAll(/ (\d{13})$/gm)].map(([, stamp]) => Number(stamp)));
  return rewrite(answer, (line) =>
    textOf(line.family === "start" ? { ...line, value: String(now / 1000) } : line),
  );
};

/** Lines that name pods this node does not have: another node's, all of them idle. */
const ofForeignPods: Defect["create"] = () => (answer) => {
  const idle = rewrite(answer, (line) =>
    Array.from({ length: 12 }, (_, n) =>
      textOf({
        ...line,
        pod: line.pod.replace(/\w+$/, String(n)),
        value: line.family === "start" ? line.value : "1",
      }),
    ),
  );
  return `${idle}\n${answer}`;
};

const withGhost: Defect["create"] = () => (answer) =>
  rewrite(answer, (line, text) => [textOf({ ...line, pod: `${line.pod}-gone`, value: "1" }), text]);

const labelsAnew =
  (print: (line: Line) => string): Defect["create"] =>
  () =>
  (answer) =>
    rewrite(
      answer,
      (line) => `${textOf(line).split("{")[0]}{${print(line)}} ${measured(line.value, line.stamp)}`,
    );

const escaped = (text: string): string => text.replace("a", "\\a").replace("w", "\\w");

const silent = (row: string, name: string, create: Defect["create"]): Defect => ({
  row,
  name,
  effect: "silent",
  create,
});
const harmless = (row: string, name: string, create: Defect["create"]): Defect => ({
  row,
  name,
  effect: "harmless",
  create,
});

export const DEFECTS: readonly Defect[] = [
  silent("F03", "pods that are left out", without(() => true)),
  silent("F03", "a container that is left out", without(({ container }) => container === "helper")),
  silent("F03", "no CPU", without(({ family }) => family === "cpu")),
  silent("F03", "no memory", without(({ family }) => family === "memory")),
  silent("F03", "CPU of zero", ofCpu(() => "0")),
  silent("F03", "memory of zero", ofMemory(() => "0")),
  silent("F03", "an empty answer", body("")),
  silent("F03", "a page of HTML", body("<html><body>502 Bad Gateway</body></html>\n")),
  silent("F03", "JSON", body('{"kind":"Status","status":"Success"}')),
  silent("F04", "NaN", ofCpu(() => "NaN")),
  silent("F04", "+Inf", ofCpu(() => "+Inf")),
  silent("F04", "-Inf", ofCpu(() => "-Inf")),
  silent("F04", "numbers below zero", ofCpu((value) => `-${value}`)),
  silent("F04", "-0", ofCpu(() => "-0")),
  silent("F04", "1e308", ofCpu(() => "1e308")),
  silent("F04", "a decimal comma", ofCpu(() => "1,5")),
  silent("F04", "hexadecimal numbers", ofCpu(() => "0x10")),
  silent("F04", "memory beyond any machine", ofMemory(() => "1e17")),
  silent("F05", "counters that fall with every answer", fallingCounter),
  harmless("F05", "counters that began again once", reset),
  silent("F05", "containers that have always just begun", justBegun),
  harmless("F06", "every line twice", () => (answer) => rewrite(answer, (_, text) => [text, text])),
  harmless("F06", "a second, older sample of each series", () => (answer) =>
    rewrite(answer, (line, text) => [text, textOf({ ...line, value: "1", stamp: line.stamp && "1000" })])),
  harmless("F06", "answers that overtake each other", createOvertaking),
  harmless("F06", "another node's pods beside its own", ofForeignPods),
  harmless("F06", "a pod that is gone", withGhost),
  silent("F06", "pods under another name", each(({ pod }) => ({ pod: `old-${pod}` }))),
  silent("F06", "pods of another namespace", each(() => ({ namespace: "elsewhere" }))),
  silent("F06", "containers of an earlier pod", each((line) => (line.family === "start" ? { value: "1600000000" } : line))),
  silent("F07", "stamps twenty minutes ahead", later(20 * MINUTE)),
  harmless("F07", "stamps five minutes ahead", later(5 * MINUTE)),
  silent("F08", "a server error", failed("status", "500 Internal Server Error")),
  silent("F08", "no permission", failed("forbidden", "403 Forbidden")),
  silent("F08", "no answer in time", failed("timeout", "no answer in 10 s")),
  silent("F08", "an answer that breaks off", () => (answer) => answer.slice(0, answer.indexOf("\ncontainer_memory") + 30)),
  silent("F08", "half of each line", () => (answer) => rewrite(answer, (_, text) => text.slice(0, text.length / 2))),
  silent("F09", "stamps twenty minutes old", later(-20 * MINUTE)),
  silent("F09", "the same answer again and again", createEcho),
  silent("F09", "new numbers under old stamps", stoppedClock),
  { row: "F09", name: "old numbers under new stamps", effect: "believed", create: stoppedCounter },
  { row: "F10", name: "CPU that runs away", effect: "inflated", create: createRunaway },
  { row: "F10", name: "milliseconds for seconds", effect: "inflated", create: ofCpu((value) => String(Number(value) * 1000)) },
  silent("F10", "seconds for milliseconds in the stamps", stamped((stamp) => String(Math.floor(Number(stamp) / 1000)))),
  silent("F31", "containers under another name", each(({ container }) => ({ container: `${container}-2` }))),
  harmless("F31", "labels in another order, and more of them", labelsAnew(({ pod, container, namespace }) =>
    `pod="${pod}", id="/kubepods", namespace="${namespace}" ,container="${container}",`)),
  harmless("F31", "escaped labels", labelsAnew(({ pod, container, namespace }) =>
    `container="${escaped(container)}",namespace="${namespace}",pod="${escaped(pod)}"`)),
]; // prettier-ignore
