/**
 * The table of series against what the rooms count, and against Prometheus' rules.
 */
import { describe, expect, test } from "vitest";
import { SERIES, SERIES_GROUPS } from "../../src/report/series.ts";
import { sourcesOf, spelled } from "./spelling.ts";

const sources = sourcesOf([""], ["report/series.ts"]);
const rows = new Map(SERIES.map((row) => [row.name, row]));

describe("the rooms and the table", () => {
  const used = spelled(sources, /"((?:plimsoll|metrics_server|horizontal_pod_autoscaler_controller)_\w+)"/g);

  test("every series that a room counts has a row", () => {
    expect(used.filter(([name]) => !rows.has(name))).toEqual([]);
  });

  test("every row is counted by some room", () => {
    const names = new Set(used.map(([name]) => name));
    expect(SERIES.map(({ name }) => name).filter((name) => !names.has(name))).toEqual([]);
  });

  test("every series is counted as what the table says it is", () => {
    const types = { count: "counter", set: "gauge", observe: "histogram" } as const;
    for (const method of ["count", "set", "observe"] as const) {
      const calls = spelled(sources, new RegExp(`[mM]eter\\.${method}\\(\\s*"(\\w+)"`, "g"));
      expect(calls.filter(([name]) => rows.get(name)?.type !== types[method])).toEqual([]);
    }
  });
});

describe("a row", () => {
  test("is there once", () => {
    expect(rows.size).toBe(SERIES.length);
    expect(SERIES_GROUPS.filter(({ series }) => series.length === 0)).toEqual([]);
  });

  test.each(SERIES)("$name follows Prometheus' naming", ({ name, type, help, labels, buckets }) => {
    expect(name).toMatch(/^[a-z][a-z0-9_]*[a-z0-9]$/);
    if (name.startsWith("plimsoll_")) expect(name.endsWith("_total")).toBe(type === "counter");
    expect(help).toMatch(/^[A-Za-z1].*\.$/);
    for (const label of labels) expect(label).toMatch(/^[a-z][a-z_]*$/);
    expect(buckets !== undefined).toBe(type === "histogram");
  });
});

test("the buckets of a reconciliation are the HPA controller's, 1 ms to 16.4 s", () => {
  const bounds = rows.get("horizontal_pod_autoscaler_controller_reconciliation_duration_seconds")?.buckets;
  expect(bounds).toHaveLength(15);
  expect([bounds?.[0], bounds?.at(-1)]).toEqual([0.001, 16.384]);
});
