/**
 * Answers of one real kubelet over ten minutes: v1.36.3, containerd 1.6, cgroup v1; pods that burn CPU, are
 * killed for memory, crash, have an init container, a sidecar, or nothing to do.
 */
import { describe, expect, test } from "vitest";
import { captured, decode, newDecoder } from "./answers.ts";

const KILLED = "default/oom/burn";
const SLOWLY_KILLED = "default/oomslow/burn";
const INIT = "default/initpod/prep";

const IN_ORDER = [
  "1-running", "2-restarted", "3-dying-init", "4-after-init", "5-in-back-off", "6-oom-killed", "7-a-minute-later",
  "8-five-minutes-later", "9-kubelet-restarted",
]; // prettier-ignore

const CAPTURED = Object.fromEntries(IN_ORDER.map((name) => [name, decode(captured(name))]));
const rowsOf = (name: string) => CAPTURED[name]!.rows;
const podsOf = (name: string) => Object.keys(rowsOf(name)).map((key) => key.replace("default/", ""));

describe.each(IN_ORDER)("%s", (name) => {
  const { rows, node, malformed, unlabelled, scrapeError } = CAPTURED[name]!;

  test("loses no line", () => {
    expect({ malformed, unlabelled, scrapeError }).toEqual({
      malformed: 0,
      unlabelled: 0,
      scrapeError: false,
    });
  });

  test("is the same to a decoder that has seen all before it", () => {
    const decoder = newDecoder();
    for (const earlier of IN_ORDER.slice(0, IN_ORDER.indexOf(name))) decode(captured(earlier), decoder);
    expect(decode(captured(name), decoder)).toEqual(CAPTURED[name]);
  });

  test("has all columns of every container, a stamp of the last half minute, and a start before it", () => {
    const newest = Math.max(...Object.values(rows).map(({ at }) => at));
    for (const [key, { cpu, memory, at, start }] of Object.entries(rows)) {
      expect(cpu > 0 && memory > 0, key).toBe(!(name === "3-dying-init" && key === INIT));
      expect(newest - at, key).toBeLessThanOrEqual(30_000);
      expect(start / 1e6, key).toBeLessThan(at);
    }
  });

  test("has the values that stand in its text", () => {
    const text = captured(name).toString();
    for (const [key, { cpu, memory, at, start }] of Object.entries(rows)) {
      const [namespace, pod, container] = key.split("/");
      const after = (family: string): string[] => {
        const label = `${family}{container="${container}",namespace="${namespace}",pod="${pod}"} `;
        return text.slice(text.indexOf(label) + label.length).split("\n", 1)[0]!.split(" ");
      };
      const [seconds, stamp] = after("container_cpu_usage_seconds_total").map(Number);
      expect([cpu, at]).toEqual([Math.trunc(seconds! * 1e9), stamp]);
      expect([memory, at]).toEqual(after("container_memory_working_set_bytes").map(Number));
      expect(start).toBe(Math.trunc(Number(after("container_start_time_seconds")[0]) * 1e9));
    }
  }); // prettier-ignore

  test("has the node's usage", () => {
    expect(node).toMatchObject({
      cpu: expect.any(Number),
      memory: expect.any(Number),
      at: expect.any(Number),
    });
  });
});

test("all that runs is named, the running init container and the sidecar too", () => {
  expect(podsOf("1-running").toSorted()).toEqual([
    "burn-7b7845b79d-66z57/burn", "burn-7b7845b79d-w8thl/burn", "crash/burn", "idle/besteffort", "idle/idle",
    "initpod/prep", "oom/burn", "oom/quiet", "oomslow/burn", "sidecar/job", "sidecar/proxy",
  ]); // prettier-ignore
});

test("stamps within one answer differ by many seconds, also between containers of one pod", () => {
  const { rows } = CAPTURED["1-running"]!;
  const stamps = Object.values(rows).map(({ at }) => at);
  expect(Math.max(...stamps) - Math.min(...stamps)).toBeGreaterThan(2_000);
  expect(rows["default/sidecar/job"]!.at - rows["default/sidecar/proxy"]!.at).toBe(1_905);
});

test("a restart shows as a later start and less CPU, between two answers 1.1 s apart", () => {
  const [before, after] = [rowsOf("1-running")[KILLED]!, rowsOf("2-restarted")[KILLED]!];
  expect(after.start).toBeGreaterThan(before.at * 1e6);
  expect(after.cpu).toBeLessThan(before.cpu);
});

test("a container that is dying reports 0 and 0 at its old start, then vanishes", () => {
  const dying = rowsOf("3-dying-init")[INIT]!;
  expect(dying).toMatchObject({ cpu: 0, memory: 0, start: rowsOf("2-restarted")[INIT]!.start });
  expect(rowsOf("4-after-init")[INIT]).toBeUndefined();
  expect(podsOf("4-after-init")).toContain("initpod/main");
});

test("a container in back-off is not named, while the others of its pod are", () => {
  expect(podsOf("5-in-back-off")).not.toContain("oom/burn");
  expect(podsOf("5-in-back-off")).not.toContain("crash/burn");
  expect(podsOf("5-in-back-off")).toContain("oom/quiet");
});

test("after a kill for memory the peak was never seen: the last value is under the limit of 64 MiB", () => {
  expect(rowsOf("5-in-back-off")[SLOWLY_KILLED]!.memory).toBeLessThan(64 * 2 ** 20);
  expect(rowsOf("6-oom-killed")[SLOWLY_KILLED]!.start).toBeGreaterThan(rowsOf("5-in-back-off")[SLOWLY_KILLED]!.at * 1e6);
}); // prettier-ignore

test("the start of a container that lives on is the same in every answer, also after the kubelet restarted", () => {
  const starts = IN_ORDER.map((name) => rowsOf(name)["default/idle/idle"]!.start);
  expect(new Set(starts).size).toBe(1);
});
