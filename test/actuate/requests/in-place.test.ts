/** A wave of resizes: who is written, who waits, what ends it, and how it comes back. */
import { describe, expect, test } from "vitest";
import type { WriteOutcome } from "../../../src/base/outcome.ts";
import { later, minutes } from "../../../src/base/units.ts";
import { lookAtPods, type Look, type Scene } from "../../../src/actuate/requests/in-place.ts";
import type { ResizablePod } from "../../../src/actuate/requests/resizable-pod.ts";
import { afterWrite, NO_WAVE, type Wave } from "../../../src/actuate/requests/wave.ts";
import { T0 } from "../../builders.ts";
import { aPlan, aResizablePod, asks } from "./pods.ts";

const at = (min: number) => later(T0, minutes(min));
const pods = (count: number, over: Parameters<typeof aResizablePod>[1] = {}): ResizablePod[] =>
  Array.from({ length: count }, (_, n) => aResizablePod(`web-${`${n}`.padStart(2, "0")}`, over));
const scene = (over: Partial<Scene> = {}): Scene => ({
  now: T0,
  plan: aPlan(300),
  pods: pods(4),
  clusterAllowance: 100,
  disruptionsAllowed: undefined,
  ...over,
});
const WRITTEN: WriteOutcome = { kind: "written", resourceVersion: "20" };
const answered = (look: Look, outcome: WriteOutcome = WRITTEN, now = T0): Wave =>
  look.writes.reduce((wave, write) => afterWrite(wave, write, { outcome, now }), look.wave);
const written = ({ writes }: Look): string[] => writes.map(({ kind, pod }) => `${kind} ${pod.basis.name}`);
/** web-00 was written at T0, and the others have it before them. */
const begun = (): Wave => answered(lookAtPods(NO_WAVE, scene()));
const inForce = (name: string) => aResizablePod(name, { cpu: 300, version: 21, resizedAt: T0 });

describe("a batch", () => {
  test.each([
    { count: 1, batch: 1 },
    { count: 9, batch: 1 },
    { count: 19, batch: 1 },
    { count: 20, batch: 2 },
    { count: 100, batch: 10 },
  ])("of $count pods is $batch", ({ count, batch }) => {
    expect(lookAtPods(NO_WAVE, scene({ pods: pods(count) })).writes).toHaveLength(batch);
  });

  test.each([
    { clusterAllowance: 3, disruptionsAllowed: undefined, batch: 3 },
    { clusterAllowance: 0, disruptionsAllowed: undefined, batch: 0 },
    { clusterAllowance: 100, disruptionsAllowed: 2, batch: 2 },
    { clusterAllowance: 100, disruptionsAllowed: 0, batch: 0 },
  ])("is no larger than the cluster and its budgets allow: $batch", ({ batch, ...over }) => {
    expect(lookAtPods(NO_WAVE, scene({ pods: pods(100), ...over })).writes).toHaveLength(batch);
  });

  test("asks for what the plan wants, of containers that the plan names", () => {
    const [write] = lookAtPods(NO_WAVE, scene()).writes;
    expect(write).toMatchObject({ kind: "resize", to: asks(300) });
    expect(lookAtPods(NO_WAVE, scene({ plan: aPlan(undefined) }))).toMatchObject({
      writes: [],
      reason: "Applied",
    });
  });

  test.each([
    { when: "its containers do not run yet", over: { running: false } },
    { when: "it is not ready", over: { ready: false } },
    { when: "it carries the plan", over: { cpu: 300 } },
    { when: "the difference is not worth a write", over: { cpu: 320 } },
    { when: "a resize of it is under way", over: { state: "in-progress" } },
  ] as const)("passes a pod over when $when", ({ over }) => {
    expect(lookAtPods(NO_WAVE, scene({ pods: [aResizablePod("web-00", over)] })).writes).toEqual([]);
  });
});

