/**
 * A call to the simulated API server: half a round trip there, half back, and faults in between.
 *
 * Invariants: what the server does happens at one moment, between the two halves, or not at all; a call whose
 * time is over before it arrives is never carried out, and none is waited for longer.
 */
import type { Failure, WriteOutcome } from "../../base/outcome.ts";
import { assert } from "../../base/assert.ts";
import { type Millis, millis } from "../../base/units.ts";
import { between, chanceOf } from "../chance.ts";
import type { SimCluster } from "../model/cluster.ts";
import type { ApiCall, Fault } from "./fault.ts";
import { interferenceOf, slownessOf } from "./fault.ts";

/** Makes a call take its time and meets it with faults; `perform` is what happens at the server. */
export type Caller = <T>(call: ApiCall, perform: () => T, limit?: CallLimit) => Promise<T | Failure>;
/** When the caller gives up. */
export type CallLimit = Readonly<{ signal?: AbortSignal | undefined; within?: Millis }>;

/** A conflict answers writes alone, whose outcomes have one. */
type Refusal = Failure | Extract<WriteOutcome, { kind: "conflict" }>;

/** Milliseconds of a round trip. */
const ROUND_TRIP = { min: 2, max: 15 };
const GIVEN_UP = { kind: "unreachable", message: "the request was given up" } as const;

export function createCaller(cluster: SimCluster, faults: readonly Fault[]): Caller {
  const { time, seed } = cluster;
  return async (call, perform, { signal, within } = {}) => {
    const chance = chanceOf(seed, `${call.verb}/${call.about}/${time.now()}`);
    const trip = between(chance, ROUND_TRIP.min, ROUND_TRIP.max) + slownessOf(faults, call);
    const end = time.now() + (within ?? Infinity);
    /** Half of the way; whether the caller still waits. */
    const travel = async (): Promise<boolean> => {
      await time.sleep(millis(Math.max(0, Math.min(trip / 2, end - time.now()))), signal);
      return signal?.aborted !== true && time.now() < end;
    };
    const isWaiting = await travel();
    const interference = interferenceOf(faults, call);
    if (!isWaiting) return GIVEN_UP;
    if (interference?.kind === "instead") return asFailure(interference.failure, call);
    const answer = perform();
    if (!(await travel())) return GIVEN_UP;
    if (interference?.kind === "answer-lost") return { kind: "unreachable", message: interference.message };
    return answer;
  };
}

function asFailure(refusal: Refusal, { verb }: ApiCall): Failure {
  assert(refusal.kind !== "conflict" || !verb.startsWith("read"), "only writes meet conflicts");
  return refusal as Failure;
}
