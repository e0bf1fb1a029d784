/**
 * The whole script: eight manners of nodes, the pods on them, and for each round the cluster's changes, the kubelets' answers
 * and the differences that have a name.
 *
 * Invariant: seed and round decide everything but the moment at which it began.
 */
import { seededRandom } from "../../src/base/random.ts";
import { nodeName } from "../../src/base/ids.ts";
import { millis } from "../../src/base/units.ts";
import { offsetOf } from "../../src/scrape/targets.ts";
import type { Actor, Change, NamedDifference } from "./actors.ts";
import type { Answers } from "./kubelets.ts";
import { ROUND_MILLIS } from "./lives.ts";
import { KINDS, NamedPod } from "./named.ts";
import { type Manner, MANNERS, PlainPod, ScriptedNode } from "./nodes.ts";
import { Storm } from "./storm.ts";

export type Round = Readonly<{
  number: number;
  changes: readonly Change[];
  answers: Answers;
  differences: readonly NamedDifference[];
}>;

export type ScriptOptions = Readonly<{
  seed: number;
  namespace: string;
  /** Wall time of the first round. */ began: number;
}>;

const STORM_NODES = 3;
const STORM_PODS = 8;
const PLAIN_PODS = 3;

/** Rounds one after the other. */
export function* roundsOf({ seed, namespace, began }: ScriptOptions): Generator<Round, never> {
  const random = seededRandom(seed);
  const nodes = MANNERS.flatMap((manner) => nodesOf(manner, namespace));
  for (let number = 1; ; number++) {
    const moment = { base: began + (number - 1) * ROUND_MILLIS, random };
    const turns = nodes.map((node) => ({ name: node.name, ...node.turn(number, moment) }));
    yield {
      number,
      changes: turns.flatMap(({ changes }) => changes),
      answers: new Map(
        turns.flatMap(({ name, answer }) => (answer === undefined ? [] : [[name, answer.text] as const])),
      ),
      differences: turns.flatMap(({ differences }) => differences),
    };
  }
}

function nodesOf(manner: Manner, namespace: string): readonly ScriptedNode[] {
  const count = manner === "stormy" ? STORM_NODES : 1;
  return Array.from({ length: count }, (_, index) => {
    const name = namedForOneMoment(`${manner}-${index}`);
    return new ScriptedNode(name, manner, actorsOn(name, manner, namespace));
  });
}

function actorsOn(node: string, manner: Manner, namespace: string): readonly Actor[] {
  if (manner === "stormy") return [new Storm(node, namespace, STORM_PODS)];
  if (manner === "named") return KINDS.map((_, index) => new NamedPod(node, namespace, index));
  return Array.from(
    { length: PLAIN_PODS },
    (_, at) => new PlainPod(node, manner, { namespace, name: `${manner}-${at}` }),
  );
}

/** We ask each node at a moment of its own; a test would wait for all of them, unless they are one. */
const MOMENT_MILLIS = { from: 3_000, until: 3_600 };

function namedForOneMoment(prefix: string): string {
  for (let tries = 0; ; tries++) {
    const name = `${prefix}-${tries}-0`;
    const offset = offsetOf(nodeName(name), millis(ROUND_MILLIS));
    if (offset >= MOMENT_MILLIS.from && offset < MOMENT_MILLIS.until) return name;
  }
}
