/**
 * The nodes of the script: a kubelet each, of which some say wrong things about all that they have, or come and go.
 */
import type { Actor, Change, NamedDifference } from "./actors.ts";
import { phaseIn } from "./actors.ts";
import { answerText, type ContainerSaid, cpuText, memoryText, type NodeSaid } from "./exposition.ts";
import { advance, below, born, type Life, type Moment, saidOf } from "./lives.ts";

export const MANNERS = [
  "steady",
  "stormy",
  "named",
  "malformed",
  "failing",
  "nodeless",
  "unstamped",
  "mobile",
] as const;
export type Manner = (typeof MANNERS)[number];

const WHY: Readonly<Partial<Record<Manner, string>>> = {
  malformed: "a value that cannot be read: metrics-server loses the whole answer, and begins anew",
  failing: "a kubelet failed once: metrics-server forgets the node and its pods, and begins anew",
  nodeless: "the node's own lines are missing once: metrics-server begins with the node anew",
  unstamped: "lines without a stamp: each server takes the moment at which it asked",
};

/** The event that its manner is about. */
const EVENT_ROUND = 5;
/** After an answer was lost, metrics-server needs two. */
const LOST_ROUNDS = 2;
/** A mobile node goes at the event, and is back in its third round. */
const AWAY_ROUNDS = 3;

export type NodeTurn = Readonly<{
  changes: readonly Change[];
  /** undefined: the node is not there; its kubelet answers 500 with `undefined` text. */
  answer: Readonly<{ text: string | undefined }> | undefined;
  differences: readonly NamedDifference[];
}>;

export class ScriptedNode {
  readonly name: string;
  readonly #manner: Manner;
  readonly #actors: readonly Actor[];
  #self: Life | undefined;
  #isThere = false;

  constructor(name: string, manner: Manner, actors: readonly Actor[]) {
    this.name = name;
    this.#manner = manner;
    this.#actors = actors;
  }

  turn(round: number, moment: Moment): NodeTurn {
    const phase = phaseIn(round, EVENT_ROUND);
    const isAway = this.#manner === "mobile" && phase !== undefined && phase < AWAY_ROUNDS;
    const turns = this.#actors.map((actor) => actor.turn(round, moment));
    const changes = turns.flatMap((turn) => turn.changes);
    if (isAway) return { changes: this.#leave(changes), answer: undefined, differences: [] };
    const arrival: Change[] = this.#isThere ? [] : [{ kind: "add-node", name: this.name }];
    this.#isThere = true;
    const self = this.#measureSelf(moment);
    const said = {
      node: phase === 0 && this.#manner === "nodeless" ? undefined : self,
      containers: turns.flatMap((turn) => turn.said),
    };
    const differences = [
      ...turns.flatMap((turn) => turn.differences),
      ...this.#ownDifferences(phase, said.containers),
    ];
    return { changes: [...arrival, ...changes], answer: { text: this.#text(phase, said) }, differences };
  }

  /** Its pods go with it. */
  #leave(changes: readonly Change[]): readonly Change[] {
    const goes: Change[] = this.#isThere ? [{ kind: "delete-node", name: this.name }] : [];
    this.#isThere = false;
    this.#self = undefined;
    return [...changes, ...goes];
  }

  #measureSelf(moment: Moment): NodeSaid {
    if (this.#self === undefined) this.#self = born("", 1_000, moment);
    else if (this.#isMeasured(moment)) advance(this.#self, moment);
    const { cpu, memory, at } = this.#self;
    const said = { cpu: cpuText(cpu), memory: memoryText(memory) };
    return this.#manner === "unstamped" ? said : { ...said, at };
  }

  /** Where two servers see different windows, only idleness looks the same to both. */
  #isMeasured({ random }: Moment): boolean {
    if (this.#manner === "unstamped") return false;
    return this.#manner !== "stormy" || below(random, 10) > 0;
  }

  #text(
    phase: number | undefined,
    said: Readonly<{ node: NodeSaid | undefined; containers: readonly ContainerSaid[] }>,
  ): string | undefined {
    if (phase === 0 && this.#manner === "failing") return undefined;
    const text = answerText(said);
    return phase === 0 && this.#manner === "malformed"
      ? text.replace(/(container_cpu\S+\{.*\}) \S+/, "$1 0x1.2.3")
      : text;
  }

  #ownDifferences(phase: number | undefined, said: readonly ContainerSaid[]): readonly NamedDifference[] {
    const why = WHY[this.#manner];
    const all = [`nodes/${this.name}`, ...new Set(said.map(({ pod }) => `pods/${pod}`))];
    if (why === undefined) return [];
    if (this.#manner === "unstamped")
      return all.map((object) => ({ object, why, theirs: "there", ours: "there", onlyStamps: true }));
    if (phase === undefined || phase >= LOST_ROUNDS) return [];
    const lost = this.#manner === "nodeless" ? all.slice(0, 1) : all;
    return lost.map((object) => ({ object, why, theirs: "absent", ours: "there" }));
  }
}

/** A pod of one container that is measured every round, or for ever the same where its kubelet prints no stamps. */
export class PlainPod implements Actor {
  readonly node: string;
  readonly #name: string;
  readonly #manner: Manner;
  readonly #namespace: string;
  #life: Life | undefined;
  #made = 0;

  constructor(
    node: string,
    manner: Manner,
    { namespace, name }: Readonly<{ namespace: string; name: string }>,
  ) {
    this.node = node;
    this.#manner = manner;
    this.#namespace = namespace;
    this.#name = name;
  }

  turn(round: number, moment: Moment) {
    const phase = phaseIn(round, EVENT_ROUND);
    const isAway = this.#manner === "mobile" && phase !== undefined && phase < AWAY_ROUNDS;
    const name = `${this.#name}-${this.#made}`;
    if (isAway) return { changes: this.#leave(name), said: [], differences: [] };
    const changes: Change[] = [];
    if (this.#life === undefined) {
      this.#life = born("app", 14_000, moment);
      changes.push({
        kind: "add-pod",
        pod: { name, node: this.node, containers: ["app"], labels: { plain: "yes" } },
      });
    } else if (this.#manner !== "unstamped") advance(this.#life, moment);
    const {
      cpuAt: _,
      memoryAt: __,
      ...unstamped
    } = saidOf(this.#life, { namespace: this.#namespace, pod: name });
    const said =
      this.#manner === "unstamped"
        ? unstamped
        : saidOf(this.#life, { namespace: this.#namespace, pod: name });
    return { changes, said: [said], differences: [] };
  }

  #leave(name: string): readonly Change[] {
    if (this.#life === undefined) return [];
    this.#life = undefined;
    this.#made++;
    return [{ kind: "delete-pod", name }];
  }
}
