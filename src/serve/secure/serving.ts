/**
 * The secure side, tied together: certificate, trust, the port, and the APIServices that lead to it.
 *
 * Invariant: the port answers from the start. Whom it believes and what it shows are learnt as they come,
 * and `trouble` says what is still missing.
 */
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import type { Meter } from "../../base/meter.ts";
import type { WriteOutcome } from "../../base/outcome.ts";
import { minutes, type Millis } from "../../base/units.ts";
import { Authenticator } from "../aggregated/access/authentication.ts";
import { Authorizer } from "../aggregated/access/authorization.ts";
import type { AccessPort, TrustPort } from "../aggregated/access/port.ts";
import { TokenReviews } from "../aggregated/access/token-reviews.ts";
import type { ApiRoutes } from "../aggregated/routes.ts";
import { issueAuthority, issueServer } from "../certificate/issue.ts";
import type { Material, MaterialSource } from "../certificate/port.ts";
import type { MetricsApiMode, Standing } from "../registration/decide.ts";
import { runRegistrar } from "../registration/keeper.ts";
import type { RegistrationPort, ServiceRef } from "../registration/port.ts";
import { explain, isStayingOut, type StayingOut } from "../registration/staying-out.ts";
import { type AnsweringParts, createAnswering } from "./answering.ts";
import { type KeyPair, listenSecurely, type SecureListening } from "./listen.ts";

export type ServingPorts = Readonly<{
  access: AccessPort;
  trust: TrustPort;
  material: MaterialSource;
  registration: RegistrationPort;
  /** Tells the cluster why the API is not announced. */
  tellStayingOut(standing: StayingOut): Promise<WriteOutcome>;
}>;

export type ServingSetup = Readonly<{
  host: string;
  port: number;
  mode: MetricsApiMode;
  /** The Service that leads here. */
  service: ServiceRef;
  inFlightMax: number;
  /** How long new connections are taken after the end was announced, while clients learn of it. */
  lingerFor: Millis;
}>;

export type ServingParts = Readonly<{
  ports: ServingPorts;
  setup: ServingSetup;
  clock: Clock;
  log: Log;
  meter: Meter;
  api: ApiRoutes;
  /** Served versions of the group. */
  versions: readonly string[];
  pages: Pick<AnsweringParts, "open" | "pages">;
  leads(): boolean;
  hasFigures(): boolean;
}>;

export type Serving = Readonly<{
  listening: SecureListening;
  /** What is missing before requests can be answered; undefined: nothing. */
  trouble(): string | undefined;
  /** Runs until `signal` aborts and the last client has gone. */
  run(signal: AbortSignal): Promise<void>;
}>;

/** `signal` announces the end. */
export async function openServing(parts: ServingParts, signal: AbortSignal): Promise<Serving> {
  const { ports, setup, clock, log, meter, api, pages } = parts;
  const authenticator = new Authenticator(new TokenReviews(ports.access, clock), clock, (disbelief) =>
    log("warn", "a caller speaks for others and is not believed", disbelief),
  );
  const authorizer = new Authorizer(ports.access, clock);
  const answer = createAnswering({
    ...pages, clock, meter, authenticator, authorizer, api, inFlightMax: setup.inFlightMax,
  }); // prettier-ignore
  const closing = new AbortController();
  const listening = await listenSecurely({
    host: setup.host,
    port: setup.port,
    keyPair: makeshift(clock),
    answer,
    signal: closing.signal,
    leaving: () => signal.aborted,
    log,
  });
  const state = new Learnt(listening, authenticator, log);
  return {
    listening,
    trouble: () => (setup.mode === "Off" ? undefined : state.missing()),
    async run(ended) {
      await Promise.all([
        ports.trust.followTrust(state.trustListener(), ended),
        ports.material.followMaterial(state.materialListener(), ended),
        runRegistrar(
          {
            ...parts,
            ...setup,
            port: ports.registration,
            wanted: () => state.wanted(setup),
            onStanding: (standing) => tellStanding(standing, parts),
          },
          ended,
        ),
      ]);
      if (setup.lingerFor > 0) await clock.sleep(setup.lingerFor, new AbortController().signal);
      closing.abort();
      if (listening.kind === "listening") await listening.closed;
    },
  };
}

/** What was learnt since the start. */
class Learnt {
  readonly #listening: SecureListening;
  readonly #authenticator: Authenticator;
  readonly #log: Log;
  #material: Material | undefined;
  #trusts = false;
  readonly #troubles = new Map<string, string>();

  constructor(listening: SecureListening, authenticator: Authenticator, log: Log) {
    this.#listening = listening;
    this.#authenticator = authenticator;
    this.#log = log;
  }

  missing(): string | undefined {
    if (this.#material === undefined) return "there is no serving certificate yet";
    return this.#trusts ? undefined : "it is not known yet which front proxy to believe";
  }

  wanted({ service }: ServingSetup) {
    if (this.#material === undefined) return undefined;
    const { authorities } = this.#material;
    return { service, authorities: authorities === "" ? undefined : authorities };
  }

  trustListener(): Parameters<TrustPort["followTrust"]>[0] {
    return {
      believe: (trust) => {
        this.#authenticator.believe(trust);
        this.#trusts = true;
        this.#troubles.delete("trust");
      },
      trouble: (message) => this.#complain("trust", message),
    };
  }

  materialListener(): Parameters<MaterialSource["followMaterial"]>[0] {
    return {
      use: (material) => {
        if (this.#listening.kind === "listening") this.#listening.renew(material);
        this.#material = material;
        this.#troubles.delete("certificate");
      },
      trouble: (message) => this.#complain("certificate", message),
    };
  }

  #complain(topic: string, message: string): void {
    if (this.#troubles.get(topic) === message) return;
    this.#troubles.set(topic, message);
    this.#log("warn", "serving the metrics API has trouble", { topic, problem: message });
  }
}

function tellStanding(standing: Standing, { log, meter, setup, ports }: ServingParts): void {
  meter.set("plimsoll_metrics_api_registered", standing.kind === "ours" ? 1 : 0);
  if (!isStayingOut(standing))
    return log("info", "the metrics API", { mode: setup.mode, standing: standing.kind });
  const { message, fields } = explain(standing);
  log("warn", message, fields);
  void ports.tellStayingOut(standing).then((told) => {
    if (told.kind !== "written") log("warn", "an event could not be written", { problem: told.message });
  });
}

const MAKESHIFT_FOR = minutes(24 * 60);

/** Until the first certificate is known, and for who runs it without one; nobody can verify it. */
function makeshift(clock: Clock): KeyPair {
  const now = clock.wall();
  const validity = { from: now - MAKESHIFT_FOR, until: now + MAKESHIFT_FOR };
  const authority = issueAuthority("plimsoll-makeshift", validity);
  return issueServer(authority, { name: "localhost", hosts: ["localhost", "127.0.0.1"] }, validity);
}
