/**
 * Asks both servers the same, in turns, and tells how long each took and what it cost the process.
 *
 * Invariant: what is compared was measured within the same seconds, by the same client, over connections that stay open.
 */
import { readFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { setTimeout as wait } from "node:timers/promises";
import { adminOf } from "../../cluster/operator-process.ts";
import { quantile } from "../peers/steps.ts";
import { startCosting } from "../peers/process-cost.ts";
import type { Bed, Side } from "./bed.ts";
import { NAMESPACE, podName } from "./fleet.ts";

export type Question = Readonly<{ what: string; path: string; headers: Readonly<Record<string, string>> }>;
export type Figures = Readonly<{ p50: number; p99: number; /** ms a request. */ cpu: number; bytes: number }>;
export type Way = "direct" | "aggregator";

const JSON_ONLY = { accept: "application/json" };
const AS_GO = { ...JSON_ONLY, "accept-encoding": "gzip" };
/** What kubectl and the HPA say: whoever has no protobuf answers JSON. */
const AS_KUBECTL = {
  accept: "application/vnd.kubernetes.protobuf,application/json",
  "accept-encoding": "gzip",
};

export const QUESTIONS: readonly Question[] = [
  { what: "LIST, JSON", path: "/pods", headers: JSON_ONLY },
  { what: "LIST, JSON, gzip", path: "/pods", headers: AS_GO },
  { what: "LIST as kubectl asks", path: "/pods", headers: AS_KUBECTL },
  { what: "GET of one pod", path: `/namespaces/${NAMESPACE}/pods/${podName(7)}`, headers: AS_KUBECTL },
];

const IDLE_SECONDS = 20;
const WARM = 20;

export type Measuring = Readonly<{
  way: Way;
  times: number;
  /** Of both, ms of CPU a second without requests. */
  idle: readonly number[];
}>;

/** Ours, then metrics-server's. CPU is what the requests cost, without what the process does anyway. */
export async function measure(
  bed: Bed,
  question: Question,
  { way, times, idle }: Measuring,
): Promise<Figures[]> {
  const sides = [bed.ours, bed.theirs] as const;
  const askers = sides.map((side) => askerOf(bed, side, way));
  for (let nth = 0; nth < WARM; nth++) for (const ask of askers) await ask(question);
  const taken = sides.map(({ pid }) => ({ millis: [] as number[], bytes: 0, stop: startCosting([pid]) }));
  const began = performance.now();
  for (let nth = 0; nth < times; nth++)
    for (const [at, side] of taken.entries()) {
      const asked = performance.now();
      side.bytes = (await askers[at]?.(question)) ?? 0;
      side.millis.push(performance.now() - asked);
    }
  const seconds = (performance.now() - began) / 1000;
  return taken.map(({ millis, bytes, stop }, at) => {
    const cpu = (Math.max(0, stop().cpu - (idle[at] ?? 0)) * seconds) / times;
    return { p50: quantile(millis, 0.5), p99: quantile(millis, 0.99), cpu, bytes };
  });
}

/** ms of CPU per second. */
export async function idleCost(side: Side): Promise<number> {
  const stop = startCosting([side.pid]);
  await wait(IDLE_SECONDS * 1000);
  return stop().cpu;
}

/** Resolves to the length of the body as it came. */
function askerOf({ plane }: Bed, { port, version }: Side, way: Way): (question: Question) => Promise<number> {
  const { certificate: cert, key } = adminOf(plane);
  const ca = readFileSync(plane.certs.serverAuthority);
  const trust = way === "direct" ? { rejectUnauthorized: false } : { ca };
  const agent = new Agent({ keepAlive: true, maxSockets: 1, cert, key, ...trust });
  const base = way === "direct" ? `https://127.0.0.1:${port}` : plane.server;
  return ({ path, headers }) =>
    new Promise((settle, fail) => {
      const url = new URL(`/apis/metrics.k8s.io/${version}${path}`, base);
      const sent = request(url, { agent, headers }, (answer) => {
        let bytes = 0;
        answer.on("data", (part: Buffer) => (bytes += part.length));
        answer.on("end", () =>
          answer.statusCode === 200
            ? settle(bytes)
            : fail(new Error(`${url.pathname}: ${answer.statusCode}`)),
        );
      });
      sent.on("error", fail).end();
    });
}
