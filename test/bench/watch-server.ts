/**
 * Stands in for an API server with many pods, for the bench only: it speaks as much of list and watch as
 * `real/apiserver/watch` asks for. Arguments: how many pods, and `paged` to refuse WatchList. It prints the
 * port it listens on; `POST /churn` starts 500 changes a second.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { podJson } from "./watch-pod.ts";

const PODS = Number(process.argv[2] ?? 50_000);
const KNOWS_WATCH_LIST = process.argv[3] !== "paged";
const CHURN_PER_SECOND = 500;
const CHURN_TICK_MILLIS = 10;
const POLITE_BYTES = 1024 * 1024;

let version = 1_000_000;
const watchers = new Set<ServerResponse>();

const server = createServer((request, response) => {
  void answer(request, response);
});
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
process.stdin.on("end", () => process.exit(0)).resume();

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://localhost");
  const count = url.pathname === "/api/v1/pods" ? PODS : 0;
  if (request.method === "POST") {
    startChurn();
    response.end();
  } else if (url.searchParams.get("sendInitialEvents") === "true" && !KNOWS_WATCH_LIST) {
    response.writeHead(422).end('{"kind":"Status","code":422}');
  } else if (url.searchParams.get("watch") === "true") {
    await watch(response, url.searchParams.has("sendInitialEvents") ? count : 0, count > 0);
  } else await page(response, url.searchParams, count);
}

async function watch(response: ServerResponse, listed: number, changes: boolean): Promise<void> {
  response.writeHead(200, { "content-type": "application/json" });
  for (let i = 0; i < listed; i++)
    await write(response, `{"type":"ADDED","object":${podJson(i, 1_000 + i)}}\n`);
  const metadata = { resourceVersion: `${version}`, annotations: { "k8s.io/initial-events-end": "true" } };
  if (KNOWS_WATCH_LIST)
    await write(response, `${JSON.stringify({ type: "BOOKMARK", object: { metadata } })}\n`);
  if (changes) watchers.add(response);
  response.on("close", () => watchers.delete(response));
}

async function page(response: ServerResponse, query: URLSearchParams, count: number): Promise<void> {
  const from = Number(query.get("continue") ?? 0);
  const to = Math.min(from + Number(query.get("limit")), count);
  const token = to < count ? `,"continue":"${to}"` : "";
  response.writeHead(200, { "content-type": "application/json" });
  await write(response, `{"kind":"PodList","metadata":{"resourceVersion":"${version}"${token}},"items":[`);
  for (let i = from; i < to; i++) await write(response, `${i > from ? "," : ""}${podJson(i, 1_000 + i)}`);
  response.end("]}");
}

function write(response: ServerResponse, text: string): Promise<void> | void {
  if (response.write(text) || response.writableLength < POLITE_BYTES) return;
  return new Promise((resolve) => response.once("drain", resolve));
}

function startChurn(): void {
  let pod = 0;
  setInterval(() => {
    for (let i = 0; i < (CHURN_PER_SECOND * CHURN_TICK_MILLIS) / 1000; i++) {
      pod = (pod + 7919) % PODS; // a prime, so that all pods have their turn
      version++;
      const line = `{"type":"MODIFIED","object":${podJson(pod, version)}}\n`;
      for (const response of watchers) response.write(line);
    }
  }, CHURN_TICK_MILLIS);
}
