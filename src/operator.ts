/**
 * The operator as a process: flags and environment in, the real world made of them, an exit code out.
 *
 * Exit codes: 0 told to end and ended; 1 something broke; 2 wrong flags; 3 no way to the cluster. A cluster
 * that does not answer is waited for, not given up.
 */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { parse as parseYaml } from "yaml";
import type { Log } from "./base/log.ts";
import { runOperator as runComposition, type OperatorSetup, type Secure } from "./compose.ts";
import { type OperatorOptions, type RawFlags, readFlags } from "./operator-flags.ts";
import { createAccessPort } from "./real/apiserver/aggregation/access.ts";
import { createFileMaterial } from "./real/apiserver/aggregation/certificate-files.ts";
import { createRegistrationPort } from "./real/apiserver/aggregation/registrations.ts";
import { createSecretPort } from "./real/apiserver/aggregation/secret.ts";
import { createStandingEvents } from "./real/apiserver/aggregation/standing-event.ts";
import { createTrustPort } from "./real/apiserver/aggregation/trust.ts";
import { createApi, fetchServerVersion } from "./real/apiserver/api.ts";
import { type Connection, loadConnection } from "./real/apiserver/connection/connection.ts";
import { createTransport } from "./real/apiserver/http-transport.ts";
import type { ApiTransport } from "./real/apiserver/transport.ts";
import { createClusterSource, createPodFailureSource } from "./real/apiserver/watch/source.ts";
import { createClock } from "./real/clock.ts";
import { createKubeletCredentials } from "./real/kubelet/credentials.ts";
import { createKubeletSource } from "./real/kubelet/kubelet-source.ts";
import { createLog } from "./real/log.ts";
import { createRandom } from "./real/random.ts";
import type { World } from "./reconcile/world.ts";
import { createKeeper } from "./serve/certificate/keeper.ts";
import type { MaterialSource } from "./serve/certificate/port.ts";
import { METRICS_GROUP } from "./serve/metrics-api/group.ts";
import type { ServingFlags } from "./serve/serving-flags.ts";
import { warningsOnKubeletFlags } from "./scrape/kubelet-flags.ts";
import { VERSION } from "./version.ts";

export const EXIT = { fine: 0, broken: 1, usage: 2, unreachable: 3 } as const;

export type OperatorEnvironment = Readonly<Record<string, string | undefined>>;

/** Where the Lease lives when nothing says otherwise: the namespace of deploy/plimsoll.yaml. */
const OWN_NAMESPACE = "plimsoll-system";
const USER_AGENT = `plimsoll/${VERSION}`;

export type OperatorRun = Readonly<{
  flags: RawFlags;
  /** `process.env`, read nowhere else. */
  environment: OperatorEnvironment;
  /** Aborts when the process is told to end. */
  signal: AbortSignal;
  /** For what is wrong before there is a log. */
  complain(text: string): void;
  /** Where a pod's service account is mounted, if not at the usual place. */
  serviceAccountFolder?: string;
}>;

/** Resolves to the exit code. */
export async function runOperatorCommand(run: OperatorRun): Promise<number> {
  const config = configOf(run.flags);
  const outcome =
    "problem" in config ? invalid(config.problem) : readFlags({ ...config.flags, ...run.flags });
  if (outcome.kind === "invalid") {
    run.complain(`plimsoll operator: ${outcome.problems.join("\n                   ")}\n`);
    return EXIT.usage;
  }
  const { options } = outcome;
  const { log } = createLog(options.logLevel);
  const clock = createClock();
  const loaded = await loadConnection({
    kubeconfig: options.kubeconfig,
    context: options.context,
    environment: run.environment,
    ports: { clock, log },
    ...(run.serviceAccountFolder === undefined ? {} : { serviceAccountFolder: run.serviceAccountFolder }),
  });
  if (loaded.kind === "unusable") {
    log("error", "there is no way to the cluster", { problem: loaded.message });
    return EXIT.unreachable;
  }
  return operate(run, { options, connection: loaded.connection, log });
}

type Parts = Readonly<{ options: OperatorOptions; connection: Connection; log: Log }>;

async function operate({ environment, signal }: OperatorRun, parts: Parts): Promise<number> {
  const { options, connection, log } = parts;
  const identity = `${environment["POD_NAME"] ?? hostname()}_${randomUUID()}`;
  const namespace = options.lease.namespace ?? environment["POD_NAMESPACE"] ?? OWN_NAMESPACE;
  const setup = setupOf(options, { identity, installation: `${namespace}/${options.lease.name}` });
  const transport = createTransport(connection, { userAgent: USER_AGENT });
  const { world, close } = createRealWorld(parts, transport, { setup, namespace });
  log("info", "plimsoll starts", {
    version: VERSION,
    identity: setup.identity,
    server: connection.server.origin,
    credentials: connection.source,
    resolution: `${options.metricResolution / 1000}s`,
    lease: setup.installation,
  });
  for (const warning of warningsOnKubeletFlags(options.kubelet)) log("warn", warning);
  void greet(transport, log);
  const secure = secureOf(options, { transport, identity: setup.identity, namespace, world, log });
  const ending = await runComposition({ world, setup, secure, log, signal });
  await close();
  if (ending.kind === "failed") {
    const port = ending.port === "health" ? options.healthPort : options.serving?.port;
    log("error", `the ${ending.port} port cannot be opened`, { port, problem: ending.message });
    return EXIT.broken;
  }
  log("info", "plimsoll has ended");
  return EXIT.fine;
}

