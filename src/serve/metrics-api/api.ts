/**
 * `metrics.k8s.io` as routes, over the caches and the store.
 */
import type { Clock } from "../../base/clock.ts";
import type { Meter } from "../../base/meter.ts";
import { elapsed, type Millis } from "../../base/units.ts";
import { type ApiRoutes, createApiRoutes } from "../aggregated/routes.ts";
import { createAnswers } from "./answer.ts";
import { type CatalogParts, createCatalog } from "./catalog.ts";
import { METRICS_GROUP } from "./group.ts";
import { createWarmUp, type WarmUpFacts } from "./warm-up.ts";

export type MetricsApiParts = CatalogParts &
  Readonly<{
    clock: Pick<Clock, "wall" | "mono">;
    meter: Meter;
    resolution: Millis;
    round: WarmUpFacts["round"];
    /** Of this operator. */
    version: string;
  }>;

export function createMetricsApi(parts: MetricsApiParts): ApiRoutes {
  const { clock, meter, resolution, round, view, version } = parts;
  const { pods, nodes } = view.of;
  const waiting = createWarmUp({
    resolution,
    round,
    synced: () => pods.synced() && nodes.synced(),
    now: () => clock.mono(),
  });
  const serve = createAnswers({
    catalog: createCatalog(parts),
    waiting,
    now: () => clock.wall(),
    onServed: (at) =>
      meter.observe("metrics_server_api_metric_freshness_seconds", elapsed(at, clock.wall()) / 1000),
  });
  return createApiRoutes({ groups: [METRICS_GROUP], about: { title: "Plimsoll", version }, serve });
}
