/**
 * Which containers of a pod were killed, or evicted, for want of memory.
 *
 * Invariant: a kill without a time, or of a container that the spec does not list, is none.
 */
import { readAmount } from "../../../../base/quantity.ts";
import type { EpochMillis } from "../../../../base/units.ts";
import type { OomKill, PodShape } from "../../../../cluster/pod.ts";
import { trimAmounts } from "./amounts.ts";
import { moment, type Raw, record, records, text } from "./raw.ts";

const NO_KILLS: readonly OomKill[] = [];

/**
 * A kill is seen where it is now and where it was last: the state in between, terminated, may never be told.
 * The request is the one that the container ran with, which a resize may have made another than the spec's.
 */
export function oomKills(shape: PodShape, status: Raw): readonly OomKill[] {
  if (status["reason"] === "Evicted") return evictions(shape, status);
  let kills: OomKill[] | undefined;
  for (const list of [status["containerStatuses"], status["initContainerStatuses"]])
    for (const raw of records(list)) {
      const kill = killOf(shape, raw);
      if (kill !== undefined) (kills ??= []).push(kill);
    }
  return kills ?? NO_KILLS;
}

function killOf(shape: PodShape, raw: Raw): OomKill | undefined {
  const at = oomKilledAt(record(raw["state"])) ?? oomKilledAt(record(raw["lastState"]));
  const container = at === undefined ? undefined : countedIn(shape, raw["name"]);
  if (at === undefined || container === undefined) return undefined;
  const inForce = trimAmounts(record(raw["resources"])["requests"]).memory;
  return { container: container.name, at, request: inForce ?? container.requests.memory };
}

const countedIn = ({ containers }: PodShape, wanted: unknown) =>
  containers.find(({ name, role }) => name === wanted && role !== "init");

function oomKilledAt({ terminated }: Raw): EpochMillis | undefined {
  const { reason, finishedAt } = record(terminated);
  return reason === "OOMKilled" ? moment(finishedAt) : undefined;
}

/** A kubelet's words; until 1.26 it wrote "which exceeds its request of". */
const STARVED_OF_MEMORY = /^The node was low on resource: memory\b/;
const OFFENDER = /Container (\S+) was using (\S+), (?:request is|which exceeds its request of) /g;

/**
 * A kubelet whose node runs out of memory fails the pod and names who used more than they had asked for: like
 * the VPA, which reads the same from the Event, what was used counts in the request's place.
 */
function evictions(shape: PodShape, status: Raw): readonly OomKill[] {
  const message = text(status["message"]) ?? "";
  const at = evictedAt(status);
  if (at === undefined || !STARVED_OF_MEMORY.test(message)) return NO_KILLS;
  return Array.from(message.matchAll(OFFENDER)).flatMap(([, name, used]) => {
    const container = countedIn(shape, name);
    const request = readAmount(used);
    return container === undefined || request === undefined
      ? []
      : [{ container: container.name, at, request }];
  });
}

function evictedAt(status: Raw): EpochMillis | undefined {
  const disrupted = records(status["conditions"]).find(({ type }) => type === "DisruptionTarget");
  return moment(disrupted?.["lastTransitionTime"]) ?? moment(status["startTime"]);
}
