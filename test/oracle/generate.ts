/** Cases that mean something: most are answerable, and every rule of the calculation is met often. */
import fc from "fast-check";
import type { AmountTexts, PodCase, ReplicasCase, SelectorCase, ShapeCase } from "./case.ts";
import type { Kinds } from "./walk.ts";

const texts = (...all: string[]): fc.Arbitrary<string> => fc.constantFrom(...all);
const whole = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });

/** Whole thousandths, as the API server stores requests: it rounds finer ones up. */
const cpuRequest = fc.oneof(
  { weight: 4, arbitrary: texts("100m", "250m", "500m", "1", "1.5", "2") },
  { weight: 3, arbitrary: whole(1, 4000).map((n) => `${n}m`) },
  { weight: 1, arbitrary: texts("0", "1m", "0.001", "1k", "12e3", "4E3") },
);
const memoryRequest = fc.oneof(
  { weight: 4, arbitrary: texts("64Mi", "128Mi", "1Gi", "200M", "1.5Gi") },
  { weight: 3, arbitrary: whole(2 ** 20, 2 ** 31 - 1).map((n) => `${n}`) },
  { weight: 1, arbitrary: texts("0", "1", "1500m", "512Gi", "1Ti", "64Ti", "1e9") },
);
/** A request is missing in one of twelve containers. */
const often = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { freq: 12, nil: undefined });
const rarely = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

const amounts = (of: typeof often): fc.Arbitrary<AmountTexts> =>
  fc.record({ cpu: of(cpuRequest), memory: of(memoryRequest) }).map(({ cpu, memory }) => ({
    ...(cpu === undefined ? {} : { cpu }),
    ...(memory === undefined ? {} : { memory }),
  }));

/** The first container is a main one, as the API demands. */
const shape: fc.Arbitrary<ShapeCase> = fc
  .record({
    roles: fc.array(fc.constantFrom<("main" | "sidecar" | "init")[]>("main", "main", "sidecar", "init"), {
      maxLength: 2,
    }),
    requests: fc.tuple(amounts(often), amounts(often), amounts(often)),
    podRequests: amounts(rarely),
    overhead: amounts(rarely),
  })
  .map(({ roles, requests, podRequests, overhead }) => ({
    containers: (["main", ...roles] as const).map((role, i) => ({
      name: `c${i}`,
      role,
      requests: requests[i] ?? {},
    })),
    podRequests,
    overhead,
  }));

const cpuUsage = fc.oneof(
  { weight: 5, arbitrary: whole(0, 40).map((n) => n * 50_000_000) },
  { weight: 4, arbitrary: whole(0, 2_000_000_000) },
  { weight: 1, arbitrary: fc.constantFrom(0, 1, 999_999, 1_000_000, 1_000_001, 1e13, 2 ** 53 - 1) },
);
const memoryUsage = fc.oneof(
  { weight: 5, arbitrary: whole(0, 64).map((n) => n * 16 * 2 ** 20) },
  { weight: 4, arbitrary: whole(0, 2 ** 31 - 1) },
  { weight: 1, arbitrary: fc.constantFrom(0, 1, 2 ** 33, 2 ** 36, 2 ** 40, 2 ** 43, 2 ** 53 - 1) },
);
const sampled = fc.record({
  name: fc.constant(""),
  cpu: cpuUsage.map((nano) => `${nano}n`),
  memory: memoryUsage.map((n) => `${n}`),
});

const sample = fc
  .record({ ago: whole(0, 90), window: whole(0, 60), containers: fc.tuple(sampled, sampled, sampled) })
  .chain((one) => whole(0, 20).map((luck) => withSome(one, luck)));

/** Usually every container has a sample; now and then one is not there, or none. */
function withSome(
  one: Omit<NonNullable<PodCase["sample"]>, never>,
  luck: number,
): NonNullable<PodCase["sample"]> {
  const containers = one.containers.map((each, i) => ({ ...each, name: `c${i}` }));
  return { ...one, containers: luck > 2 ? containers : containers.slice(0, luck) };
}

/** Ages keep 10 s away from the initialization period's inner edge: upstream's clock runs on meanwhile. */
const pod = fc.record({
  shape: whole(0, 1),
  phase: fc.oneof(
    { weight: 12, arbitrary: fc.constant<PodCase["phase"]>("Running") },
    {
      weight: 3,
      arbitrary: fc.constantFrom<PodCase["phase"][]>("Pending", "Succeeded", "Failed", "Unknown"),
    },
  ),
  deleting: fc.constantFrom(...Array<boolean>(11).fill(false), true),
  startedAgo: fc.oneof(
    { weight: 3, arbitrary: fc.constant<number | null>(3600) },
    { weight: 3, arbitrary: fc.constantFrom<(number | null)[]>(null, 0, 10, 60, 110, 120, 290, 300, 310) },
  ),
  ready: fc.constantFrom<PodCase["ready"][]>("True", "True", "True", "True", "False", "False", "Unknown", ""),
  readyAgo: fc.oneof(
    whole(0, 330),
    fc.constantFrom(0, 30, 60, 270, 280, 290, 3560, 3569, 3570, 3571, 3590, 3600),
  ),
  sample: fc.option(sample, { freq: 8, nil: null }),
});

