/**
 * Keeps the APIServices as the mode wants them, for as long as this replica leads.
 *
 * Invariant: every write names the version that the decision was made on, so that nobody else's change is
 * undone.
 */
import { unreachable } from "../../base/assert.ts";
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import type { Failure, WriteOutcome } from "../../base/outcome.ts";
import { seconds } from "../../base/units.ts";
import { type Act, decideRegistration, type Found, type MetricsApiMode, type Standing } from "./decide.ts";
import type { Registration, RegistrationPort, Wanted } from "./port.ts";

export type RegistrarParts = Readonly<{
  port: RegistrationPort;
  clock: Clock;
  log: Log;
  mode: MetricsApiMode;
  versions: readonly string[];
  /** undefined while there is no certificate that clients could verify. */
  wanted(): Wanted | undefined;
  leads(): boolean;
  /** Before that nothing is taken from a server that has some. */
  hasFigures(): boolean;
  /** Whenever it changes. */
  onStanding(standing: Standing): void;
}>;

/** How soon another's coming or going is noticed. */
const LOOK_EVERY = seconds(5);
/** A new leader looks at once: what the old one kept may have to be given back. */
const LEADING_NOTICED_WITHIN = seconds(0.5);

export async function runRegistrar(parts: RegistrarParts, signal: AbortSignal): Promise<void> {
  const memory: Memory = { complain: onceEach(parts.log), missedService: false };
  let told = "";
  while (!signal.aborted) {
    const wanted = parts.leads() ? parts.wanted() : undefined;
    const standing = wanted === undefined ? undefined : await look(parts, wanted, memory);
    if (standing !== undefined && JSON.stringify(standing) !== told) {
      told = JSON.stringify(standing);
      parts.onStanding(standing);
    }
    await parts.clock.sleep(wanted === undefined ? LEADING_NOTICED_WITHIN : LOOK_EVERY, signal);
  }
}

type Complain = (problem: string | undefined) => void;

/** From one look to the next. */
type Memory = {
  readonly complain: Complain;
  missedService: boolean;
};

async function look(parts: RegistrarParts, wanted: Wanted, memory: Memory): Promise<Standing | undefined> {
  const { complain } = memory;
  const found = await findAll(parts, wanted);
  if (found.kind === "not-allowed" && parts.mode === "Off") return { kind: "off" };
  if (found.kind !== "found") {
    complain(found.message);
    return undefined;
  }
  const { standing, acts } = decideRegistration(parts.mode, found, wanted);
  if (mustWait(parts, { standing, acts }, memory)) return undefined;
  const problem = await performAll(parts, acts, wanted);
  complain(problem);
  return problem === undefined ? standing : undefined;
}

type Decision = Readonly<{ standing: Standing; acts: readonly Act[] }>;

/** Nothing is taken over before there are figures, nor given up at the first sign. */
function mustWait({ hasFigures }: RegistrarParts, { standing, acts }: Decision, memory: Memory): boolean {
  if (isFirstMiss(standing, memory) && acts.length > 0) return true;
  return acts.some(({ act }) => act === "take-over") && !hasFigures();
}

/** A text: what went wrong. */
async function performAll(
  { port, log }: RegistrarParts,
  acts: readonly Act[],
  wanted: Wanted,
): Promise<string | undefined> {
  for (const act of acts) {
    const outcome = await perform(port, act, wanted);
    if (outcome.kind !== "written" && outcome.kind !== "conflict") return outcome.message;
    const version = act.act === "create" ? act.version : act.registration.version;
    if (outcome.kind === "written") log("info", "an APIService was changed", { act: act.act, version });
  }
  return undefined;
}

/** Who makes a Service anew is done by the next look, and one answer may be wrong. */
function isFirstMiss({ kind }: Standing, memory: Memory): boolean {
  const missedBefore = memory.missedService;
  memory.missedService = kind === "no-service";
  return memory.missedService && !missedBefore;
}

type Finding =
  (Readonly<{ kind: "found" }> & Found) | Readonly<{ kind: "not-allowed" | "failed"; message: string }>;

/** An installation that never announces may be without the right to look. */
async function findAll({ port, versions, mode }: RegistrarParts, wanted: Wanted): Promise<Finding> {
  const registered = new Map<string, Registration | undefined>();
  for (const version of versions) {
    const read = await port.readRegistration(version);
    if (read.kind !== "read") return failing(read);
    registered.set(version, read.value);
  }
  if (mode === "Off") return { kind: "found", registered, hasService: true };
  const service = await port.hasService(wanted.service);
  return service.kind === "read"
    ? { kind: "found", registered, hasService: service.value }
    : failing(service);
}

const failing = ({ kind, message }: Failure): Finding => ({
  kind: kind === "forbidden" ? "not-allowed" : "failed",
  message,
});

function perform(port: RegistrationPort, act: Act, wanted: Wanted): Promise<WriteOutcome> {
  switch (act.act) {
    case "create":
      return port.createRegistration(act.version, wanted);
    case "update":
      return port.updateRegistration(act.registration, wanted, "as-it-was");
    case "take-over":
      return port.updateRegistration(act.registration, wanted, "remember");
    case "give-back":
      return port.restoreRegistration(act.registration);
    case "remove":
      return port.deleteRegistration(act.registration);
    default:
      return unreachable(act);
  }
}

/** A problem is logged when it begins, not every time it is met. */
function onceEach(log: Log): Complain {
  let last: string | undefined;
  return (problem) => {
    if (problem !== undefined && problem !== last)
      log("warn", "the APIServices of the metrics API cannot be kept", { problem });
    last = problem;
  };
}
