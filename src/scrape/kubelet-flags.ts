/**
 * The flags that say how kubelets are reached, with metrics-server's names, defaults and start-up checks.
 *
 * Invariant: flags without a problem can be acted on; nothing later refuses a combination of them.
 */
import { millis, seconds } from "../base/units.ts";
import type { Millis } from "../base/units.ts";

export type KubeletFlags = Readonly<{
  /** `--kubelet-port` */
  port: number;
  /** `--kubelet-use-node-status-port`: a node's own word on its port wins over `port`. */
  useNodeStatusPort: boolean;
  /** `--kubelet-preferred-address-types`: the first of these that a node has is used. */
  preferredAddressTypes: readonly string[];
  /** `--kubelet-request-timeout`: for the whole of one answer. */
  requestTimeout: Millis;
  /** `--kubelet-insecure-tls`: serving certificates are not checked. */
  insecureTls: boolean;
  /** `--kubelet-certificate-authority`: a file; without it, the CA of the API server's connection. */
  certificateAuthority: string | undefined;
  /** `--kubelet-client-certificate`, `--kubelet-client-key`: files. */
  clientCertificate: string | undefined;
  clientKey: string | undefined;
  /** `--deprecated-kubelet-completely-insecure`: plain HTTP, and no word on who we are. */
  completelyInsecure: boolean;
}>;

export const DEFAULT_KUBELET_FLAGS: KubeletFlags = {
  port: 10_250,
  useNodeStatusPort: false,
  preferredAddressTypes: ["Hostname", "InternalDNS", "InternalIP", "ExternalDNS", "ExternalIP"],
  requestTimeout: seconds(10),
  insecureTls: false,
  certificateAuthority: undefined,
  clientCertificate: undefined,
  clientKey: undefined,
  completelyInsecure: false,
};

/** `--metric-resolution`: metrics-server's default is 60 s, and what everyone runs is its manifest's 15 s. */
export const DEFAULT_RESOLUTION = seconds(15);
/**
 * Our decision; metrics-server refuses less than 10 s. A kubelet measures every 10–20 s
 * whatever we do, but a shorter round still finds the new numbers sooner.
 */
const RESOLUTION_MIN = seconds(1);
/** One answer must fit into a round, with something to spare. */
const TIMEOUT_FRACTION_MAX = 0.9;

const ADDRESS_TYPES = ["Hostname", "InternalDNS", "InternalIP", "ExternalDNS", "ExternalIP"];

type Check = Readonly<{ broken(flags: KubeletFlags, resolution: Millis): boolean; say: string }>;

const CHECKS: readonly Check[] = [
  {
    broken: (_, resolution) => resolution < RESOLUTION_MIN,
    say: `--metric-resolution must be at least ${RESOLUTION_MIN / 1000}s`,
  },
  {
    broken: ({ requestTimeout }) => requestTimeout <= 0,
    say: "--kubelet-request-timeout must be positive, such as 10s",
  },
  {
    broken: ({ requestTimeout }, resolution) => requestTimeout > millis(resolution * TIMEOUT_FRACTION_MAX),
    say: "--kubelet-request-timeout must not exceed 9/10 of --metric-resolution",
  },
  {
    broken: ({ port }) => !Number.isInteger(port) || port < 1 || port > 65_535,
    say: "--kubelet-port must be a port, from 1 to 65535",
  },
  {
    broken: ({ preferredAddressTypes: types }) =>
      types.length === 0 || types.some((type) => !ADDRESS_TYPES.includes(type)),
    say: `--kubelet-preferred-address-types takes ${ADDRESS_TYPES.join(", ")}, separated by commas`,
  },
  {
    broken: ({ certificateAuthority, insecureTls }) => certificateAuthority !== undefined && insecureTls,
    say: "--kubelet-certificate-authority checks certificates and --kubelet-insecure-tls does not; choose one",
  },
  {
    broken: ({ clientCertificate, clientKey }) => clientCertificate !== undefined && clientKey === undefined,
    say: "--kubelet-client-certificate needs --kubelet-client-key",
  },
  {
    broken: ({ clientCertificate, clientKey }) => clientKey !== undefined && clientCertificate === undefined,
    say: "--kubelet-client-key needs --kubelet-client-certificate",
  },
  plainHttpForbids("--kubelet-insecure-tls", ({ insecureTls }) => insecureTls),
  plainHttpForbids("--kubelet-certificate-authority", (flags) => flags.certificateAuthority !== undefined),
  plainHttpForbids("--kubelet-client-certificate", (flags) => flags.clientCertificate !== undefined),
  plainHttpForbids("--kubelet-client-key", (flags) => flags.clientKey !== undefined),
];

/** Everything that is wrong with these flags, one sentence each; empty when nothing is. */
export function problemsOfKubeletFlags(flags: KubeletFlags, resolution: Millis): readonly string[] {
  return CHECKS.filter(({ broken }) => broken(flags, resolution)).map(({ say }) => say);
}

/** What works but should not stay so, one sentence each, to be said loudly at start-up. */
export function warningsOnKubeletFlags({ insecureTls, completelyInsecure }: KubeletFlags): readonly string[] {
  if (completelyInsecure)
    return ["kubelets are read over plain HTTP: anyone on the network can read and change what they say"];
  if (!insecureTls) return [];
  return [
    "certificates of kubelets are not checked: anyone on the network can pose as one and take our token; " +
      "let kubelets request signed certificates (serverTLSBootstrap: true) and drop --kubelet-insecure-tls",
  ];
}

function plainHttpForbids(flag: string, isGiven: (flags: KubeletFlags) => boolean): Check {
  return {
    broken: (flags) => flags.completelyInsecure && isGiven(flags),
    say: `${flag} has no use with --deprecated-kubelet-completely-insecure, which speaks plain HTTP`,
  };
}
