/**
 * Percentiles from a histogram in Prometheus' text format, over the answers of several replicas.
 */

/** The upper bound of the bucket in which the part lies; NaN without an observation. */
export function bucketQuantile(texts: readonly string[], name: string, part: number): number {
  const counts = new Map<number, number>();
  for (const text of texts)
    for (const [, le, count] of text.matchAll(
      new RegExp(`^${name}_bucket\\{.*le="([^"]+)".*\\} (\\d+)$`, "gm"),
    )) {
      const bound = le === "+Inf" ? Infinity : Number(le);
      counts.set(bound, (counts.get(bound) ?? 0) + Number(count));
    }
  const total = counts.get(Infinity) ?? 0;
  const bounds = [...counts.keys()].toSorted((a, b) => a - b);
  return total === 0
    ? Number.NaN
    : (bounds.find((bound) => (counts.get(bound) ?? 0) >= total * part) ?? Number.NaN);
}
