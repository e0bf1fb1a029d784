/**
 * Kubelets of the bed, in a process of their own: one TLS server in which the path names the node. Arguments: certificate,
 * key, how many pods. Prints its port, and ends with its stdin.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { CONTAINERS, NAMESPACE, NODE_PREFIX, nodesFor, podName } from "./fleet.ts";

const [certificate = "", key = "", count = "0"] = process.argv.slice(2);
const pods = Number(count);
const began = Date.now();
const CORES = 0.15;
const MEMORY_BYTES = 134_217_728;

const server = createServer(
  { cert: readFileSync(certificate), key: readFileSync(key) },
  ({ url = "" }, response) => {
    const node = Number(url.split("/")[3]?.slice(NODE_PREFIX.length + 1));
    response.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end(answerOf(node));
  },
);
server.keepAliveTimeout = 120_000;
server.listen(0, "127.0.0.1", () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
process.stdin.resume().on("close", () => process.exit(0));

function answerOf(node: number): string {
  const now = Date.now();
  const seconds = (now - began) / 1000 + 1000;
  const lines: string[] = [];
  for (let index = node; index < pods; index += nodesFor(pods))
    for (const [at, container] of CONTAINERS.entries()) {
      const labels = `{container="${container}",namespace="${NAMESPACE}",pod="${podName(index)}"}`;
      const used = seconds * CORES * (0.9 + (index % 97) / 500 + at / 10);
      lines.push(`container_cpu_usage_seconds_total${labels} ${used.toFixed(9)} ${now - (index % 9000)}`);
      lines.push(
        `container_memory_working_set_bytes${labels} ${MEMORY_BYTES + (index % 4001) * 4096} ${now - (index % 9000)}`,
      );
      lines.push(`container_start_time_seconds${labels} ${(began - 30_000) / 1000}`);
    }
  lines.push(
    `node_cpu_usage_seconds_total ${seconds.toFixed(3)} ${now}`,
    `node_memory_working_set_bytes 6193471488 ${now}`,
    "",
  );
  return lines.join("\n");
}
