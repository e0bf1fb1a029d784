/**
 * What the operator's flags say of the secure port, and what is wrong with values that are well formed each
 * by itself.
 */
import type { Millis } from "../base/units.ts";
import type { MetricsApiMode } from "./registration/decide.ts";

/** undefined: the secure port is closed. */
export type ServingFlags =
  | Readonly<{
      mode: MetricsApiMode;
      port: number;
      host: string;
      certificate: string | undefined;
      key: string | undefined;
      authorities: string | undefined;
      secret: string;
      service: Readonly<{ name: string; port: number }>;
      inFlightMax: number;
      lingerFor: Millis;
    }>
  | undefined;

/** Each rule with whether it is broken. */
export function servingRules(
  flags: ServingFlags,
  healthPort: number | undefined,
): readonly (readonly [broken: boolean, problem: string])[] {
  if (flags === undefined) return [];
  const { port, certificate, key, authorities, inFlightMax, service } = flags;
  return [
    [port > 65_535, "--secure-port must be a port, from 1 to 65535, or 0"],
    [service.port < 1 || service.port > 65_535, "--service-port must be a port, from 1 to 65535"],
    [port === healthPort, "--secure-port and --health-port must differ"],
    [
      (certificate === undefined) !== (key === undefined),
      "--tls-cert-file and --tls-private-key-file go together",
    ],
    [authorities !== undefined && certificate === undefined, "--tls-ca-file goes with --tls-cert-file"],
    [inFlightMax < 1, "--max-requests-inflight must be at least 1"],
  ];
}
