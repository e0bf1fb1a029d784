/**
 * Everything that port 8080 answers: probes, to anyone, and 404 to the rest.
 *
 * Invariant: a route is a function from a web-standard Request to a Response; it opens nothing, acts on
 * nothing, and answers GET and HEAD only.
 */
import type { Log } from "../base/log.ts";
import { LIVENESS, READINESS } from "./checks.ts";
import type { Facts } from "./facts.ts";
import { plain } from "./plain.ts";
import { createProbe, type Probe } from "./probes.ts";

export type Routes = (request: Request) => Promise<Response>;

const PROBES: readonly Probe[] = [
  { endpoint: "livez", checks: LIVENESS },
  { endpoint: "readyz", checks: READINESS },
  /** The name of both before Kubernetes 1.16. */
  { endpoint: "healthz", checks: LIVENESS },
];

/** The answer of a probe; undefined: no probe has this path. */
export type ProbeRoute = (url: URL) => Response | undefined;

export function createProbeRoute(facts: Facts, log: Log): ProbeRoute {
  const probes = PROBES.map((probe) => createProbe(probe, facts, log));
  return (url) => probes.map((answer) => answer(url)).find((answer) => answer !== undefined);
}

export function createRoutes(probe: ProbeRoute): Routes {
  return async (request) => {
    const answer = probe(new URL(request.url));
    if (answer === undefined) return plain(404, "404 page not found\n");
    if (request.method !== "GET" && request.method !== "HEAD")
      return plain(405, `${request.method} is not allowed here\n`, { allow: "GET, HEAD" });
    return request.method === "HEAD" ? new Response(null, answer) : answer;
  };
}
