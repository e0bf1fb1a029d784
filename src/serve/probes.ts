/**
 * Probes in the form of Kubernetes' own servers: `ok`, or a line per check on `?verbose` and on failure,
 * `?exclude=NAME`, and each check alone under its name.
 *
 * Invariant: a listing never says why a check failed, because anyone may read it; the log does, once.
 */
import type { Log } from "../base/log.ts";
import type { Check } from "./checks.ts";
import type { Facts } from "./facts.ts";
import { plain } from "./plain.ts";

/** `endpoint` is `livez`, `readyz` or `healthz`. */
export type Probe = Readonly<{ endpoint: string; checks: readonly Check[] }>;

export function createProbe(probe: Probe, facts: Facts, log: Log): (url: URL) => Response | undefined {
  const noteTrouble = createTroubleLog(probe.endpoint, log);
  return ({ pathname, searchParams }) => {
    const path = `/${probe.endpoint}`;
    if (pathname === path || pathname === `${path}/`)
      return listing(probe, searchParams, examine(probe.checks, facts), noteTrouble);
    const single = probe.checks.find(({ name }) => pathname === `${path}/${name}`);
    return single && alone(single.trouble(facts));
  };
}

type Finding = Readonly<{ name: string; trouble: string | undefined }>;

const examine = (checks: readonly Check[], facts: Facts): Finding[] =>
  checks.map(({ name, trouble }) => ({ name, trouble: trouble(facts) }));

function listing(
  { endpoint }: Probe,
  query: URLSearchParams,
  findings: readonly Finding[],
  noteTrouble: (findings: readonly Finding[]) => void,
): Response {
  const excluded = new Set(query.getAll("exclude").flatMap((names) => names.split(",")));
  const counted = findings.filter(({ name }) => !excluded.has(name));
  noteTrouble(counted);
  const failed = counted.some(({ trouble }) => trouble !== undefined);
  if (!failed && !query.has("verbose")) return plain(200, "ok");
  const unknown = [...excluded].filter((wanted) => !findings.some(({ name }) => name === wanted));
  const lines = findings.map((finding) => line(finding, excluded)).concat(warning(unknown));
  const verdict = `${endpoint} check ${failed ? "failed" : "passed"}`;
  return plain(failed ? 500 : 200, [...lines, verdict, ""].join("\n"));
}

function line({ name, trouble }: Finding, excluded: ReadonlySet<string>): string {
  if (excluded.has(name)) return `[+]${name} excluded: ok`;
  return trouble === undefined ? `[+]${name} ok` : `[-]${name} failed: reason withheld`;
}

function warning(unknown: readonly string[]): string[] {
  if (unknown.length === 0) return [];
  const names = unknown.map((name) => JSON.stringify(name)).join(",");
  return [`warn: some health checks cannot be excluded: no matches for ${names}`];
}

const alone = (trouble: string | undefined): Response =>
  trouble === undefined ? plain(200, "ok") : plain(500, `internal server error: ${trouble}\n`);

/** A line when a check begins to fail and one when it recovers, however often it is asked. */
function createTroubleLog(endpoint: string, log: Log): (findings: readonly Finding[]) => void {
  const failing = new Set<string>();
  return (findings) => {
    for (const { name, trouble } of findings) {
      if (trouble !== undefined && !failing.has(name))
        log("warn", "a health check fails", { endpoint, check: name, trouble });
      if (trouble === undefined && failing.has(name))
        log("info", "a health check passes again", { endpoint, check: name });
      if (trouble === undefined) failing.delete(name);
      else failing.add(name);
    }
  };
}