describe("the next batch", () => {
  test.each([
    { when: "the last one is not seen to be written yet", first: aResizablePod("web-00"), next: false },
    {
      when: "its kubelet has not granted it yet",
      first: aResizablePod("web-00", { cpu: 300, version: 20, state: "proposed" }),
      next: false,
    },
    { when: "it is not ready again", first: { ...inForce("web-00"), ready: false }, next: false },
    { when: "it is in force and ready", first: inForce("web-00"), next: true },
  ])("waits, or goes, when $when: $next", ({ first, next }) => {
    const look = lookAtPods(begun(), scene({ now: at(1), pods: [first, ...pods(4).slice(1)] }));
    expect(written(look)).toEqual(next ? ["resize web-01"] : []);
    expect(look.reason).toBe("Resizing");
  });

  test("does not wait for a pod that is gone", () => {
    expect(written(lookAtPods(begun(), scene({ pods: pods(4).slice(1) })))).toEqual(["resize web-01"]);
  });

  test.each([
    { min: 0.5, next: [] },
    { min: 1, next: ["resize web-00"] },
  ])("a write whose answer was lost is looked for until $min min", ({ min, next }) => {
    const lost = answered(lookAtPods(NO_WAVE, scene()), { kind: "unreachable", message: "cut off" });
    expect(written(lookAtPods(lost, scene({ now: at(min) })))).toEqual(next);
  });

  test("from wave to wave all pods get there, and no pod is written twice", () => {
    const all = pods(7);
    const seen: string[] = [];
    let wave = NO_WAVE;
    for (let min = 0; min < 20; min += 1) {
      const look = lookAtPods(wave, scene({ now: at(min), pods: all }));
      seen.push(...written(look));
      wave = answered(look, WRITTEN, at(min));
      for (const { pod } of look.writes)
        all[all.findIndex(({ basis }) => basis.name === pod.basis.name)] = inForce(pod.basis.name);
    }
    expect(seen).toEqual(all.map(({ basis }) => `resize ${basis.name}`));
    expect(lookAtPods(wave, scene({ now: at(20), pods: all }))).toMatchObject({
      reason: "Applied",
      message: "7 of 7 pods carry what is recommended",
    });
  });
});

describe("a new pod", () => {
  const young = (name: string, over = {}) => aResizablePod(name, { createdAt: at(1), ready: false, ...over });

  test("is resized as soon as it runs, beside the wave", () => {
    const look = lookAtPods(
      begun(),
      scene({ now: at(2), pods: [...pods(4), young("new-0"), young("new-1", { running: false })] }),
    );
    expect(written(look)).toEqual(["follow new-0"]);
  });

  test("is not waited for by the wave, nor does it fail the wave by being unready", () => {
    const first = lookAtPods(begun(), scene({ now: at(2), pods: [...pods(4), young("new-0")] }));
    const wave = answered(first, WRITTEN, at(2));
    const later = scene({
      now: at(10),
      pods: [inForce("web-00"), ...pods(4).slice(1), { ...inForce("new-0"), ready: false, createdAt: at(1) }],
    });
    expect(written(lookAtPods(wave, later))).toEqual(["resize web-01"]);
  });

  test("counts as an old one for another plan: what is not proven goes in batches", () => {
    const all = [
      inForce("web-00"),
      ...Array.from({ length: 5 }, (_, n) => young(`new-${n}`, { cpu: 300, ready: true })),
    ];
    const look = lookAtPods(begun(), scene({ now: at(60), plan: aPlan(400), pods: all }));
    expect(written(look)).toEqual(["resize web-00"]);
  });
});