function createRealWorld(
  { options, connection, log }: Parts,
  transport: ApiTransport,
  { setup, namespace }: Readonly<{ setup: OperatorSetup; namespace: string }>,
): Readonly<{ world: World; close(): Promise<void> }> {
  const clock = createClock();
  const random = createRandom();
  const credentials = createKubeletCredentials(options.kubelet, connection.sources, { clock, log });
  const kubelets = createKubeletSource({ flags: options.kubelet, credentials, userAgent: USER_AGENT });
  const world: World = {
    clock,
    random,
    kubelets,
    cluster: createClusterSource({ transport, clock, random, log }),
    failures: createPodFailureSource({ transport, clock, random, log }),
    api: createApi(transport, {
      clock,
      random,
      identity: setup.identity,
      leaseName: options.lease.name,
      leaseNamespace: namespace,
    }),
  };
  return { world, close: async () => void (await Promise.all([kubelets.close(), transport.close()])) };
}

type ServingTools = Readonly<{
  transport: ApiTransport;
  identity: string;
  namespace: string;
  world: World;
  log: Log;
}>;

/** undefined: no secure port. */
function secureOf({ serving }: OperatorOptions, tools: ServingTools): Secure | undefined {
  if (serving === undefined) return undefined;
  const { transport, identity, namespace, world } = tools;
  const group = METRICS_GROUP.name;
  const { mode, host, port, inFlightMax, lingerFor } = serving;
  const service = { namespace, ...serving.service };
  return {
    ports: {
      access: createAccessPort(transport),
      trust: createTrustPort(transport, world),
      registration: createRegistrationPort(transport, { group, owner: OWNER }),
      tellStayingOut: createStandingEvents(transport, { ...world, group, identity }),
      material: materialOf(serving, tools),
    },
    setup: { host, port, mode, service, inFlightMax, lingerFor },
  };
}

/** The ClusterRole of deploy/plimsoll.yaml. */
const OWNER = "plimsoll";

function materialOf(
  { certificate, key, authorities, secret: name, service }: NonNullable<ServingFlags>,
  { transport, namespace, world: { clock }, log }: ServingTools,
): MaterialSource {
  if (certificate !== undefined && key !== undefined)
    return createFileMaterial({ certificate, key, authorities }, clock);
  const host = `${service.name}.${namespace}.svc`;
  const secret = createSecretPort(transport, { namespace, name });
  return createKeeper({ secret, clock, log, hosts: [host, `${service.name}.${namespace}`] });
}

function setupOf(
  options: OperatorOptions,
  names: Pick<OperatorSetup, "identity" | "installation">,
): OperatorSetup {
  const { healthPort, lease, horizontal, vertical, metricResolution, brakes, nodeSelector } = options;
  return {
    ...names,
    election: {
      leaseDuration: lease.duration,
      renewDeadline: lease.renewDeadline,
      retryPeriod: lease.retryPeriod,
    },
    decision: {
      horizontal: { ...horizontal, arithmetic: "exact" },
      vertical,
      resolution: metricResolution,
      brakes: { decrease: brakes.decrease, increase: brakes.increase },
      paced: brakes.writes,
    },
    nodeSelector,
    health: healthPort === undefined ? undefined : { host: "", port: healthPort },
  };
}

/** Says whom we talk to; a server that does not answer yet is no reason to wait. */
async function greet(transport: ApiTransport, log: Log): Promise<void> {
  const version = await fetchServerVersion(transport);
  if (version.kind === "read") log("info", "the API server answers", { version: version.value.gitVersion });
  else
    log("warn", "the API server does not answer as it should; it is asked again until it does", {
      problem: version.message,
    });
}

const invalid = (problem: string): Readonly<{ kind: "invalid"; problems: readonly string[] }> => ({
  kind: "invalid",
  problems: [problem],
});

/** `--config FILE`: the same names as YAML. */
function configOf({ config }: RawFlags): Readonly<{ flags: RawFlags }> | Readonly<{ problem: string }> {
  if (typeof config !== "string" || config === "") return { flags: {} };
  try {
    const written: unknown = parseYaml(readFileSync(config, "utf8")) ?? {};
    if (typeof written === "object" && !Array.isArray(written)) return { flags: written as RawFlags };
    return {
      problem: `--config: ${config} is no list of flags; write one a line, such as metric-resolution: 15s`,
    };
  } catch (error) {
    return { problem: `--config: ${config}: ${error instanceof Error ? error.message : String(error)}` };
  }
}
