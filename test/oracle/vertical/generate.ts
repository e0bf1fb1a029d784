/**
 * Lives of workloads, policies and LimitRanges that mean something: every rule of the history, of the estimators and
 * of capping is met often.
 */
import fc from "fast-check";
import type { Kinds } from "../walk.ts";
import type {
  AmountsCase,
  BucketCase,
  FitAmounts,
  FitCase,
  PolicyCase,
  RecommendationCase,
  SamplesStep,
  Step,
} from "./case.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MIB = 2 ** 20;
const BEGIN = Date.UTC(2025, 6, 31);

const whole = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });
const weighted = <T>(...all: readonly [weight: number, arbitrary: fc.Arbitrary<T>][]): fc.Arbitrary<T> =>
  fc.oneof(...all.map(([weight, arbitrary]) => ({ weight, arbitrary })));

const milli = weighted(
  [4, whole(0, 60).map((n) => n * 50)],
  [4, whole(0, 3000)],
  [1, fc.constantFrom(0, 1, 9, 10, 11, 20, 21, 1e6, 1_021_109, 1e9)],
);
const usage = weighted(
  [4, whole(0, 64).map((n) => n * 16 * MIB)],
  [4, whole(0, 2 ** 31 - 1)],
  [1, fc.constantFrom(0, 1, 1e7 - 1, 1e7, 1e7 + 1, 2 ** 36, 1e12, 1_021_109_408_904, 7e13)],
);

const halfLife = weighted(
  [6, fc.constant(DAY)],
  [3, fc.constantFrom(HOUR, 90 * MINUTE, 12 * HOUR, 36 * HOUR, 7 * DAY, 30 * DAY)],
);
/** At most one sample a minute: what ours thins out, the VPA never sees. */
const every = weighted(
  [5, fc.constant(MINUTE)],
  [3, whole(1, 30).map((n) => n * MINUTE)],
  [2, whole(1, 72).map((n) => n * HOUR)],
);

/** A step, and how long after the one before it happens. */
type Draft = Readonly<{ gap: number; step: (at: number, afterOom: number) => Step }>;
const POD_MAX = 5;
const CONTAINER_MAX = 3;

const gap = weighted(
  [6, whole(0, 120).map((n) => n * MINUTE)],
  [4, whole(0, 96).map((n) => n * HOUR + n)],
  [1, whole(-3, 0).map((n) => n * HOUR)],
  [1, fc.constantFrom(9 * DAY, 40 * DAY, 101 * DAY, 250 * DAY)],
);
const place = { pod: whole(0, POD_MAX - 1), container: whole(0, CONTAINER_MAX - 1) };
const samples = fc
  .record({
    ...place,
    every,
    count: weighted([3, whole(1, 20)], [2, whole(20, 240)]),
    cpu: fc.array(milli, { minLength: 1, maxLength: 6 }),
    memory: fc.array(usage, { minLength: 1, maxLength: 6 }),
  })
  .map((one) => (from: number): Step => ({ samples: { ...one, from } }));
/** A kill is later than those before it: the API tells of each once more, and ours counts it once. */
const oom = fc
  .record({ ...place, request: weighted([5, usage], [1, fc.constant(0)]), late: whole(0, 30) })
  .map(({ late, ...one }) => (at: number, afterOom: number): Step => ({
    oom: { ...one, at: Math.max(at - late * HOUR, afterOom) },
  }));
const step: fc.Arbitrary<Draft["step"]> = fc.oneof(
  { weight: 10, arbitrary: samples },
  { weight: 3, arbitrary: oom },
  { weight: 1, arbitrary: fc.constant((at: number): Step => ({ restart: at })) },
  { weight: 1, arbitrary: fc.constant((at: number): Step => ({ handover: at })) },
  { weight: 1, arbitrary: place.pod.map((pod) => (): Step => ({ gone: pod })) },
);
const draft: fc.Arbitrary<Draft> = fc.record({ gap, step });

const amounts = (cpu: fc.Arbitrary<number>, memory: fc.Arbitrary<number>): fc.Arbitrary<AmountsCase> =>
  fc.record({ cpu, memory }, { requiredKeys: [] });
