/**
 * The flags of `plimsoll operator`, as a table: help, the `--config` file and docs/flags.md come from it.
 * Names are metrics-server's and the HPA controller's where they have one, client-go's for the election.
 *
 * Invariant: a flag that is listed works; whatever is wrong with a value is said at the start, all of it.
 */
import { parseDuration } from "./base/duration.ts";
import { readAmount } from "./base/quantity.ts";
import { bytes, type Millis, milliCores, millis, type RequestAmounts, seconds } from "./base/units.ts";
import { type ServingFlags, servingRules } from "./serve/serving-flags.ts";
import { type KubeletFlags, problemsOfKubeletFlags } from "./scrape/kubelet-flags.ts";

type Shape = "text" | "duration" | "number" | "quantity" | "flag" | "port";
export type Flag = Readonly<{
  name: string;
  short?: string;
  shape: Shape;
  fallback: string | number | boolean;
  meaning: string;
  group: "own" | "serving" | "kubelet" | "horizontal" | "vertical" | "leader election";
}>;

const flagsOf =
  (group: Flag["group"], prefix = "") =>
  (name: string, shape: Shape, fallback: Flag["fallback"], meaning: string): Flag => ({
    name: `${prefix}${name}`,
    shape,
    fallback,
    meaning,
    group,
  });
const own = flagsOf("own");
const serving = flagsOf("serving");
const kubelet = flagsOf("kubelet");
const horizontal = flagsOf("horizontal", "horizontal-pod-autoscaler-");
const vertical = flagsOf("vertical");
const election = flagsOf("leader election", "leader-elect-");

