import { describe, expect, test } from "vitest";
import { nodeName, uid } from "../../src/base/ids.ts";
import { epochMillis, minutes, monoMillis, seconds } from "../../src/base/units.ts";
import type { SampleBatch } from "../../src/store/batch.ts";
import { createStore } from "../../src/store/store.ts";
import type { Store } from "../../src/store/store.ts";
import { NODE, T0, WEB, aBatch, aPod } from "./samples.ts";

const S = 1000;

function storeWith(...batches: readonly SampleBatch[]): Store {
  const store = createStore({ resolution: seconds(15) });
  for (const batch of batches) store.writer.append(batch);
  return store;
}

describe("a pod's usage", () => {
  test("is the rate between the last two samples and the last memory, at the kubelet's stamp", () => {
    const { reader } = storeWith(
      aBatch(0, [aPod([{ at: 0, cpu: 100 }])]),
      aBatch(15 * S, [aPod([{ at: 12 * S, cpu: 103, memory: 2000 }])]),
    );
    expect(reader.pod(WEB)).toEqual({
      kind: "usage",
      at: T0 + 12 * S,
      window: 12 * S,
      arrivedAt: 15 * S,
      containers: [{ container: "app", cpu: 250_000_000, memory: 2000, at: T0 + 12 * S, window: 12 * S }],
    });
  });

  test("has stamp and window of the container with the earliest stamp, the age of the one renewed longest ago, and containers by name", () => {
    const expected = ["b", "a"];
    const two = (a: number, b: number) =>
      aPod([{ container: "b", at: b, cpu: 1 + b / S }, { container: "a", at: a, cpu: 1 + a / S }], { expected });
    const { reader } = storeWith(aBatch(0, [two(0, 3 * S)]), aBatch(15 * S, [two(11 * S, 14 * S)]), aBatch(30 * S, [two(11 * S, 28 * S)]));
    expect(reader.pod(WEB)).toMatchObject({
      at: T0 + 11 * S,
      window: 11 * S,
      arrivedAt: 15 * S,
      containers: [{ container: "a" }, { container: "b", at: T0 + 28 * S, window: 14 * S }],
    });
  }); // prettier-ignore

  test("of a container 10 to 15 s old needs one sample only", () => {
    const { reader } = storeWith(aBatch(0, [aPod([{ at: 0, cpu: 3, start: -12 }])]));
    expect(reader.pod(WEB)).toMatchObject({
      kind: "usage",
      window: 12 * S,
      containers: [{ cpu: 250_000_000 }],
    });
  });

  test("counts a container that the spec does not name, such as an ephemeral one, while it runs", () => {
    const both = (at: number) => aPod([{ at, cpu: 1 + at }, { container: "debug", at, cpu: 1 + at }]);
    const batches = [aBatch(0, [both(0)]), aBatch(15 * S, [both(15 * S)])];
    const names = ({ reader }: Store) => {
      const usage = reader.pod(WEB);
      return usage.kind === "usage" ? usage.containers.map(({ container }) => container) : usage;
    };
    expect(names(storeWith(...batches))).toEqual(["app", "debug"]);
    expect(names(storeWith(...batches, aBatch(30 * S, [aPod([{ at: 30 * S, cpu: 31_000 }])])))).toEqual(["app"]);
  }); // prettier-ignore

  test("stays, with its age, when the next scrapes fail", () => {
    const { reader, writer } = storeWith(aBatch(0, [aPod([{ at: 0, cpu: 1 }])]), aBatch(15 * S, [aPod([{ at: 15 * S, cpu: 2 }])]));
    writer.evict(monoMillis(15 * S + minutes(5)));
    expect(reader.pod(WEB)).toMatchObject({ kind: "usage", arrivedAt: 15 * S });
    expect(writer.evict(monoMillis(15 * S + minutes(5) + 1))).toBe(1);
    expect(reader.pod(WEB)).toEqual({ kind: "absent", because: "never-scraped" });
  }); // prettier-ignore

  test("does not get younger by repeated samples", () => {
    const first = aPod([{ at: 0, cpu: 1 }]);
    const second = aPod([{ at: 15 * S, cpu: 2 }]);
    const store = storeWith(aBatch(0, [first]), aBatch(15 * S, [second]));
    const repeated = store.writer.append(aBatch(30 * S, [second]));
    expect(repeated).toMatchObject({ renewed: [], fates: { repeated: 1, kept: 0 } });
    expect(store.reader.pod(WEB)).toMatchObject({ kind: "usage", arrivedAt: 15 * S, window: 15 * S });
    expect(store.reader.lastAnswer(NODE)).toBe(15 * S);
  });
});

