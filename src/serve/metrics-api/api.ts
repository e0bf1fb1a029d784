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
import { createTexts } from "./texts.ts";
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

export type MetricsApi = Readonly<{
  routes: ApiRoutes;
  /** How long clients are told to wait for figures; undefined once there are any. */
  waiting(): Millis | undefined;
}>;

export function createMetricsApi(parts: MetricsApiParts): MetricsApi {
  const { clock, meter, resolution, round, view, version } = parts;
  const { pods, nodes } = view.of;
  const waiting = createWarmUp({
    resolution,
    round,
    synced: () => pods.synced() && nodes.synced(),
    nodes: () => [...nodes.all()].filter(({ labels }) => parts.nodeSelector?.(labels) ?? true).length,
    now: () => clock.mono(),
  });
  const catalog = createCatalog(parts);
  const serve = createAnswers({
    catalog,
    texts: createTexts(catalog),
    waiting,
    now: () => clock.wall(),
    onServed: (at) =>
      meter.observe("metrics_server_api_metric_freshness_seconds", elapsed(at, clock.wall()) / 1000),
  });
  const about = { title: "Plimsoll", version };
  return { routes: createApiRoutes({ groups: [METRICS_GROUP], about, serve }), waiting };
}