export const OPERATOR_FLAGS: readonly Flag[] = [
  own(
    "kubeconfig",
    "text",
    "",
    "kubeconfig file; without it KUBECONFIG, then the in-cluster service account",
  ),
  own("context", "text", "", "context of the kubeconfig; its current one without"),
  own(
    "metric-resolution",
    "duration",
    "15s",
    "how often each kubelet is asked, and the pace of decisions (at least 1s)",
  ),
  own("health-port", "port", 8080, "port of /livez and /readyz, without TLS, for the kubelet; 0 closes it"),
  own(
    "brake-decreases",
    "flag",
    true,
    "hold back decreases beyond 20 % of all managed replicas in 10 minutes",
  ),
  own(
    "brake-increases",
    "flag",
    true,
    "hold back increases beyond 50 % in 10 minutes when most policies rise at once",
  ),
  own("brake-writes", "flag", true, "write at most 20 workloads a second, increases first"),
  own("log-level", "text", "info", "debug, info, warn or error"),
  own("config", "text", "", "YAML file with the same names; the command line wins"),

  serving(
    "metrics-api",
    "text",
    "Auto",
    "announces metrics.k8s.io: Auto where nobody else does, Always (takes it over), Off (gives it back)",
  ),
  serving("secure-port", "port", 10250, "port of the metrics API and of /metrics, with TLS; 0 closes it"),
  serving("bind-address", "text", "", "address of the secure port; every one without"),
  serving(
    "tls-cert-file",
    "text",
    "",
    "certificate to serve with, read again when it changes; our own without",
  ),
  serving("tls-private-key-file", "text", "", "key of --tls-cert-file"),
  serving(
    "tls-ca-file",
    "text",
    "",
    "who signed --tls-cert-file, for our APIServices; without it their caBundle is left alone",
  ),
  serving(
    "tls-secret",
    "text",
    "plimsoll-tls",
    "Secret, in our namespace, in which our own certificates are kept",
  ),
  serving("service-name", "text", "plimsoll", "Service, in our namespace, that leads to the secure port"),
  serving("service-port", "port", 443, "port of that Service"),
  serving(
    "max-requests-inflight",
    "number",
    400,
    "requests answered at a time; more are told to come back (429)",
  ),
  serving(
    "shutdown-delay-duration",
    "duration",
    "3s",
    "how long connections are still taken after the end was announced; 0s with --metrics-api=Off",
  ),

  kubelet("kubelet-port", "port", 10250, "kubelet port, unless the node's own is used"),
  kubelet("kubelet-use-node-status-port", "flag", true, "use the port that the node publishes in its status"),
  kubelet(
    "kubelet-preferred-address-types",
    "text",
    "InternalIP,ExternalIP,Hostname,InternalDNS,ExternalDNS",
    "node address types, in order of preference",
  ),
  kubelet("kubelet-request-timeout", "duration", "10s", "time limit of one kubelet answer"),
  kubelet("kubelet-insecure-tls", "flag", false, "do not verify kubelets' certificates; for testing only"),
  kubelet(
    "kubelet-certificate-authority",
    "text",
    "",
    "CA file for kubelets' certificates; the cluster CA without",
  ),
  kubelet("kubelet-client-certificate", "text", "", "client certificate file for kubelets"),
  kubelet("kubelet-client-key", "text", "", "client key file for kubelets"),
  kubelet(
    "deprecated-kubelet-completely-insecure",
    "flag",
    false,
    "plain HTTP without identity; for testing only",
  ),
  { ...kubelet("node-selector", "text", "", "label selector of the nodes to ask"), short: "l" },

  horizontal("tolerance", "number", 0.1, "fraction of the target within which nothing changes"),
  horizontal(
    "downscale-stabilization",
    "duration",
    "5m",
    "window of a policy that sets none for scaling down",
  ),
  horizontal(
    "cpu-initialization-period",
    "duration",
    "5m",
    "how long CPU of a starting pod is looked at with care",
  ),
  horizontal(
    "initial-readiness-delay",
    "duration",
    "30s",
    "how long a pod counts as never ready after its start",
  ),

  vertical("pod-recommendation-min-cpu-millicores", "number", 25, "least CPU of a pod, over its containers"),
  vertical("pod-recommendation-min-memory-mb", "number", 250, "least memory of a pod, in MiB"),
  vertical("container-recommendation-max-allowed-cpu", "quantity", "", "most CPU where no maxAllowed is set"),
  vertical("container-recommendation-max-allowed-memory", "quantity", "", "the same of memory"),

  election("resource-name", "text", "plimsoll", "name of the Lease"),
  election(
    "resource-namespace",
    "text",
    "",
    "namespace of the Lease; POD_NAMESPACE, then plimsoll-system without",
  ),
  election("lease-duration", "duration", "15s", "how long a silent holder keeps the Lease"),
  election(
    "renew-deadline",
    "duration",
    "10s",
    "how long a holder may fail to renew before it stops by itself",
  ),
  election("retry-period", "duration", "2s", "pause between attempts"),
];

/** Raw values by flag name, as commander or a YAML file gives them. */
export type RawFlags = Readonly<Record<string, unknown>>;

export type OperatorOptions = Readonly<{
  kubeconfig: string | undefined;
  context: string | undefined;
  metricResolution: Millis;
  healthPort: number | undefined;
  brakes: Readonly<{ decrease: boolean; increase: boolean; writes: boolean }>;
  logLevel: "debug" | "info" | "warn" | "error";
  serving: ServingFlags;
  kubelet: KubeletFlags;
  nodeSelector: string | undefined;
  horizontal: Readonly<{
    tolerance: number;
    downscaleStabilization: Millis;
    cpuInitializationPeriod: Millis;
    initialReadinessDelay: Millis;
  }>;
  /** What the VPA's recommender takes as flags of these names. */
  vertical: Readonly<{
    podMinimum: Required<RequestAmounts>;
    maxAllowed: RequestAmounts;
    roundTo: Required<RequestAmounts>;
  }>;
  lease: Readonly<{
    name: string;
    namespace: string | undefined;
    duration: Millis;
    renewDeadline: Millis;
    retryPeriod: Millis;
  }>;
}>;

export type FlagsOutcome =
  | Readonly<{ kind: "valid"; options: OperatorOptions }>
  | Readonly<{ kind: "invalid"; problems: readonly string[] }>;

