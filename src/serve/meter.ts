/**
 * The figures of this process, kept and printed by the Prometheus client library from the table of series.
 *
 * Invariant: only what the table lists can be counted, and as what it lists it; a gauge that nobody has set
 * is absent, never 0.
 */
import { setImmediate } from "node:timers/promises";
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "@prometheus-io/client";
import { must } from "../base/assert.ts";
import type { Meter } from "../base/meter.ts";
import { SERIES, type Series } from "../report/series.ts";

/**
 * How often the library looks at the event loop, in milliseconds: by default every 10 for its delay and
 * every 100 for how busy it is, and in a small cluster that would be much of what we cost.
 */
const SPARING = { eventLoopMonitoringPrecision: 250, eventLoopUtilizationTimeout: 1000 };

export function createMeter(): Readonly<{ meter: Meter; render: () => Promise<string> }> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, ...SPARING });
  const counters = new Map(seriesOf("counter").map((row) => [row.name, new Counter(config(row, registry))]));
  const gauges = new Map(seriesOf("gauge").map((row) => [row.name, unsetGauge(row, registry)]));
  const histograms = new Map(seriesOf("histogram").map((row) => [row.name, histogram(row, registry)]));
  const meter: Meter = {
    count: (series, labels = {}, by = 1) => listed(counters, series).inc(labels, by),
    set: (series, value, labels = {}) => listed(gauges, series).set(labels, value),
    observe: (series, value, labels = {}) => listed(histograms, series).observe(labels, value),
    forget: (series, labels) =>
      must(
        counters.get(series) ?? gauges.get(series) ?? histograms.get(series),
        `${series} is a listed series`,
      ).remove(labels),
  };
  return { meter, render: () => rendered(registry) };
}

/** One series after the other, and other work in between: with 5,000 policies the page has 65,000 lines. */
async function rendered(registry: Registry): Promise<string> {
  const parts: string[] = [];
  for (const { name } of registry.getMetricsAsArray()) {
    parts.push(await registry.getSingleMetricAsString(name));
    await setImmediate();
  }
  return `${parts.join("\n\n")}\n`;
}

const seriesOf = (type: Series["type"]): readonly Series[] => SERIES.filter((row) => row.type === type);

const config = ({ name, help, labels }: Series, registry: Registry) => ({
  name,
  help,
  labelNames: labels,
  registers: [registry],
});

const histogram = (row: Series, registry: Registry): Histogram<string> =>
  new Histogram({ ...config(row, registry), buckets: [...must(row.buckets, `${row.name} has buckets`)] });

/** The library starts a gauge without labels at 0. */
function unsetGauge(row: Series, registry: Registry): Gauge<string> {
  const gauge = new Gauge(config(row, registry));
  if (row.labels.length === 0) gauge.remove({});
  return gauge;
}

const listed = <T>(instruments: ReadonlyMap<string, T>, series: string): T =>
  must(instruments.get(series), `${series} is a listed series of this type`);
