/** How the HPA controller's conversation is cut into syncs. */
import { expect, test } from "vitest";
import { epochMillis } from "../../src/base/units.ts";
import { T0 } from "../builders.ts";
import type { Exchange } from "./recording-proxy.ts";
import { ticksOf } from "./ticks.ts";

const SCALE = "/apis/apps/v1/namespaces/shop/deployments/web/scale";
const STATUS = "/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers/web/status";
const METRICS = "/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods";

function exchange(seconds: number, method: string, path: string, over: Partial<Exchange> = {}): Exchange {
  const [askedAt, answeredAt] = [epochMillis(T0 + seconds * 1000), epochMillis(T0 + seconds * 1000 + 5)];
  return {
    method,
    path,
    query: new URLSearchParams(),
    sent: "",
    status: 200,
    said: "",
    askedAt,
    answeredAt,
    ...over,
  };
}

const scale = (replicas: number) =>
  JSON.stringify({ metadata: { uid: "u" }, spec: { replicas }, status: { replicas, selector: "app=web" } });
const read = (seconds: number, replicas: number) =>
  exchange(seconds, "GET", SCALE, { said: scale(replicas) });
const measured = (seconds: number, cpu: string) =>
  exchange(seconds, "GET", METRICS, {
    query: new URLSearchParams({ labelSelector: "app=web" }),
    said: JSON.stringify({
      items: [
        {
          metadata: { name: "web-1" },
          timestamp: "2026-11-25T12:00:00Z",
          window: "10.5s",
          containers: [{ name: "app", usage: { cpu, memory: "1Mi" } }],
        },
      ],
    }),
  });

test("a sync is what one HPA asks and writes from one reading of its scale to the next", () => {
  const wrote = exchange(2.1, "PUT", SCALE, { sent: scale(6) });
  const status = { currentMetrics: [{ resource: { current: { averageUtilization: 90 } } }] };
  const told = exchange(2.2, "PUT", STATUS, { sent: JSON.stringify({ status }) });
  const [first, second, ...rest] = ticksOf([read(1, 4), measured(2, "90m"), wrote, told, read(5, 6)]);
  expect(rest).toEqual([]);
  expect(first).toMatchObject({
    namespace: "shop",
    name: "web",
    reading: { replicas: 4, selector: "app=web" },
  });
  expect(first?.wrote).toEqual({ replicas: 6, at: wrote.answeredAt });
  expect(first?.told).toEqual([90]);
  expect(first?.samples[0]?.get("web-1")).toMatchObject({
    window: 10_500,
    containers: [{ container: "app", cpu: 90_000_000 }],
  });
  expect(second).toMatchObject({ reading: { replicas: 6 }, samples: [], wrote: undefined, told: undefined });
});

test("it decides between its last answer and its next request", () => {
  const metrics = measured(2, "90m");
  const wrote = exchange(2.05, "PUT", SCALE, { sent: scale(6) });
  const [tick] = ticksOf([read(1, 4), metrics, wrote]);
  expect(tick).toMatchObject({ at: metrics.answeredAt, before: wrote.askedAt });
});

test("a scale that is read again after a conflict begins no new sync", () => {
  const refused = exchange(2.1, "PUT", SCALE, { sent: scale(6), status: 409 });
  const wrote = exchange(2.3, "PUT", SCALE, { sent: scale(6) });
  const ticks = ticksOf([read(1, 4), measured(2, "90m"), refused, read(2.2, 4), wrote]);
  expect(ticks).toHaveLength(1);
  expect(ticks[0]?.wrote).toMatchObject({ replicas: 6 });
});

test("a write that was refused is none, and metrics that did not answer are no samples", () => {
  const refused = exchange(2.1, "PUT", SCALE, { sent: scale(6), status: 403 });
  const failed = exchange(2, "GET", METRICS, {
    status: 503,
    query: new URLSearchParams({ labelSelector: "app=web" }),
  });
  expect(ticksOf([read(1, 4), failed, refused])).toMatchObject([{ wrote: undefined, samples: [undefined] }]);
});
