import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { uid } from "../../../src/base/ids.ts";
import type { Uid } from "../../../src/base/ids.ts";
import { bytes, epochMillis, minutes, nanoCores } from "../../../src/base/units.ts";
import { CPU_BUCKETS, MEMORY_BUCKETS } from "../../../src/usage/history/buckets.ts";
import { percentileOf } from "../../../src/usage/history/percentile.ts";
import type { HistogramSnapshot } from "../../../src/usage/history/snapshot.ts";
import type { HistoryStore } from "../../../src/usage/history/store.ts";
import { createHistoryStore, HALF_LIVES, isCounted } from "../../../src/usage/history/store.ts";
import { NO_HISTORY } from "../../vertical/questions.ts";
import { DAY, MIB, MIDNIGHT, minuteAt, POD } from "./lives.ts";

const WEB = uid("web");
const OTHER = uid("pod-b");
const app = { workload: WEB, container: "app" };

type Said = Readonly<{ minute: number; milli?: number; mib?: number; pod?: Uid; container?: string }>;
function say(
  store: HistoryStore,
  { minute, milli = 100, mib = 64, pod = POD, container = "app" }: Said,
): boolean {
  const at = minuteAt(minute);
  const usage = { cpu: nanoCores(Math.round(milli * 1e6)), memory: bytes(mib * MIB) };
  return store.addSample({ workload: WEB, container, pod, at, ...usage }, at);
}
const kill = (store: HistoryStore, minute: number, mib: number): boolean =>
  store.addOom({ ...app, pod: POD, at: minuteAt(minute), request: bytes(mib * MIB) }, minuteAt(minute));

const countOf = (store: HistoryStore): number | undefined => store.snapshots(WEB).get("app")?.sampleCount;

