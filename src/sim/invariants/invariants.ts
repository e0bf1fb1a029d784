/**
 * All that must be true of a run, whatever befalls it. A new row here judges the next storm.
 */
import { seconds } from "../../base/units.ts";
import { honestActs } from "./honest-acts.ts";
import { LIVENESS } from "./liveness.ts";
import { broken, type Invariant, type Judgement, type Untouchable } from "./observed.ts";
import { saneRequests } from "./sane-requests.ts";
import { WRITE_INVARIANTS } from "./write-invariants.ts";

/** A round trip. */
const SLACK = seconds(1);

/** I9: while someone else's autoscaler is on a target, it is left alone. */
export const notBesideOthers: Invariant = {
  name: "I9",
  statement: "nothing is written while a foreign autoscaler targets the object",
  judge: (seen) => (seen.kind === "look" ? untouched(seen.taken) : "idle"),
};

/** I9: 0 replicas are somebody's order to pause. */
export const notFromZero: Invariant = {
  name: "I9-zero",
  statement: "nothing is written while somebody keeps the object at 0 replicas",
  judge: (seen) => (seen.kind === "look" ? untouched(seen.stopped) : "idle"),
};

function untouched(targets: readonly Untouchable[]): Judgement {
  if (targets.length === 0) return "idle";
  const touched = targets.find(
    ({ since, lag, writtenAt }) => writtenAt !== undefined && writtenAt - since > lag + SLACK,
  );
  if (touched === undefined) return "holds";
  const { target, since, writtenAt } = touched;
  return broken(`${target} is not ours since ${since}, and was written at ${writtenAt}`, target);
}

/** I9: of several policies on a target, the oldest owns it. */
export const oldestOwns: Invariant = {
  name: "I9-policies",
  statement: "of several Active policies on a target, only the oldest writes",
  judge(seen) {
    if (seen.kind !== "owner" || seen.actives.length < 2) return "idle";
    const [oldest] = seen.actives;
    return oldest === seen.policy ? "holds" : broken(`${seen.policy} wrote, and ${oldest} is older`);
  },
};

/** Beside one period, and one to notice. */
const ON_ITS_WAY = seconds(5);

/** I11: what is wrong with one object delays no other. */
export const othersGoOn: Invariant = {
  name: "I11",
  statement: "what is wrong with one object delays the others by a period at most",
  judge(seen) {
    if (seen.kind !== "look" || seen.undisturbed.length === 0) return "idle";
    const latest = 2 * seen.resolution + ON_ITS_WAY;
    const late = seen.undisturbed.find(({ decidedAt }) => seen.at - decidedAt > latest);
    return late === undefined
      ? "holds"
      : broken(`${late.policy} was decided on last at ${late.decidedAt}, it is ${seen.at}`, late.policy);
  },
};

const GROWTH_MAX = 0.05;

/** What is remembered is bounded: a heap is as large after weeks as after a day. */
export const boundedHeap: Invariant = {
  name: "heap",
  statement: "from the second day to the last the heap grows by 5 % at most",
  judge(seen) {
    if (seen.kind !== "heap") return "idle";
    const growth = seen.end / seen.settled - 1;
    return growth <= GROWTH_MAX ? "holds" : broken(`it has grown by ${(growth * 100).toFixed(1)} %`);
  },
};

export const INVARIANTS: readonly Invariant[] = [
  ...WRITE_INVARIANTS,
  notBesideOthers,
  notFromZero,
  oldestOwns,
  honestActs,
  saneRequests,
  othersGoOn,
  ...LIVENESS,
  boundedHeap,
];