describe("a pod has no usage", () => {
  const ran = [aBatch(0, [aPod([{ at: 0, cpu: 1 }])]), aBatch(15 * S, [aPod([{ at: 15 * S, cpu: 2 }])])];
  const sidecar = { expected: ["app", "proxy"] };

  test.each<{ when: string; batches: readonly SampleBatch[]; because: string }>([
    { when: "no answer named it", batches: [], because: "never-scraped" },
    { when: "no answer had a sample of it", batches: [aBatch(0, [aPod([], { unusable: ["app"] })])], because: "never-scraped" },
    { when: "there is one sample", batches: ran.slice(0, 1), because: "one-sample-only" },
    { when: "one of its containers has one sample", batches: [...ran, aBatch(30 * S, [aPod([{ at: 30 * S, cpu: 3 }, { container: "proxy", at: 30 * S, cpu: 1 }], sidecar)])], because: "one-sample-only" },
    { when: "it began anew", batches: [...ran, aBatch(30 * S, [aPod([{ at: 30 * S, cpu: 0.1, start: 25 }])])], because: "container-restarted" },
    { when: "its CPU fell", batches: [...ran, aBatch(30 * S, [aPod([{ at: 30 * S, cpu: 1.5 }])])], because: "container-restarted" },
    { when: "the node's clock leapt ahead", batches: [...ran, aBatch(30 * S, [aPod([{ at: 330 * S, cpu: 3 }])])], because: "container-restarted" },
    { when: "the next answer does not name it", batches: [...ran, aBatch(30 * S, [])], because: "container-missing" },
    { when: "the next answer lacks one of its containers", batches: [aBatch(0, [aPod([{ at: 0, cpu: 1 }, { container: "proxy", at: 0, cpu: 1 }], sidecar)]), aBatch(15 * S, [aPod([{ at: 15 * S, cpu: 2 }], sidecar)])], because: "container-missing" },
    { when: "a container has never been seen", batches: [aBatch(0, [aPod([{ at: 0, cpu: 1 }], sidecar)]), aBatch(15 * S, [aPod([{ at: 15 * S, cpu: 2 }], sidecar)])], because: "container-missing" },
  ])("when $when: $because", ({ batches, because }) => {
    expect(storeWith(...batches).reader.pod(WEB)).toEqual({ kind: "absent", because });
  }); // prettier-ignore

  test("but has again after two samples of its new life", () => {
    const restarted = (at: number, cpu: number) => aPod([{ at, cpu, start: 25 }]);
    const { reader } = storeWith(...ran, aBatch(30 * S, []), aBatch(45 * S, [restarted(27 * S, 0.1)]), aBatch(60 * S, [restarted(57 * S, 3.1)]));
    expect(reader.pod(WEB)).toMatchObject({ kind: "usage", containers: [{ cpu: 100_000_000 }] });
  }); // prettier-ignore

  test("in no answer does a dying container that reports 0 count, nor does it hide the others' history", () => {
    const { reader } = storeWith(...ran, aBatch(30 * S, [aPod([], { unusable: ["app"] })]));
    expect(reader.pod(WEB)).toMatchObject({ kind: "usage", at: T0 + 15 * S, arrivedAt: 15 * S });
  });
});

test("F05 a restart loop every 45 s never gives a negative rate, nor one under the true one", () => {
  const store = createStore({ resolution: seconds(15) });
  for (let at = 0; at < 1800; at += 15) {
    const start = Math.floor(at / 45) * 45 - 1;
    store.writer.append(aBatch(at * S, [aPod([{ at: at * S, cpu: (at - start) * 0.5, start }])]));
    const usage = store.reader.pod(WEB);
    if (usage.kind === "usage") expect(usage.containers[0]?.cpu).toBe(500_000_000);
    else expect(usage.because).toMatch(/one-sample-only|container-restarted/);
  }
});

