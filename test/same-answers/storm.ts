/**
 * Pods to which anything may happen on which both servers have to agree to the last digit.
 *
 * Invariant: after a birth or a restart a pod is measured again before anything else happens to it: what metrics-server
 * makes of a repeated stamp then is a defect of its own, with a row of its own (named.ts).
 */
import type { Random } from "../../src/base/random.ts";
import type { Actor, Change, Turn } from "./actors.ts";
import { advance, below, born, chosen, idle, type Life, type Moment, restart, saidOf } from "./lives.ts";

/** Milliseconds: too young, the youngest that counts as fresh, fresh, the resolution itself, and older. */
const AGES = [1_000.25, 4_200, 9_999.5, 10_000, 10_345.678, 10_912.000_5, 11_000, 14_000, 25_000];
const YOUNG = [1_500, 6_000, 9_000];
const LABELS = ["web", "db", "cache"];

/** In a hundred rounds of a pod; it is measured in the others. */
const CHANCES = {
  removed: 6,
  replaced: 3,
  finished: 2,
  relabelled: 4,
  repeated: 10,
  restarted: 15,
  "partly repeated": 10,
  idle: 10,
};
type Happening = keyof typeof CHANCES | "measured";

type StormPod = {
  name: string;
  lives: Life[];
  labels: Record<string, string>;
  calm: number;
  state: "runs" | "finished";
};

export class Storm implements Actor {
  readonly node: string;
  readonly #namespace: string;
  readonly #size: number;
  readonly #pods: StormPod[] = [];
  #made = 0;

  constructor(node: string, namespace: string, size: number) {
    this.node = node;
    this.#namespace = namespace;
    this.#size = size;
  }

  turn(_: number, moment: Moment): Turn {
    const changes: Change[] = [];
    for (const pod of this.#pods.slice()) changes.push(...this.#happen(pod, moment));
    while (this.#pods.length < this.#size) {
      const pod = this.#newPod(`storm-${this.node}-${this.#made++}`, moment);
      this.#pods.push(pod);
      changes.push(this.#added(pod));
    }
    const running = this.#pods.filter(({ state }) => state === "runs");
    const said = running.flatMap(({ name, lives }) =>
      lives.flatMap((life) => {
        const line = saidOf(life, { namespace: this.#namespace, pod: name });
        // the same series twice: the last word counts
        return moment.random.next() < 0.03 ? [{ ...line, cpu: "0.5", memory: "7" }, line] : [line];
      }),
    );
    return { changes, said, differences: [] };
  }

  #newPod(name: string, moment: Moment): StormPod {
    const { random } = moment;
    const age = chosen(random, AGES);
    const lives = ["app", "side", "mesh"]
      .slice(0, 1 + below(random, 3))
      .map((container) => born(container, age, moment));
    if (random.next() < 0.1) for (const life of lives) life.start = Number.NaN;
    return { name, lives, labels: { app: chosen(random, LABELS) }, calm: 1, state: "runs" };
  }

  #added({ name, lives, labels }: StormPod): Change {
    const containers = lives.map(({ container }) => container);
    return { kind: "add-pod", pod: { name, node: this.node, containers, labels } };
  }

  #happen(pod: StormPod, moment: Moment): readonly Change[] {
    const { random } = moment;
    if (pod.state === "finished") return this.#remove(pod);
    if (pod.calm > 0) {
      pod.calm--;
      for (const life of pod.lives) advance(life, moment);
      return [];
    }
    const what = happeningOf(random);
    if (what === "removed") return this.#remove(pod);
    if (what === "replaced") return this.#replace(pod, moment);
    if (what === "finished") return this.#finish(pod);
    measure(pod, what, moment);
    if (what !== "relabelled") return [];
    pod.labels = { app: chosen(random, LABELS), round: String(below(random, 1000)) };
    return [{ kind: "label-pod", name: pod.name, labels: pod.labels }];
  }

  #remove(pod: StormPod): readonly Change[] {
    this.#pods.splice(this.#pods.indexOf(pod), 1);
    return [{ kind: "delete-pod", name: pod.name }];
  }

  /** Another pod of the same name, whose containers began after the last word on the old ones. */
  #replace(pod: StormPod, moment: Moment): readonly Change[] {
    const changes = [...this.#remove(pod)];
    const next = this.#newPod(pod.name, moment);
    next.lives = pod.lives.map((life) => ({ ...life }));
    for (const life of next.lives) restart(life, chosen(moment.random, YOUNG), moment);
    this.#pods.push(next);
    return [...changes, this.#added(next)];
  }

  #finish(pod: StormPod): readonly Change[] {
    pod.state = "finished";
    return [{ kind: "finish-pod", name: pod.name }];
  }
}

function happeningOf(random: Random): Happening {
  let left = below(random, 100);
  for (const [what, chance] of Object.entries(CHANCES)) {
    if (left < chance) return what as Happening;
    left -= chance;
  }
  return "measured";
}

/** What its kubelet has to say of it now. */
function measure(pod: StormPod, what: Happening, moment: Moment): void {
  const { random } = moment;
  const tellsStarts = pod.lives.every(({ start }) => !Number.isNaN(start));
  if (what === "restarted" && tellsStarts) return restartSome(pod, moment);
  for (const life of pod.lives) {
    const isRepeated = what === "repeated" || (what === "partly repeated" && random.next() < 0.5);
    if (isRepeated) continue;
    if (what === "idle") idle(life, moment);
    else advance(life, moment);
  }
}

function restartSome(pod: StormPod, moment: Moment): void {
  const { random } = moment;
  const all = random.next() < 0.4;
  const one = chosen(random, pod.lives);
  for (const life of pod.lives)
    if (all || life === one) restart(life, chosen(random, AGES), moment);
    else advance(life, moment);
  pod.calm = 1;
}
