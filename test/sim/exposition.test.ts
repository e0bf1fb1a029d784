import { expect, test } from "vitest";
import { epochMillis } from "../../src/base/units.ts";
import { printNumber, printResourceMetrics } from "../../src/sim/kubelet/exposition.ts";

test("a kubelet's answer has its families in order, its stamps, and start times without any", () => {
  const bytes = printResourceMetrics({
    node: { at: epochMillis(1_790_000_010_002), cpuSeconds: 90_321.554_871, memory: 6_193_471_488 },
    containers: [
      {
        namespace: "shop",
        pod: "cart-6f7c9d5b44-x2l5p",
        container: "cart",
        startedAt: epochMillis(1_789_991_204_513),
        sample: { at: epochMillis(1_790_000_012_345), cpuSeconds: 412.870331, memory: 188_743_680 },
      },
    ],
  });
  expect(new TextDecoder().decode(bytes)).toMatchInlineSnapshot(`
    "# HELP container_cpu_usage_seconds_total [STABLE] simulated
    # TYPE container_cpu_usage_seconds_total counter
    container_cpu_usage_seconds_total{container="cart",namespace="shop",pod="cart-6f7c9d5b44-x2l5p"} 412.870331 1790000012345
    # HELP container_memory_working_set_bytes [STABLE] simulated
    # TYPE container_memory_working_set_bytes gauge
    container_memory_working_set_bytes{container="cart",namespace="shop",pod="cart-6f7c9d5b44-x2l5p"} 1.8874368e+08 1790000012345
    # HELP container_start_time_seconds [STABLE] simulated
    # TYPE container_start_time_seconds gauge
    container_start_time_seconds{container="cart",namespace="shop",pod="cart-6f7c9d5b44-x2l5p"} 1.789991204513e+09
    # HELP node_cpu_usage_seconds_total [STABLE] simulated
    # TYPE node_cpu_usage_seconds_total counter
    node_cpu_usage_seconds_total 90321.554871 1790000010002
    # HELP node_memory_working_set_bytes [STABLE] simulated
    # TYPE node_memory_working_set_bytes gauge
    node_memory_working_set_bytes 6.193471488e+09 1790000010002
    # HELP resource_scrape_error [STABLE] simulated
    # TYPE resource_scrape_error gauge
    resource_scrape_error 0
    "
  `);
});

test("a node without measured containers still prints its own lines", () => {
  const node = { at: epochMillis(1_790_000_010_002), cpuSeconds: 1, memory: 2 };
  const text = new TextDecoder().decode(printResourceMetrics({ node, containers: [] }));
  expect(text).not.toContain("container_");
  expect(text).toContain("node_cpu_usage_seconds_total 1 1790000010002\n");
});

test.each([
  [0, "0"],
  [412.5, "412.5"],
  [999_999, "999999"],
  [1_000_000, "1e+06"],
  [8_495_104, "8.495104e+06"],
  [1.25e21, "1.25e+21"],
  [0.0001, "0.0001"],
  [0.00001, "1e-05"],
])("%d is printed as Go does: %s", (value, text) => {
  expect(printNumber(value)).toBe(text);
});