/** Reads every flag and checks what goes together; `invalid` lists everything that is wrong. */
export function readFlags(raw: RawFlags): FlagsOutcome {
  const problems = unknownNames(raw);
  const read = readerOf(raw, problems);
  const options = optionsFrom(read);
  if (problems.length === 0) problems.push(...conflicts(options));
  return problems.length === 0
    ? { kind: "valid", options }
    : { kind: "invalid", problems: [...new Set(problems)] };
}

type Reading = Readonly<{
  given(name: string): boolean;
  text(name: string): string;
  optional(name: string): string | undefined;
  duration(name: string): Millis;
  number(name: string): number;
  /** In thousandths; undefined: not given. */
  amount(name: string): number | undefined;
  flag(name: string): boolean;
  choice<T extends string>(name: string, choices: readonly [T, ...T[]]): T;
}>;

function optionsFrom(read: Reading): OperatorOptions {
  const port = read.number("health-port");
  return {
    kubeconfig: read.optional("kubeconfig"),
    context: read.optional("context"),
    metricResolution: read.duration("metric-resolution"),
    healthPort: port === 0 ? undefined : port,
    brakes: {
      decrease: read.flag("brake-decreases"),
      increase: read.flag("brake-increases"),
      writes: read.flag("brake-writes"),
    },
    logLevel: read.text("log-level") as OperatorOptions["logLevel"],
    serving: servingFrom(read),
    kubelet: kubeletFrom(read),
    nodeSelector: read.optional("node-selector"),
    horizontal: {
      tolerance: read.number("horizontal-pod-autoscaler-tolerance"),
      downscaleStabilization: read.duration("horizontal-pod-autoscaler-downscale-stabilization"),
      cpuInitializationPeriod: read.duration("horizontal-pod-autoscaler-cpu-initialization-period"),
      initialReadinessDelay: read.duration("horizontal-pod-autoscaler-initial-readiness-delay"),
    },
    vertical: verticalFrom(read),
    lease: {
      name: read.text("leader-elect-resource-name"),
      namespace: read.optional("leader-elect-resource-namespace"),
      duration: read.duration("leader-elect-lease-duration"),
      renewDeadline: read.duration("leader-elect-renew-deadline"),
      retryPeriod: read.duration("leader-elect-retry-period"),
    },
  };
}

function servingFrom(read: Reading): ServingFlags {
  const port = read.number("secure-port");
  if (port === 0) return undefined;
  const mode = read.choice("metrics-api", MODES);
  return {
    mode,
    port,
    host: read.text("bind-address"),
    certificate: read.optional("tls-cert-file"),
    key: read.optional("tls-private-key-file"),
    authorities: read.optional("tls-ca-file"),
    secret: read.text("tls-secret"),
    service: { name: read.text("service-name"), port: read.number("service-port") },
    inFlightMax: read.number("max-requests-inflight"),
    lingerFor: mode === "Off" ? millis(0) : read.duration("shutdown-delay-duration"),
  };
}

const MODES = ["Auto", "Always", "Off"] as const;

const MEBI = 2 ** 20;

function verticalFrom({ number, amount }: Reading): OperatorOptions["vertical"] {
  const cpu = amount("container-recommendation-max-allowed-cpu");
  const memory = amount("container-recommendation-max-allowed-memory");
  return {
    podMinimum: {
      cpu: milliCores(Math.trunc(number("pod-recommendation-min-cpu-millicores"))),
      memory: bytes(Math.trunc(number("pod-recommendation-min-memory-mb") * MEBI)),
    },
    maxAllowed: {
      ...(cpu === undefined ? {} : { cpu: milliCores(cpu) }),
      ...(memory === undefined ? {} : { memory: bytes(Math.ceil(memory / 1000)) }),
    },
    roundTo: { cpu: milliCores(1), memory: bytes(1) },
  };
}

