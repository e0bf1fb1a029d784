/**
 * A call to the simulated API server: half a round trip there, half back, and faults in between.
 *
 * Invariant: what the server does happens at one moment, between the two halves, or not at all.
 */
import type { Failure, WriteOutcome } from "../../base/outcome.ts";
import { assert } from "../../base/assert.ts";
import { millis } from "../../base/units.ts";
import { between, chanceOf } from "../chance.ts";
import type { SimCluster } from "../model/cluster.ts";
import type { ApiCall, Fault } from "./fault.ts";
import { interferenceOf } from "./fault.ts";

/** Makes a call take its time and meets it with faults; `perform` is what happens at the server. */
export type Caller = <T>(call: ApiCall, perform: () => T, signal?: AbortSignal) => Promise<T | Failure>;

/** A conflict answers writes alone, whose outcomes have one. */
type Refusal = Failure | Extract<WriteOutcome, { kind: "conflict" }>;

/** Milliseconds of a round trip. */
const ROUND_TRIP = { min: 2, max: 15 };

export function createCaller(cluster: SimCluster, faults: readonly Fault[]): Caller {
  const { time, seed } = cluster;
  return async (call, perform, signal) => {
    const chance = chanceOf(seed, `${call.verb}/${call.about}/${time.now()}`);
    const half = millis(between(chance, ROUND_TRIP.min, ROUND_TRIP.max) / 2);
    await time.sleep(half, signal);
    const interference = interferenceOf(faults, call);
    if (signal?.aborted === true) return { kind: "unreachable", message: "the request was given up" };
    if (interference?.kind === "instead") return asFailure(interference.failure, call);
    const answer = perform();
    await time.sleep(half, signal);
    if (interference?.kind === "answer-lost") return { kind: "unreachable", message: interference.message };
    return answer;
  };
}

function asFailure(refusal: Refusal, { verb }: ApiCall): Failure {
  assert(refusal.kind !== "conflict" || !verb.startsWith("read"), "only writes meet conflicts");
  return refusal as Failure;
}
