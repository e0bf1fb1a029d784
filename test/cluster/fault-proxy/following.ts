/**
 * Following a kind, or the Lease, through a proxy that makes one request fail: what is said of it, and what is asked next.
 * Waits are over at once, so that a table of hundreds takes seconds; how long they would have been is told.
 */
import type { Clock } from "../../../src/base/clock.ts";
import type { Kind } from "../../../src/cluster/port.ts";
import { createApi } from "../../../src/real/apiserver/api.ts";
import { createClusterSource } from "../../../src/real/apiserver/watch/source.ts";
import { createClock } from "../../../src/real/clock.ts";
import { createRandom } from "../../../src/real/random.ts";
import { openTransport } from "../open-api.ts";
import { until } from "../followed.ts";
import { type OutcomeName, OUTCOMES, refusal } from "./outcomes.ts";
import type { FaultProxy, Logged } from "./proxy.ts";

/** Which request of a following fails. */
export type Stage = "a listing as a stream" | "a page of a listing" | "a watch";
/** What is asked next. */
export type Next = "a stream" | "pages" | "the same version";
type Reaction = Readonly<{ problem: string | undefined; next: Next }>;

const refused: Readonly<Record<string, string>> = {
  "400": "refused",
  "409 conflict": "refused",
  "409 exists": "refused",
  "413": "refused",
  "415": "refused",
  "422": "refused",
};
/** After these a watch may go on where it was. */
const harmless: Readonly<Record<string, string>> = {
  "401": "unauthorized",
  "403": "forbidden",
  "429": "throttled",
  "429 with Retry-After": "throttled",
  "500": "server-error",
  "503": "server-error",
  "504": "server-error",
  "reset before headers": "unreachable",
  "cut mid-body": "broken-off",
};
const losing: Readonly<Record<string, string>> = {
  "404": "absent",
  "410": "expired",
  "200 with wrong kind": "garbled",
};

const all = (problems: Readonly<Record<string, string>>, next: Next): Record<string, Reaction> =>
  Object.fromEntries(Object.entries(problems).map(([outcome, problem]) => [outcome, { problem, next }]));

type Reactions = Readonly<Record<OutcomeName, Reaction>>;

/** The reactions of src/real/apiserver/watch/machine.ts, as seen from outside. */
export const FOLLOWING: Readonly<Record<Stage, Reactions>> = {
  "a listing as a stream": {
    ...all({ ...harmless, ...losing }, "a stream"),
    // an older server does not know it; that is no trouble
    ...Object.fromEntries(Object.keys(refused).map((name) => [name, { problem: undefined, next: "pages" }])),
  } as Reactions,
  "a page of a listing": all({ ...harmless, ...losing, ...refused }, "pages") as Reactions,
  "a watch": {
    ...all(harmless, "the same version"),
    // this server was found not to stream listings
    ...all({ ...losing, ...refused }, "pages"),
  } as Reactions,
};

export type Following = Readonly<{
  proxy: FaultProxy;
  kubeconfig: string;
  kind: Kind;
  stage: Stage;
  outcome: OutcomeName;
}>;

/** What stands for minutes of silence is not waited for, and not hurried either. */
const PATIENCE_MIN_MILLIS = 60_000;

function hurriedClock(): Clock {
  const clock = createClock();
  return {
    ...clock,
    sleep: (duration, signal) =>
      duration >= PATIENCE_MIN_MILLIS ? clock.sleep(duration, signal) : new Promise(setImmediate),
  };
}

async function followKind({ proxy, kubeconfig, kind, stage, outcome }: Following) {
  const transport = await openTransport(kubeconfig);
  const from = proxy.log.length;
  const refusing = proxy.add({
    match: { verb: "watch", resource: kind },
    fault: { do: "answer", answer: refusal(400, "BadRequest") },
    times: stage === "a listing as a stream" ? 0 : 1,
  });
  const failing = proxy.add({
    match: { verb: stage === "a page of a listing" ? "list" : "watch", resource: kind },
    fault: OUTCOMES[outcome],
    // a GET that was reset is tried once more by itself
    times: outcome === "reset before headers" ? 2 : 1,
  });
  const troubles: string[] = [];
  const waits: number[] = [];
  const end = new AbortController();
  const ports = { transport, clock: hurriedClock(), random: createRandom(), log: () => undefined };
  const listener = {
    apply: () => undefined,
    hear: () => undefined,
    trouble(what: Readonly<{ problem: string; retryIn: number }>) {
      troubles.push(what.problem);
      waits.push(what.retryIn);
    },
  };
  const ended = createClusterSource(ports).follow(kind, listener, end.signal);
  const asked = (): Logged[] => proxy.log.slice(from).filter(({ resource }) => resource === kind);
  const after = (): Logged[] => asked().slice(asked().findLastIndex(({ fault }) => fault !== undefined) + 1);
  await until(() => failing.met() === failing.rule.times && after().some(isRunningWatch));
  end.abort();
  await ended;
  await transport.close();
  for (const rule of [refusing, failing]) rule.lift();
  const [first] = after();
  return { troubles, waits, next: first && nextOf(first) };
}

const isRunningWatch = ({ verb, status }: Logged): boolean => verb === "watch" && status === 200;

function nextOf({ verb, query }: Logged): Next {
  if (verb === "list") return "pages";
  return query.includes("sendInitialEvents") ? "a stream" : "the same version";
}

async function openLease(kubeconfig: string, leaseNamespace: string) {
  const transport = await openTransport(kubeconfig);
  const tools = { clock: hurriedClock(), random: createRandom() };
  const api = createApi(transport, { identity: "watcher", leaseName: "plimsoll", leaseNamespace, ...tools });
  return { api, transport };
}

export const followThrough = { kind: followKind, lease: openLease };
