/**
 * Pods to which something happens about which the servers differ, each kind once in a cycle. The reasons are the rows of the
 * table in docs/metrics-api.md.
 */
import type { Actor, NamedDifference, Outlook, Turn } from "./actors.ts";
import { phaseIn } from "./actors.ts";
import type { ContainerSaid } from "./exposition.ts";
import { advance, born, type Life, type Moment, restart, saidOf } from "./lives.ts";

type Lives = readonly [app: Life, side: Life];
/** What is done in place of advancing; answers the lines that are said, by default those of all lives. */
type Act = (
  lives: Lives,
  moment: Moment,
  said: (life: Life) => ContainerSaid,
) => readonly ContainerSaid[] | undefined;

export type Kind = Readonly<{
  name: string;
  why: string;
  /** Rounds from the event on; what has no act advances. */
  phases: readonly Phase[];
}>;

/** Without outlooks, the servers agree. */
type Phase = Readonly<{ act: Act; theirs?: Outlook; ours?: Outlook }>;

/** Both containers are measured as always. */
const asAlways: Act = (lives, moment) => {
  for (const life of lives) advance(life, moment);
  return undefined;
};
/** Measured as always, and then something is not as it should be. */
function alwaysBut(spoil: (lives: Lives) => void): Act {
  return (lives, moment, said) => {
    asAlways(lives, moment, said);
    spoil(lives);
    return undefined;
  };
}

/** Measured as always, and only these lines are said. */
function saying(
  chosen: (lines: readonly [app: ContainerSaid, side: ContainerSaid]) => readonly ContainerSaid[],
): Act {
  return (lives, moment, said) => {
    asAlways(lives, moment, said);
    return chosen([said(lives[0]), said(lives[1])]);
  };
}

/** The side is measured as always, and something else is done to the app. */
function sideAnd(change: (app: Life) => void): Act {
  return ([app, side], moment) => {
    advance(side, moment);
    change(app);
    return undefined;
  };
}

function withoutCpu({ cpu: _cpu, cpuAt: _cpuAt, ...said }: ContainerSaid): ContainerSaid {
  return said;
}

const QUIET: Phase = { act: asAlways };
const BOTH = { act: asAlways, theirs: "there", ours: "there" } as const;
const ONLY_OURS = { act: asAlways, theirs: "absent", ours: "there" } as const;
const ONLY_THEIRS = { act: asAlways, theirs: "there", ours: "absent" } as const;
const NEITHER = { act: asAlways, theirs: "absent", ours: "absent" } as const;

export const KINDS: readonly Kind[] = [
  {
    name: "reset",
    why: "a counter fell and its container did not restart: metrics-server leaves that container out of its pod",
    phases: [{ ...ONLY_THEIRS, act: alwaysBut(([app]) => void (app.cpu = 5e8)) }],
  },
  {
    name: "start-back",
    why: "a container's start went back: metrics-server leaves that container out of its pod",
    phases: [{ ...ONLY_THEIRS, act: alwaysBut(([app]) => void (app.start -= 500)) }],
  },
  {
    name: "no-cpu",
    why: "a container's CPU line is missing: metrics-server forgets the whole pod",
    phases: [{ ...ONLY_OURS, act: saying(([app, side]) => [withoutCpu(app), side]) }, ONLY_OURS],
  },
  {
    name: "half-gone",
    why: "a container of the pod is not in the answer: metrics-server serves the pod without it",
    phases: [{ ...ONLY_THEIRS, act: saying(([app]) => [app]) }, ONLY_OURS],
  },
  {
    name: "gone",
    why: "a pod was not in one answer: metrics-server begins with it anew",
    phases: [{ ...NEITHER, act: saying(() => []) }, ONLY_OURS],
  },
  {
    name: "older",
    why: "a stamp went back: metrics-server takes the older sample for the newer",
    phases: [
      {
        ...BOTH,
        act([app, side], moment, said) {
          advance(side, moment);
          return [said({ ...app, at: app.at - 5000, cpu: app.cpu - 1e9 }), said(side)];
        },
      },
      BOTH,
    ],
  },
  {
    name: "reworded",
    why: "new numbers under an old stamp: metrics-server takes them",
    phases: [{ ...BOTH, act: sideAnd((app) => void (app.cpu += 1e9)) }, BOTH],
  },
  {
    name: "hasty",
    why: "two stamps less than a second apart: metrics-server measures between them",
    phases: [
      {
        ...BOTH,
        act: sideAnd((app) => {
          app.cpu += 1e8;
          app.at += 500;
        }),
      },
    ],
  },
  {
    name: "invented",
    why: "a stamp repeated after a restart: metrics-server invents a sample at the beginning of time",
    phases: [
      {
        ...NEITHER,
        act([app, side], moment) {
          advance(app, moment);
          restart(side, 4_000, moment);
          return undefined;
        },
      },
      { ...ONLY_THEIRS, act: () => undefined },
    ],
  },
];

/** The first event of kind 0, and of others up to three rounds later: two rounds are for the first rates. */
const FIRST_ROUND = 4;
const SPREAD = 4;

export class NamedPod implements Actor {
  readonly node: string;
  readonly #kind: Kind;
  readonly #first: number;
  readonly #namespace: string;
  #lives: Lives | undefined;

  constructor(node: string, namespace: string, index: number) {
    const kind = KINDS[index];
    if (kind === undefined) throw new Error(`no kind ${index}`);
    this.node = node;
    this.#kind = kind;
    this.#first = FIRST_ROUND + (index % SPREAD);
    this.#namespace = namespace;
  }

  turn(round: number, moment: Moment): Turn {
    const { name, phases } = this.#kind;
    const said = (life: Life) => saidOf(life, { namespace: this.#namespace, pod: name });
    if (this.#lives === undefined) {
      this.#lives = [born("app", 25_000, moment), born("side", 25_000, moment)];
      const pod = { name, node: this.node, containers: ["app", "side"], labels: { app: name } };
      return { changes: [{ kind: "add-pod", pod }], said: this.#lives.map(said), differences: [] };
    }
    const phase = phases[phaseIn(round, this.#first) ?? -1] ?? QUIET;
    const lines = phase.act(this.#lives, moment, said) ?? this.#lives.map(said);
    return { changes: [], said: lines, differences: this.#differenceIn(phase) };
  }

  /** Where neither has it, nothing differs. */
  #differenceIn({ theirs, ours }: Phase): readonly NamedDifference[] {
    if (theirs === undefined || ours === undefined || (theirs === "absent" && ours === "absent")) return [];
    return [{ object: `pods/${this.#kind.name}`, why: this.#kind.why, theirs, ours }];
  }
}
