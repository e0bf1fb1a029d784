/**
 * No pod uses more than its node has, whatever its kubelet says.
 */
import { expect, test } from "vitest";
import { bytes, milliUnits, nanoCores, seconds } from "../../src/base/units.ts";
import { cutToNode } from "../../src/usage/plausible.ts";
import { T0 } from "../builders.ts";

const SIXTEEN = { cpu: milliUnits(16_000), memory: milliUnits(64e9 * 1000) };

const using = (...cores: number[]) =>
  cores.map((each, n) => ({
    container: `c${n}`,
    cpu: nanoCores(each * 1e9),
    memory: bytes(each * 1e9),
    at: T0,
    window: seconds(15),
  }));

test.each([
  { when: "16 cores of 16 are used", cores: [16], capacity: SIXTEEN, cut: undefined },
  { when: "a million are", cores: [1e6, 0], capacity: SIXTEEN, cut: [16, 0] },
  { when: "two containers are over together", cores: [24, 8], capacity: SIXTEEN, cut: [12, 4] },
  { when: "the capacity is not known", cores: [1e6], capacity: {}, cut: undefined },
  { when: "it is said to be 0", cores: [3], capacity: { cpu: milliUnits(0) }, cut: undefined },
])("when $when the cores that count are $cut", ({ cores, capacity, cut }) => {
  expect(cutToNode(using(...cores), capacity)?.map(({ cpu }) => cpu / 1e9)).toEqual(cut);
});

test("memory is cut likewise, and by itself", () => {
  const cut = cutToNode(using(4, 8), { cpu: milliUnits(16_000), memory: milliUnits(6e9 * 1000) });
  expect(cut?.map(({ cpu, memory }) => [cpu / 1e9, memory / 1e9])).toEqual([
    [4, 2],
    [8, 4],
  ]);
});
