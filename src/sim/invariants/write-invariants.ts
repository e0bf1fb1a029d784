/**
 * What must be true of every scale write.
 */
import { minutes, seconds } from "../../base/units.ts";
import type { HorizontalSpec } from "../../policy/policy.ts";
import { broken, type Invariant, isDecrease, isOrder, ofWrites, type ObservedWrite } from "./observed.ts";
import { rateLimitsOf } from "./rates.ts";

/** A round trip, and a moment to notice. */
const SLACK = seconds(1);

const boundsOf = ({ minReplicas, maxReplicas }: HorizontalSpec): readonly number[] => [
  minReplicas,
  maxReplicas,
];

/** I1: what is written lies in [min, max] of a policy on the target. */
export const withinBounds = ofWrites(
  "I1",
  "every write is within [min, max] of an Active policy on its target",
  ({ to, truth }) =>
    truth.specs.some(({ minReplicas, maxReplicas }) => minReplicas <= to && to <= maxReplicas)
      ? "holds"
      : broken(`${to} is outside ${JSON.stringify(truth.specs.map(boundsOf))}`),
);

/** I1: what is written keeps to the policy's rates. */
export const withinRates = ofWrites("I1-rates", "every write keeps to the rates of its policy", (write) => {
  const verdicts = write.truth.specs.map((spec) => rateLimitsOf(spec, write));
  const limits = verdicts.filter((limit) => limit !== undefined);
  if (limits.length < verdicts.length || limits.length === 0 || isOrder(write)) return "idle";
  const { to } = write;
  return limits.some(({ floor, ceiling }) => floor <= to && to <= ceiling)
    ? "holds"
    : broken(`${write.truth.replicas} → ${to} is outside ${JSON.stringify(limits)}`);
});

/** I2: no decrease while more than a tenth of the pods that should be measured are not. */
export const noDecreaseInTheDark = ofWrites(
  "I2",
  "no decrease while more than 10 % of the pods lack samples",
  (write) => {
    const { expectedPods, lackingPods } = write.truth;
    if (!isDecrease(write) || isOrder(write) || expectedPods === 0) return "idle";
    return lackingPods * 10 > expectedPods
      ? broken(`${lackingPods} of ${expectedPods} pods lack samples`)
      : "holds";
  },
);

/**
 * I2: no decrease from a view that does not show our own last write yet. A write is waited for for half a
 * minute: a view that is behind for longer is taken for lost, and the live scale decides. So what is judged
 * is the half minute after a write.
 */
export const noTimeTravel = ofWrites(
  "I2-view",
  "no decrease from a view that is behind our own write of the last 30 s",
  (write) => {
    if (!isDecrease(write) || isOrder(write)) return "idle";
    return write.truth.viewIsBehind
      ? broken("the view of the target is older than our own last write")
      : "holds";
  },
);

/** I3: no write without a live Lease; one that was deleted lives until its holder can know (ports/lease.ts). */
export const onlyTheHolder = ofWrites(
  "I3",
  "no write without a live Lease",
  ({ at, identity, truth: { lease } }) => {
    if (lease === undefined) return broken("there is no Lease");
    if (lease.holder !== identity)
      return broken(`${identity} writes, ${lease.holder || "nobody"} holds the Lease`);
    const age = at - lease.renewedAt;
    return age < lease.duration ? "holds" : broken(`the Lease was renewed ${age} ms ago`);
  },
);

/** I4: no write to another object than the one that was decided on. */
export const sameObject = ofWrites(
  "I4",
  "no write to another object than was decided on",
  ({ basis, truth }) =>
    basis === truth.uid ? "holds" : broken(`${basis} was decided on, ${truth.uid ?? "nothing"} is there`),
);

/** I5: no write to what no policy of its namespace names. */
export const onlyTargets = ofWrites(
  "I5",
  "no write to what no Active policy of its namespace targets",
  ({ truth }) => (truth.specs.length > 0 ? "holds" : broken("no Active policy targets it")),
);

const FEW: readonly Readonly<{ count: number; window: number }>[] = [
  { count: 2, window: minutes(1) },
  { count: 6, window: minutes(10) },
];

/**
 * I6: decreases, and writes to what somebody sets back, come at most twice a minute and six times in ten. A
 * process counts its own writes of its present term: its ledger is not kept in the status, and so the next
 * leader, and the same one after a lost Lease, begin a budget of their own.
 */
export const fewWrites = ofWrites(
  "I6",
  "in a term at most 2 decreases of an object a minute, 6 in 10, and as many writes of what is set back",
  (write, earlier) => {
    const own = earlier.filter((other) => isOfSameTerm(other, write));
    const isContested = wasTakenBack(own.at(-1), write.truth.replicas);
    if (!isDecrease(write) && !isContested) return "idle";
    const counted = [...(isContested ? own : own.filter(isDecrease)), write];
    const spent = FEW.find(
      ({ count, window }) => counted.filter(({ at }) => write.at - at < window - SLACK).length > count,
    );
    return spent === undefined
      ? "holds"
      : broken(`more than ${spent.count} such writes in ${spent.window / 60_000} min`);
  },
);

const isOfSameTerm = (other: ObservedWrite, { target, identity, basis, truth }: ObservedWrite): boolean =>
  other.accepted &&
  other.target === target &&
  other.identity === identity &&
  other.basis === basis &&
  other.at >= truth.ledSince;

/** Whether a count lies back where the last write came from. */
function wasTakenBack(last: ObservedWrite | undefined, replicas: number): boolean {
  if (last === undefined || replicas === last.to) return false;
  return Math.sign(replicas - last.to) === Math.sign(last.truth.replicas - last.to);
}

/** A cache that was not heard of for a minute and a half, and the time from deciding to writing. */
const DEAF_MAX = seconds(95);

/** I2: no decrease while a part of the cluster was not heard of. */
export const noDecreaseWhileDeaf = ofWrites(
  "I2-heard",
  "no decrease while some kind of object was not heard of for 90 s",
  (write) => {
    if (!isDecrease(write) || isOrder(write)) return "idle";
    const { deafFor } = write.truth;
    return deafFor > DEAF_MAX ? broken(`nothing was heard of a kind for ${deafFor} ms`) : "holds";
  },
);

/**
 * I12: whoever knows nothing of the past of this object and this policy does not decrease within a window.
 */
export const wholeWindow = ofWrites(
  "I12",
  "no decrease within a window of a start that found no history, of a new object, or of a new policy",
  (write) => {
    const { pastFound, ledSince, specs, there } = write.truth;
    if (!isDecrease(write) || isOrder(write)) return "idle";
    const windows = specs.map(({ behavior }) => behavior?.scaleDown.stabilizationWindow ?? minutes(5));
    const window = Math.min(...windows);
    if (write.at - there + SLACK < window) return broken(`the object or its policy is there since ${there}`);
    if (pastFound !== "none") return "idle";
    return write.at - ledSince + SLACK < window
      ? broken(`leads since ${ledSince}, with no history`)
      : "holds";
  },
);

export const WRITE_INVARIANTS: readonly Invariant[] = [
  withinBounds,
  withinRates,
  noDecreaseInTheDark,
  noTimeTravel,
  onlyTheHolder,
  sameObject,
  onlyTargets,
  fewWrites,
  noDecreaseWhileDeaf,
  wholeWindow,
];
