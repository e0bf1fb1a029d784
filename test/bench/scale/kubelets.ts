/**
 * Kubelets by the thousand in one process, for the bench only: one TLS server, where each node has an address of its own.
 * Argument: how many pods. It prints its port; a line on stdin asks for its figures as JSON, and begins a new count.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { fleetOf, nodeAt, podsOn } from "./objects.ts";

const [pods = "1000", certificate = "", key = ""] = process.argv.slice(2);
const fleet = fleetOf(Number(pods));
const started = Date.now();
const lastAsked = new Map<number, number>();
let [answers, longestGap] = [0, 0];

/** Each pod uses 150m of the 250m that it requests, give or take: at its target. */
const CORES = 0.15;
const MEMORY_BYTES = 134_217_728;

const server = createServer(
  { cert: readFileSync(certificate), key: readFileSync(key) },
  (request, response) => {
    const node = nodeAt(request.socket.localAddress ?? "");
    note(node);
    response.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end(answerOf(node));
  },
);
server.keepAliveTimeout = 120_000;
server.listen({ port: 0, host: "0.0.0.0", backlog: 4096 }, () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
createInterface({ input: process.stdin })
  .on("line", () => {
    process.stdout.write(
      `${JSON.stringify({ answers, longestGapSeconds: longestGap / 1000, nodes: lastAsked.size })}\n`,
    );
    [answers, longestGap] = [0, 0];
  })
  .on("close", () => process.exit(0));

function note(node: number): void {
  const now = performance.now();
  longestGap = Math.max(longestGap, now - (lastAsked.get(node) ?? now));
  lastAsked.set(node, now);
  answers++;
}

function answerOf(node: number): string {
  const now = Date.now();
  const seconds = (now - started) / 1000 + 1000;
  const on = podsOn(node, fleet).map(({ namespace, name, index }) => ({
    labels: `{container="server",namespace="${namespace}",pod="${name}"}`,
    used: (seconds * CORES * (0.97 + (index % 7) / 100)).toFixed(6),
  }));
  return [
    "# TYPE container_cpu_usage_seconds_total counter",
    ...on.map(({ labels, used }) => `container_cpu_usage_seconds_total${labels} ${used} ${now}`),
    "# TYPE container_memory_working_set_bytes gauge",
    ...on.map(({ labels }) => `container_memory_working_set_bytes${labels} ${MEMORY_BYTES} ${now}`),
    "# TYPE container_start_time_seconds gauge",
    ...on.map(({ labels }) => `container_start_time_seconds${labels} ${(started - 3_600_000) / 1000}`),
    `node_cpu_usage_seconds_total ${seconds.toFixed(3)} ${now}`,
    `node_memory_working_set_bytes ${6_193_471_488} ${now}`,
    "resource_scrape_error 0",
    "",
  ].join("\n");
}