describe("the first failure ends the wave", () => {
  const failing = (state: "deferred" | "infeasible" | "error" | "in-progress", over = {}) =>
    aResizablePod("web-00", { cpu: 300, version: 21, state, resizedAt: T0, ...over });
  const others = pods(4).slice(1);

  test.each(["deferred", "infeasible", "error"] as const)(
    "%s: at once, and back after five minutes",
    (state) => {
      const early = lookAtPods(begun(), scene({ now: at(4.9), pods: [failing(state), ...others] }));
      expect(early).toMatchObject({
        writes: [],
        reason: "PartiallyApplied",
        message: `0/4: pod web-00 is ${state}: ${state}, says the kubelet`,
      });
      const late = lookAtPods(early.wave, scene({ now: at(5), pods: [failing(state), ...others] }));
      expect(late.writes).toMatchObject([{ kind: "go-back", to: asks(500) }]);
    },
  );

  test("a resize that is granted and not put into force is an error after ten minutes", () => {
    const look = (min: number) =>
      lookAtPods(begun(), scene({ now: at(min), pods: [failing("in-progress"), ...others] }));
    expect(look(9.9)).toMatchObject({ writes: [], reason: "Resizing" });
    expect(look(10)).toMatchObject({
      writes: [{ kind: "go-back", to: asks(500) }],
      reason: "PartiallyApplied",
    });
  });

  test("a pod that is not ready again after five minutes goes back to what it had", () => {
    const unready = { ...inForce("web-00"), ready: false };
    const look = (min: number) => lookAtPods(begun(), scene({ now: at(min), pods: [unready, ...others] }));
    expect(look(4.9)).toMatchObject({ writes: [], reason: "Resizing" });
    expect(look(5)).toMatchObject({
      writes: [{ kind: "go-back", to: asks(500) }],
      reason: "PartiallyApplied",
    });
  });

  test("a pod goes back once", () => {
    const stopped = lookAtPods(begun(), scene({ now: at(5), pods: [failing("deferred"), ...others] }));
    const wave = answered(stopped, { kind: "written", resourceVersion: "30" }, at(5));
    expect(lookAtPods(wave, scene({ now: at(5.1), pods: [failing("deferred"), ...others] })).writes).toEqual(
      [],
    );
  });

  test("after a restart a pod that we resized and that waits is found all the same", () => {
    const look = lookAtPods(NO_WAVE, scene({ now: at(5), pods: [failing("deferred"), ...others] }));
    expect(look).toMatchObject({ writes: [{ kind: "go-back", to: asks(500) }], reason: "PartiallyApplied" });
  });

  test("a pod that somebody else resized is none of ours", () => {
    const foreign = failing("deferred", { resizedAt: undefined });
    const look = lookAtPods(NO_WAVE, scene({ now: at(5), pods: [foreign, ...others] }));
    expect(written(look)).toEqual(["resize web-01"]);
  });

  test.each([
    { outcome: { kind: "refused", status: 422, message: "QoS" }, reason: "PartiallyApplied" },
    {
      outcome: { kind: "forbidden", status: 403, message: "exceeded quota: pods" },
      reason: "PartiallyApplied",
    },
    {
      outcome: { kind: "forbidden", status: 403, message: 'User "x" cannot patch resource "pods/resize"' },
      reason: "NotPermitted",
    },
  ] as const)("refused by the API server, $outcome.message: $reason", ({ outcome, reason }) => {
    const wave = answered(lookAtPods(NO_WAVE, scene()), outcome);
    expect(lookAtPods(wave, scene({ now: at(1) }))).toMatchObject({ writes: [], reason });
  });

  test.each([
    { kind: "conflict", message: "" },
    { kind: "absent", message: "" },
    { kind: "throttled", retryAfter: undefined, message: "" },
    { kind: "failed", status: 500, retryAfter: undefined, message: "" },
  ] as const)("$kind ends nothing: the next look tries again", (outcome) => {
    const wave = answered(lookAtPods(NO_WAVE, scene()), outcome);
    expect(written(lookAtPods(wave, scene({ now: at(1) })))).toEqual(["resize web-00"]);
  });
});

describe("a stopped wave", () => {
  const back = aResizablePod("web-00", { cpu: 500, version: 31, resizedAt: at(5) });
  function stopped(): Wave {
    const deferred = aResizablePod("web-00", { cpu: 300, version: 21, state: "deferred", resizedAt: T0 });
    const look = lookAtPods(begun(), scene({ now: at(5), pods: [deferred, ...pods(4).slice(1)] }));
    return answered(look, { kind: "written", resourceVersion: "30" }, at(5));
  }

  test.each([
    { when: "the same is wanted", plan: 300, min: 30, goesOn: false },
    { when: "more is wanted", plan: 350, min: 30, goesOn: false },
    { when: "less is wanted", plan: 250, min: 30, goesOn: true },
    { when: "12 h have nearly passed", plan: 300, min: 12 * 60 + 4, goesOn: false },
    { when: "12 h have passed", plan: 300, min: 12 * 60 + 5, goesOn: true },
  ])("when $when, goes on: $goesOn", ({ plan, min, goesOn }) => {
    const look = lookAtPods(
      stopped(),
      scene({ now: at(min), plan: aPlan(plan), pods: [back, ...pods(4).slice(1)] }),
    );
    expect(written(look)).toEqual(goesOn ? ["resize web-00"] : []);
    expect(look.reason).toBe(goesOn ? "Resizing" : "PartiallyApplied");
  });

  test("without the right, it is tried again after ten minutes", () => {
    const outcome = {
      kind: "forbidden",
      status: 403,
      message: 'cannot patch resource "pods/resize"',
    } as const;
    const wave = answered(lookAtPods(NO_WAVE, scene()), outcome);
    expect(lookAtPods(wave, scene({ now: at(9.9) })).writes).toEqual([]);
    expect(written(lookAtPods(wave, scene({ now: at(10) })))).toEqual(["resize web-00"]);
  });

  test("new pods do not follow what has failed", () => {
    const young = aResizablePod("new-0", { createdAt: at(6) });
    expect(lookAtPods(stopped(), scene({ now: at(7), pods: [back, young] })).writes).toEqual([]);
  });
});