describe("what the writer is told", () => {
  test("pods with a new stamp, and what became of each sample", () => {
    const db = uid("uid-of-db");
    const { writer } = storeWith(
      aBatch(0, [aPod([{ at: 0, cpu: 1 }]), aPod([{ at: 0, cpu: 1 }], { pod: db })]),
    );
    expect(
      writer.append(aBatch(15 * S, [aPod([{ at: 15 * S, cpu: 2 }]), aPod([{ at: 0, cpu: 1 }], { pod: db })])),
    ).toEqual({
      renewed: [WEB],
      nodeRenewed: false,
      fates: { kept: 1, repeated: 1, restarted: 0, stale: 0, impossible: 0 },
    });
  });

  test("what has a rate is counted", () => {
    const nodeSample = (at: number, cpu: number) => ({
      nodeSample: { at: epochMillis(T0 + at), cpu, memory: 1 },
    });
    const store = storeWith(aBatch(0, [aPod([{ at: 0, cpu: 1 }])], nodeSample(0, 1e9)));
    expect(store.points()).toEqual({ nodes: 0, containers: 0 });
    store.writer.append(aBatch(15 * S, [aPod([{ at: 15 * S, cpu: 2 }])], nodeSample(10 * S, 2e9)));
    expect(store.points()).toEqual({ nodes: 1, containers: 1 });
  });
});

describe("a node's usage", () => {
  const batch = (at: number, cpu: number) =>
    aBatch(at, [], { nodeSample: { at: epochMillis(T0 + at), cpu: cpu * 1e9, memory: 5000 } });

  test("is rated like a container's", () => {
    const { reader } = storeWith(batch(0, 100), batch(10 * S, 115));
    expect(reader.node(NODE)).toEqual({
      kind: "usage", cpu: 1_500_000_000, memory: 5000, at: T0 + 10 * S, window: 10 * S, arrivedAt: 10 * S,
    }); // prettier-ignore
    expect(reader.lastAnswer(NODE)).toBe(10 * S);
  });

  test.each([
    { when: "it never answered", batches: [], because: "never-scraped" },
    { when: "it answered without a sample of its own", batches: [aBatch(0, [aPod([{ at: 0, cpu: 1 }])])], because: "never-scraped" },
    { when: "there is one sample", batches: [batch(0, 1)], because: "one-sample-only" },
    { when: "it was booted anew", batches: [batch(0, 100), batch(10 * S, 1)], because: "one-sample-only" },
  ])("is absent when $when", ({ batches, because }) => {
    expect(storeWith(...batches).reader.node(NODE)).toEqual({ kind: "absent", because });
  }); // prettier-ignore
});

describe("history", () => {
  test("is what is kept since the container last began, oldest first", () => {
    const { reader } = storeWith(
      aBatch(0, [aPod([{ at: 0, cpu: 9 }])]),
      aBatch(15 * S, [aPod([{ at: 15 * S, cpu: 1, start: 5 }])]),
      aBatch(30 * S, [aPod([{ at: 30 * S, cpu: 2, memory: 7, start: 5 }])]),
    );
    expect(reader.recent(WEB, "app")).toEqual([
      { at: T0 + 15 * S, cpu: 1e9, memory: 1000 },
      { at: T0 + 30 * S, cpu: 2e9, memory: 7 },
    ]);
    expect(reader.recent(WEB, "other")).toEqual([]);
    expect(reader.recent(uid("nobody"), "app")).toEqual([]);
  });
});

test("rows of evicted pods are used again, and start empty", () => {
  const store = createStore({ resolution: seconds(15) });
  for (let round = 0; round < 50; round++) {
    const pods = Array.from({ length: 100 }, (_, n) =>
      aPod([{ at: round * S, cpu: 5 }], { pod: uid(`${round}/${n}`) }),
    );
    store.writer.append(aBatch(round * S, pods));
    store.writer.evict(monoMillis(round * S), seconds(1));
    expect(store.reader.pod(uid(`${round}/7`))).toEqual({ kind: "absent", because: "one-sample-only" });
  }
  expect(store.reader.pod(uid("40/7"))).toEqual({ kind: "absent", because: "never-scraped" });
});

test("a node that has been silent for a day is forgotten", () => {
  const { reader, writer } = storeWith(aBatch(0, [aPod([{ at: 0, cpu: 1 }])]));
  writer.evict(monoMillis(minutes(24 * 60)));
  expect(reader.lastAnswer(NODE)).toBe(0);
  writer.evict(monoMillis(minutes(24 * 60) + 1));
  expect(reader.lastAnswer(NODE)).toBeUndefined();
  expect(reader.lastAnswer(nodeName("other"))).toBeUndefined();
});