const tolerance = fc.constantFrom(0.1, 0.1, 0.1, 0, 0.01, 0.05, 0.2, 0.34, 0.36, 1, 2);
const target = fc.oneof(
  fc.constantFrom(10, 20, 30, 50, 60, 80, 90, 100, 150),
  whole(1, 300),
  whole(1, 100_000),
);
const averages = {
  cpu: fc.oneof(cpuRequest, texts("50m", "1", "3", "100")).filter((text) => text !== "0"),
  memory: fc.oneof(memoryRequest, texts("100Mi", "1Gi")).filter((text) => text !== "0"),
};

const replicasOf = (resource: "cpu" | "memory"): fc.Arbitrary<ReplicasCase> =>
  fc
    .record({
      current: fc.oneof(whole(1, 12), whole(0, 2000)),
      resource: fc.constant(resource),
      container: texts("", "", "", "", "c0", "c1"),
      utilization: fc.option(target, { freq: 3, nil: null }),
      averageValue: averages[resource],
      toleranceDown: tolerance,
      toleranceUp: tolerance,
      cpuInit: fc.constantFrom(300, 300, 120),
      readyDelay: fc.constantFrom(30, 30, 10, 0),
      shapes: fc.tuple(shape, shape),
      pods: fc.array(pod, { minLength: 1, maxLength: 9 }),
    })
    .map(onlyOwnSamples);

/** A kubelet reports only what the pod has: an ordinary init container has ended. */
function onlyOwnSamples(one: ReplicasCase): ReplicasCase {
  const pods = one.pods.map((each) => {
    if (each.sample === null) return each;
    const live = (one.shapes[each.shape]?.containers ?? []).filter(({ role }) => role !== "init");
    const names = new Set(live.map(({ name }) => name));
    const containers = each.sample.containers.filter(({ name }) => names.has(name));
    return { ...each, sample: { ...each.sample, containers } };
  });
  return { ...one, pods };
}

const SUFFIXES = ["", "", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const digits = (max: number): fc.Arbitrary<string> =>
  fc
    .array(texts("0", "1", "2", "3", "5", "7", "9", "00", "24", "999"), { maxLength: max })
    .map((all) => all.join(""));
const exponent = fc.tuple(texts("e", "E"), texts("", "+", "-"), whole(0, 30)).map((parts) => parts.join(""));
const quantity = fc
  .tuple(
    texts("", "", "", "", "+", "-"),
    digits(8),
    fc.oneof(
      fc.constant(""),
      digits(6).map((all) => `.${all}`),
    ),
    fc.oneof(
      { weight: 5, arbitrary: texts(...SUFFIXES) },
      { weight: 2, arbitrary: exponent },
      {
        weight: 1,
        arbitrary: texts("KI", "K", "i", "mi", "e", "ee1", "e1.5", " ", "Mi ", "e+", "mm", "1E1", "-"),
      },
    ),
  )
  .map((parts) => parts.join(""));

const KEYS = ["app", "tier", "a.b/c", "x", "in", "notin", "A-b_c.9"];
const VALUES = ["web", "db", "", "1", "10", "9223372036854775807", "9223372036854775808", "in", "a.b-c_D"];
const key = fc.oneof(
  { weight: 9, arbitrary: texts(...KEYS) },
  { weight: 1, arbitrary: texts("-a", "a b", "/x", "a//b", "A.b/c", "ä") },
);
const value = fc.oneof(
  { weight: 9, arbitrary: texts(...VALUES) },
  { weight: 1, arbitrary: texts("-1", "a b", "é", "x-", "a/b", "0x1") },
);
const gap = texts("", "", " ", "  ", "\t");
const list = fc.array(value, { maxLength: 3 }).chain((all) => gap.map((space) => all.join(`,${space}`)));
const requirement = fc.oneof(
  fc.tuple(key, gap, texts("=", "==", "!=", ">", "<", "="), gap, value),
  fc.tuple(texts("", "!", "! "), key),
  fc.tuple(
    key,
    texts(" ", " ", "", "\t"),
    texts("in", "notin"),
    gap,
    texts("(", "( ", "(", ""),
    list,
    texts(")", " )", ")", ""),
  ),
);
const selector: fc.Arbitrary<SelectorCase> = fc.record({
  text: fc
    .tuple(
      gap,
      fc.array(
        requirement.map((parts) => parts.join("")),
        { maxLength: 3 },
      ),
      texts(",", ",", ", ", " ,", ",,"),
      texts("", "", "", "", " ", ","),
    )
    .map(([before, all, comma, after]) => before + all.join(comma) + after),
  labels: fc.array(fc.dictionary(texts(...KEYS), texts(...VALUES), { maxKeys: 4 }), {
    minLength: 1,
    maxLength: 4,
  }),
});

/** One for each kind of case, by the name the table has for it, and of how many hundredths. */
export const HPA_KINDS: Kinds = {
  "replicas, cpu": { share: 50, arbitrary: replicasOf("cpu").map((asked) => ({ kind: "replicas", asked })) },
  "replicas, memory": {
    share: 30,
    arbitrary: replicasOf("memory").map((asked) => ({ kind: "replicas", asked })),
  },
  quantity: { share: 10, arbitrary: quantity.map((asked) => ({ kind: "quantity", asked })) },
  selector: { share: 10, arbitrary: selector.map((asked) => ({ kind: "selector", asked })) },
};
