import { describe, expect, test } from "vitest";
import { ALERTS } from "../../generate/monitoring/alert.ts";
import { CASES } from "../../generate/monitoring/cases.ts";
import { ROWS } from "../../generate/monitoring/dashboard.ts";
import { SERIES_GROUPS } from "../../src/report/series.ts";

/** Every series that a replica answers with; histograms have three names each. */
const KNOWN = new Set(
  SERIES_GROUPS.flatMap(({ series }) =>
    series.flatMap(({ name }) => [name, `${name}_bucket`, `${name}_sum`, `${name}_count`]),
  ).concat("process_cpu_seconds_total", "process_resident_memory_bytes"),
);
/** Names of series end in a letter and are followed by no bracket of a function. */
const SERIES = /\b(plimsoll|metrics_server|horizontal_pod_autoscaler|process)_[a-z_]+\b/g;
const withoutStrings = (expression: string): string => expression.replace(/"[^"]*"/g, '""');
const seriesIn = (expression: string): string[] => withoutStrings(expression).match(SERIES) ?? [];

const EXPRESSIONS = [
  ...ALERTS.map(({ name, expression }) => [name, expression] as const),
  ...ROWS.flatMap(({ panels }) =>
    panels.flatMap(({ title, lines }) => lines.map(([expression]) => [title, expression] as const)),
  ),
];

describe("alerts and dashboard", () => {
  test.each(EXPRESSIONS)("%s asks for series that there are: %s", (_, expression) => {
    const names = seriesIn(expression);
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) expect(KNOWN, name).toContain(name);
  });

  test.each(ALERTS)("$name has a case that fires and a case that does not", ({ name }) => {
    expect(CASES.flatMap(({ firing }) => firing.map(({ alert }) => alert))).toContain(name);
    expect(CASES.flatMap(({ silent }) => silent.map(([alert]) => alert))).toContain(name);
  });
});