const caps = amounts(
  weighted([5, whole(1, 3000)], [1, fc.constant(0)]),
  weighted([5, whole(1, 4096).map((n) => n * MIB)], [1, fc.constant(0)]),
);
const NAMES = ["c0", "c1", "c2"];
const policies: fc.Arbitrary<PolicyCase[]> = fc.array(
  fc.record({
    container: fc.constantFrom("*", ...NAMES, "other"),
    mode: fc.constantFrom<PolicyCase["mode"][]>("Auto", "Auto", "Auto", "Off"),
    controlledResources: fc.constantFrom<PolicyCase["controlledResources"][]>(
      ["cpu", "memory"],
      ["cpu", "memory"],
      ["cpu"],
      ["memory"],
    ),
    controlledValues: fc.constantFrom<PolicyCase["controlledValues"][]>("RequestsAndLimits", "RequestsOnly"),
    minAllowed: caps,
    maxAllowed: caps,
  }),
  { maxLength: 3 },
);

const percentile = weighted([5, fc.constant(0.9)], [3, fc.constantFrom(0.3, 0.5, 0.75, 0.95, 0.98, 0.99)]);
const recommendation: fc.Arbitrary<RecommendationCase> = fc
  .record({
    halfLives: fc.record({ cpu: halfLife, memory: halfLife }),
    containers: fc.constantFrom(1, 1, 1, 2, 2, CONTAINER_MAX).map((n) => NAMES.slice(0, n)),
    pods: fc.array(whole(0, 2), { minLength: 1, maxLength: POD_MAX }),
    begin: whole(0, 2 * DAY),
    first: fc.array(samples, { minLength: CONTAINER_MAX, maxLength: CONTAINER_MAX }),
    unmeasured: fc.constantFrom(-1, -1, -1, -1, -1, -1, 0, 1),
    drafts: fc.array(draft, { minLength: 1, maxLength: 14 }),
    policies,
    settings: fc.record({
      cpuPercentile: percentile,
      memoryPercentile: percentile,
      margin: fc.constantFrom(0.15, 0.15, 0, 0.05, 0.3),
      minCPU: fc.constantFrom(25, 25, 0, 10, 1000),
      minMemoryMb: fc.constantFrom(250, 250, 0, 10, 1000),
      roundCPU: fc.constantFrom(1, 1, 1, 10, 50),
      roundMemory: fc.constantFrom(1, 1, 1, MIB, 1e6),
      maxAllowed: weighted([3, fc.constant({})], [1, caps]),
    }),
  })
  .map(({ begin, first, unmeasured, drafts, ...rest }) => {
    // Nearly every container has samples from the start.
    const start = rest.containers.flatMap((_, container) =>
      container === unmeasured ? [] : [{ gap: MINUTE, step: inContainer(first[container]!, container) }],
    );
    return { ...rest, steps: stepsOf(rest, [...start, ...drafts], BEGIN + begin) };
  });

const inContainer =
  (made: (from: number) => Step, container: number): Draft["step"] =>
  (at) => {
    const one = made(at);
    return "samples" in one ? { samples: { ...one.samples, container } } : one;
  };

/**
 * Steps in their places: a pod that is gone stays so, nothing names a pod or container that is not there, and no
 * minute of a pod's container has two samples.
 */
function stepsOf(
  { pods, containers }: Pick<RecommendationCase, "pods" | "containers">,
  drafts: readonly Draft[],
  begin: number,
): Step[] {
  const gone = new Set<number>();
  const taken = new Set<string>();
  let at = begin;
  let afterOom = 0;
  return drafts.flatMap((each): Step[] => {
    at += each.gap;
    const made = placed(each.step(at, afterOom), pods.length, containers.length);
    if (gone.has(podOf(made))) return [];
    if ("gone" in made) gone.add(made.gone);
    if ("oom" in made) afterOom = made.oom.at + SECOND;
    if (!("samples" in made)) return [made];
    const minutes = minutesOf(made.samples);
    at += (made.samples.count - 1) * made.samples.every;
    if (minutes.some((minute) => taken.has(minute))) return [];
    for (const minute of minutes) taken.add(minute);
    return [made];
  });
}

const podOf = (made: Step): number =>
  "gone" in made ? made.gone : "samples" in made ? made.samples.pod : "oom" in made ? made.oom.pod : -1;