describe("the store of histories", () => {
  test.each([
    ["15 s", 0.25, 60],
    ["5 s", 1 / 12, 60],
    ["1 min", 1, 60],
    ["2 min", 2, 30],
  ])("at a resolution of %s an hour has %i samples at most", (_, every, most) => {
    const store = createHistoryStore();
    for (let minute = 0; minute < 60; minute += every) say(store, { minute });
    expect(countOf(store)).toBe(Math.min(most, 60));
  });

  test("pods and container names count for themselves, workloads apart", () => {
    const store = createHistoryStore();
    const said = [
      say(store, { minute: 0 }),
      say(store, { minute: 0.5 }),
      say(store, { minute: 0.5, pod: OTHER }),
      say(store, { minute: 0.5, container: "proxy" }),
    ];
    expect(said).toEqual([true, false, true, true]);
    expect(countOf(store)).toBe(2);
    expect([...store.snapshots(WEB).keys()]).toEqual(["app", "proxy"]);
    expect(store.snapshots(uid("another")).size).toBe(0);
  });

  test("CPU is rounded up to the millicore, as the metrics API's clients read it", () => {
    const store = createHistoryStore();
    say(store, { minute: 0, milli: 20.000001 });
    const { cpu } = store.snapshots(WEB).get("app")!;
    expect(percentileOf(CPU_BUCKETS, cpu, 0.9)).toBe(31);
  });

  test.each([
    [5, true],
    [5.01, false],
    [60 * 24 * 365, false],
  ])("a sample %d min ahead of our clock counts: %s", (ahead, counts) => {
    const sample = { ...app, pod: POD, at: minuteAt(ahead), cpu: nanoCores(1), memory: bytes(1) };
    const store = createHistoryStore();
    expect(store.addSample(sample, MIDNIGHT)).toBe(counts);
    expect(store.addOom({ ...sample, request: undefined }, MIDNIGHT)).toBe(counts);
  });

  test("a clock that went back an hour costs the samples of that hour and nothing else", () => {
    const store = createHistoryStore();
    for (const minute of [60, 61, 62, 1, 2, 30, 63]) say(store, { minute });
    expect(countOf(store)).toBe(4);
  });

  test("a kill is known by what it would have needed, and told twice counts once", () => {
    const store = createHistoryStore();
    expect([kill(store, 3, 1000), kill(store, 3, 1000)]).toEqual([true, false]);
    expect(store.lastOom(WEB, "app")).toEqual({ at: minuteAt(3), needed: 1200 * MIB });
    const { memory, sampleCount } = store.snapshots(WEB).get("app")!;
    expect([memory.total, sampleCount]).toEqual([memory.buckets[0]?.[1], 0]);
  });

  test("the memory peak of the last day is at hand, exact", () => {
    const store = createHistoryStore();
    say(store, { minute: 0, mib: 333 });
    say(store, { minute: 90, mib: 100 });
    expect(store.memoryPeak(WEB, "app", minuteAt(90))).toBe(333 * MIB);
    expect(store.memoryPeak(WEB, "app", minuteAt(3 * DAY))).toBeUndefined();
  });

  test("forgotten is forgotten, and nothing heard for eight days too", () => {
    const store = createHistoryStore();
    say(store, { minute: 0 });
    say(store, { minute: 5, container: "proxy" });
    store.dropSilent(minuteAt(8 * DAY));
    expect([...store.snapshots(WEB).keys()]).toEqual(["proxy"]);
    store.dropSilent(minuteAt(8 * DAY + 5));
    expect([...store.workloads()]).toEqual([]);
    say(store, { minute: 9 });
    store.forget(WEB);
    expect([...store.workloads()]).toEqual([]);
  });

  test("a container that only ever was killed is kept as long", () => {
    const store = createHistoryStore();
    kill(store, 0, 100);
    store.dropSilent(minuteAt(8 * DAY - 1));
    expect(store.snapshots(WEB).size).toBe(1);
  });

  test("what pods gave stays when they are gone, and the next pod begins its own window", () => {
    const store = createHistoryStore();
    say(store, { minute: 0 });
    store.keepPods(WEB, new Set([OTHER]));
    say(store, { minute: 1, pod: OTHER });
    const { pods, sampleCount, memory } = store.checkpoint(WEB).get("app")!;
    expect([pods.map(({ pod }) => pod), sampleCount]).toEqual([[OTHER], 2]);
    expect(memory.total).toBeGreaterThan(2);
  });

  test("a half-life of its own holds for what a workload has and for what is to come", () => {
    const [store, ordinary] = [createHistoryStore(), createHistoryStore()];
    store.useHalfLives(WEB, { cpu: minutes(60), memory: minutes(60) }, MIDNIGHT);
    for (const each of [store, ordinary]) {
      for (let minute = 0; minute < 600; minute += 1) say(each, { minute, milli: 1000 });
      for (let minute = 600; minute < 900; minute += 1) say(each, { minute, milli: 100 });
    }
    const p90 = (of: HistoryStore) => percentileOf(CPU_BUCKETS, of.snapshots(WEB).get("app")!.cpu, 0.9);
    expect([p90(store), p90(ordinary)]).toEqual([110, 1016]);
    expect(store.checkpoint(WEB).get("app")?.halfLives).toEqual({ cpu: minutes(60), memory: minutes(60) });
  });

  test.each([
    ["main", true],
    ["sidecar", true],
    ["init", false],
  ] as const)("a container of role %s is counted: %s", (role, counts) => {
    expect(isCounted(role)).toBe(counts);
  });
});

/** Lives of two pods of one workload: samples and kills in any order, seldom far apart. */
const event = fc.record({
  minute: fc.integer({ min: 0, max: 6 * DAY }).map((n) => n / 2),
  milli: fc.integer({ min: 0, max: 4000 }),
  mib: fc.integer({ min: 0, max: 4096 }),
  pod: fc.constantFrom(POD, OTHER),
  isKill: fc.constantFrom(false, false, false, false, true),
});
type Event = Said & Readonly<{ isKill: boolean; pod: Uid; mib: number }>;
function tell(store: HistoryStore, events: readonly Event[]): void {
  for (const { isKill, ...said } of events) {
    const { pod, minute, mib } = said;
    const at = minuteAt(minute);
    if (isKill) store.addOom({ ...app, pod, at, request: bytes(mib * MIB) }, at);
    else say(store, said);
  }
}