function kubeletFrom(read: Reading): OperatorOptions["kubelet"] {
  return {
    port: read.number("kubelet-port"),
    useNodeStatusPort: read.flag("kubelet-use-node-status-port"),
    preferredAddressTypes: read.text("kubelet-preferred-address-types").split(","),
    requestTimeout: requestTimeoutFrom(read),
    insecureTls: read.flag("kubelet-insecure-tls"),
    certificateAuthority: read.optional("kubelet-certificate-authority"),
    clientCertificate: read.optional("kubelet-client-certificate"),
    clientKey: read.optional("kubelet-client-key"),
    completelyInsecure: read.flag("deprecated-kubelet-completely-insecure"),
  };
}

/** An answer must fit into a round: where nothing is said, a short resolution shortens the time limit. */
function requestTimeoutFrom(read: Reading): Millis {
  const { given, duration } = read;
  if (given("kubelet-request-timeout")) return duration("kubelet-request-timeout");
  return millis(Math.min(duration("kubelet-request-timeout"), 0.9 * duration("metric-resolution")));
}

function readerOf(raw: RawFlags, problems: string[]): Reading {
  const text = (name: string): string => {
    const value = raw[name] ?? OPERATOR_FLAGS.find((flag) => flag.name === name)?.fallback ?? "";
    return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
      ? String(value)
      : "";
  };
  const checked = <T>(name: string, value: T | undefined, wanted: string, otherwise: T): T => {
    if (value !== undefined) return value;
    problems.push(`--${name}: "${text(name)}" is not ${wanted}`);
    return otherwise;
  };
  return {
    given: (name) => raw[name] !== undefined,
    text,
    optional: (name) => text(name) || undefined,
    duration: (name) =>
      checked(name, parseDuration(text(name)), "a duration such as 15s or 1m30s", seconds(1)),
    number: (name) => checked(name, finite(text(name)), "a number of 0 or more", 0),
    amount: (name) =>
      text(name) === ""
        ? undefined
        : checked<number>(name, readAmount(text(name)), "a quantity such as 2 or 4Gi", 0),
    flag: (name) => checked(name, BOOLEANS[text(name)], "true or false", false),
    choice: (name, choices) =>
      checked(
        name,
        choices.find((one) => one === text(name)),
        `one of ${choices.join(", ")}`,
        choices[0],
      ),
  };
}

const BOOLEANS: Readonly<Record<string, boolean>> = { true: true, false: false };
const DECIMAL = /^(?:\d+|\d*\.\d+)$/;
const finite = (text: string): number | undefined => (DECIMAL.test(text) ? Number(text) : undefined);

function unknownNames(raw: RawFlags): string[] {
  const known = new Set(OPERATOR_FLAGS.map(({ name }) => name));
  return Object.keys(raw)
    .filter((name) => !known.has(name))
    .map((name) => `--${name}: there is no such flag; \`plimsoll operator --help\` lists them`);
}

/** What is wrong with values that are well formed each by itself. */
function conflicts(options: OperatorOptions): string[] {
  const { metricResolution, healthPort, kubelet, lease, logLevel } = options;
  const rules: readonly (readonly [boolean, string])[] = [
    [(healthPort ?? 1) > 65_535, "--health-port must be a port, from 1 to 65535, or 0"],
    [!LEVELS.includes(logLevel), `--log-level takes one of ${LEVELS.join(", ")}`],
    [
      lease.duration <= lease.renewDeadline,
      "--leader-elect-lease-duration must exceed --leader-elect-renew-deadline",
    ],
    [
      lease.renewDeadline <= 1.2 * lease.retryPeriod,
      "--leader-elect-renew-deadline must exceed 1.2 times --leader-elect-retry-period",
    ],
  ];
  const own = [...rules, ...servingRules(options.serving, options.healthPort)]
    .filter(([broken]) => broken)
    .map(([, problem]) => problem);
  return [...problemsOfKubeletFlags(kubelet, metricResolution), ...own];
}

const LEVELS: readonly string[] = ["debug", "info", "warn", "error"];
