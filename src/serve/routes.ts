/**
 * Everything that port 8080 answers: probes to anyone, `/metrics` to this host alone, 404 to the rest.
 *
 * Invariant: a route is a function from a web-standard Request to a Response; it opens nothing, acts on
 * nothing, and answers GET and HEAD only.
 */
import type { Log } from "../base/log.ts";
import type { Meter } from "../base/meter.ts";
import { LIVENESS, READINESS } from "./checks.ts";
import type { Facts } from "./facts.ts";
import { plain } from "./plain.ts";
import { createProbe, type Probe } from "./probes.ts";

/** `peer` is the address of whoever asks, as the socket says; a header cannot claim another. */
export type Routes = (request: Request, peer: string | undefined) => Promise<Response>;

const PROBES: readonly Probe[] = [
  { endpoint: "livez", checks: LIVENESS },
  { endpoint: "readyz", checks: READINESS },
  /** The name of both before Kubernetes 1.16. */
  { endpoint: "healthz", checks: LIVENESS },
];

export type RouteParts = Readonly<{
  facts: Facts;
  meter: Meter;
  /** The text of `/metrics`. */
  render: () => Promise<string>;
  log: Log;
}>;

export function createRoutes(parts: RouteParts): Routes {
  const { facts, log } = parts;
  const probes = PROBES.map((probe) => createProbe(probe, facts, log));
  return async (request, peer) => {
    const url = new URL(request.url);
    const metrics = url.pathname === "/metrics";
    const probe = probes.map((answer) => answer(url)).find((answer) => answer !== undefined);
    if (!metrics && probe === undefined) return plain(404, "404 page not found\n");
    if (request.method !== "GET" && request.method !== "HEAD")
      return plain(405, `${request.method} is not allowed here\n`, { allow: "GET, HEAD" });
    const answer = probe ?? (await metricsPage(peer, parts));
    return request.method === "HEAD" ? new Response(null, answer) : answer;
  };
}

async function metricsPage(
  peer: string | undefined,
  { facts, meter, render }: RouteParts,
): Promise<Response> {
  if (!isLoopback(peer))
    return plain(403, "metrics are answered to this host only, as by kubectl port-forward\n");
  meter.set("plimsoll_build_info", 1, { version: facts.version });
  meter.set("plimsoll_leader", facts.leadership() === undefined ? 0 : 1);
  return plain(200, await render(), { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
}

/** 127.0.0.0/8, ::1, and the former as an IPv6 socket names it. */
export const isLoopback = (peer: string | undefined): boolean =>
  peer !== undefined && (peer === "::1" || /^(::ffff:)?127\.\d+\.\d+\.\d+$/i.test(peer));