const minutesOf = ({ pod, container, from, every: length, count }: SamplesStep): string[] =>
  Array.from({ length: count }, (_, i) => `${pod} ${container} ${Math.floor((from + i * length) / MINUTE)}`);

function placed(made: Step, pods: number, containers: number): Step {
  const inside = <T extends { pod: number; container: number }>(one: T): T => ({
    ...one,
    pod: one.pod % pods,
    container: one.container % containers,
  });
  if ("samples" in made) return { samples: inside(made.samples) };
  if ("oom" in made) return { oom: inside(made.oom) };
  return "gone" in made ? { gone: made.gone % pods } : made;
}

const cpuAmount = weighted(
  [20, whole(1, 4000)],
  [10, whole(1, 40).map((n) => n * 100)],
  [1, fc.constant(1e14)],
);
const memoryAmount = weighted(
  [20, whole(1, 2 ** 31 - 1)],
  [10, whole(1, 64).map((n) => n * 64 * MIB)],
  [1, fc.constant(1e14)],
);
const some = amounts(cpuAmount, memoryAmount);
const both = fc.record({ cpu: cpuAmount, memory: memoryAmount });
const fitAmounts: fc.Arbitrary<FitAmounts> = fc
  .record({
    target: both,
    lower: both,
    upper: both,
    only: fc.constantFrom("both", "both", "both", "cpu", "memory"),
  })
  .map(({ target, lower, upper, only }) => {
    const kept = ({ cpu, memory }: { cpu: number; memory: number }): AmountsCase =>
      only === "both" ? { cpu, memory } : only === "cpu" ? { cpu } : { memory };
    return { target: kept(target), lower: kept(lower), upper: kept(upper) };
  });
/** A limit is not under its request: the API server refuses that. */
const resources = fc.record({ requests: some, over: some }).map(({ requests, over }) => ({
  requests,
  limits: Object.fromEntries(
    Object.entries(over).map(([name, more]) => [
      name,
      more % 3 === 0 ? (requests[name as "cpu"] ?? more) : (requests[name as "cpu"] ?? 0) + more,
    ]),
  ) as AmountsCase,
}));
const limitRange = (type: "Pod" | "Container") =>
  fc.record({ min: caps, max: caps, default: caps }).map(({ min, max, default: ofLimits }) => ({
    type,
    min,
    max,
    default: type === "Pod" ? {} : ofLimits,
  }));
const fit: fc.Arbitrary<FitCase> = fc
  .record({
    resources: fc.array(resources, { minLength: 1, maxLength: CONTAINER_MAX }),
    recommended: fc.array(
      weighted([6, fitAmounts as fc.Arbitrary<FitAmounts | null>], [1, fc.constant(null)]),
      {
        minLength: CONTAINER_MAX,
        maxLength: CONTAINER_MAX,
      },
    ),
    policies,
    pod: fc.array(limitRange("Pod"), { maxLength: 2 }),
    perContainer: fc.array(limitRange("Container"), { maxLength: 2 }),
  })
  .map(({ resources: all, recommended, policies: some, pod, perContainer }) => ({
    containers: all.map((each, i) => ({ name: `c${i}`, ...each, recommended: recommended[i] ?? null })),
    policies: some,
    // The VPA lists LimitRanges in no order, so only one may have defaults.
    limitRanges: [...pod, ...perContainer.map((range, i) => (i === 0 ? range : { ...range, default: {} }))],
  }));

const bucket: fc.Arbitrary<BucketCase> = fc.record({
  cpu: fc.array(weighted([3, milli], [1, whole(0, 2 ** 31 - 1)]), { minLength: 50, maxLength: 100 }),
  memory: fc.array(weighted([3, usage], [1, fc.maxSafeNat().map((n) => n % 2e12)]), {
    minLength: 50,
    maxLength: 100,
  }),
});

/** One for each kind of case, by the name the table has for it, and of how many hundredths. */
export const VPA_KINDS: Kinds = {
  recommendation: {
    share: 69,
    arbitrary: recommendation.map((asked) => ({ kind: "recommendation", asked })),
  },
  "fit to pod and limits": { share: 30, arbitrary: fit.map((asked) => ({ kind: "fit", asked })) },
  "100 buckets": { share: 1, arbitrary: bucket.map((asked) => ({ kind: "bucket", asked })) },
};