/** A total as it would be against one fixed reference. */
const weightAtMidnight = ({ reference, total }: HistogramSnapshot): number =>
  total === 0 ? 0 : total * 2 ** ((reference - MIDNIGHT) / HALF_LIVES.cpu);

describe("properties", () => {
  test("a checkpoint, through JSON, changes nothing that comes after", () => {
    fc.assert(
      fc.property(fc.array(event), fc.array(event), (before, after) => {
        const [one, other] = [createHistoryStore(), createHistoryStore()];
        tell(one, before);
        const written = JSON.parse(JSON.stringify([...one.checkpoint(WEB)]));
        other.restore(WEB, new Map(written));
        tell(one, after);
        tell(other, after);
        expect(other.checkpoint(WEB)).toEqual(one.checkpoint(WEB));
        expect(other.memoryPeak(WEB, "app", minuteAt(DAY))).toBe(one.memoryPeak(WEB, "app", minuteAt(DAY)));
      }),
    );
  });

  test("telling everything twice changes nothing", () => {
    fc.assert(
      fc.property(fc.array(event), (unordered) => {
        const events = unordered.toSorted((a, b) => a.minute - b.minute);
        const store = createHistoryStore();
        tell(store, events);
        const once = store.snapshots(WEB);
        tell(
          store,
          events.filter(({ isKill }) => isKill),
        );
        expect(store.snapshots(WEB)).toEqual(once);
      }),
    );
  });

  test("which pod is told of first does not matter", () => {
    fc.assert(
      fc.property(fc.array(event), (unordered) => {
        const events = unordered.toSorted((a, b) => a.minute - b.minute);
        const [together, apart] = [createHistoryStore(), createHistoryStore()];
        tell(together, events);
        for (const pod of [OTHER, POD])
          tell(
            apart,
            events.filter((each) => each.pod === pod),
          );
        const [one, other] = [together, apart].map((store) => store.snapshots(WEB).get("app") ?? NO_HISTORY);
        expect(other!.sampleCount).toBe(one!.sampleCount);
        expect(other!.lastSample).toBe(one!.lastSample);
        for (const resource of ["cpu", "memory"] as const)
          expect(weightAtMidnight(other![resource])).toBeCloseTo(weightAtMidnight(one![resource]), 9);
      }),
    );
  });

  test("no weight is ever negative, NaN or infinite, whatever is told", () => {
    const at = fc.integer({ min: -1e14, max: 1e14 });
    const told = fc.tuple(at, fc.double({ min: 0, max: 1e300, noNaN: true }), fc.maxSafeNat(), fc.boolean());
    fc.assert(
      fc.property(fc.array(told), (all) => {
        const store = createHistoryStore();
        for (const [ms, cpu, memory, isKill] of all) {
          const place = { ...app, pod: POD, at: epochMillis(ms) };
          const now = epochMillis(1e14);
          if (isKill) store.addOom({ ...place, request: bytes(memory) }, now);
          else store.addSample({ ...place, cpu: nanoCores(cpu), memory: bytes(memory) }, now);
        }
        for (const { cpu, memory } of store.snapshots(WEB).values())
          for (const { total, buckets } of [cpu, memory])
            for (const weight of [total, ...buckets.map(([, each]) => each)])
              expect(weight >= 0 && weight < Infinity).toBe(true);
        const { memory } = store.snapshots(WEB).get("app") ?? {};
        if (memory && memory.total > 1) expect(percentileOf(MEMORY_BUCKETS, memory, 0.9)).toBeGreaterThan(0);
      }),
    );
  });
});
