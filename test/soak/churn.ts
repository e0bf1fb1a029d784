/**
 * What goes on in a cluster all day: load that moves, pods that are deleted, releases, people who scale by hand.
 *
 * Invariant: it is the same at every run, for each step follows from its number.
 */
import { setTimeout as wait } from "node:timers/promises";
import type { ApiTransport } from "../../src/real/apiserver/transport.ts";
import type { Place } from "../cluster/manifests.ts";
import { loadWorkload, pathOf, podsOf, send } from "./fleet.ts";

export type Churned = { loads: number; deletes: number; rollouts: number; scales: number };
type Busy = Readonly<{ transport: ApiTransport; places: readonly Place[]; replicas: number }>;

const STEP_MILLIS = 1000;
/** In steps. */
const EVERY = { delete: 3, rollout: 20, scale: 15 };

/** Until `signal` aborts; answers how much there was of each. */
export async function runChurn({ transport, places, replicas }: Busy, signal: AbortSignal): Promise<Churned> {
  const done: Churned = { loads: 0, deletes: 0, rollouts: 0, scales: 0 };
  for (let step = 0; !signal.aborted; step++) {
    const nth = (prime: number): Place => places[(step * prime) % places.length] as Place;
    const turn = Math.floor(step / places.length) + (step % 2);
    await loadWorkload(transport, nth(1), { turn, replicas });
    done.loads++;
    if (step % EVERY.delete === 0) done.deletes += await deleteOnePod(transport, nth(7));
    if (step % EVERY.rollout === 0) done.rollouts += await rollOut(transport, nth(11), step);
    if (step % EVERY.scale === 0) done.scales += await scaleByHand(transport, nth(13), replicas + 1);
    await wait(STEP_MILLIS);
  }
  return done;
}

const oneIf = (status: number): number => (status >= 200 && status < 300 ? 1 : 0);

async function deleteOnePod(transport: ApiTransport, place: Place): Promise<number> {
  const [pod] = await podsOf(transport, place);
  return pod === undefined ? 0 : oneIf(await send(transport, "DELETE", pathOf(place, "pods", pod)));
}

async function rollOut(transport: ApiTransport, place: Place, step: number): Promise<number> {
  const body = { spec: { template: { metadata: { annotations: { release: `${step}` } } } } };
  return oneIf(await send(transport, "PATCH", pathOf(place, "deployments", place.name), body));
}

async function scaleByHand(transport: ApiTransport, place: Place, replicas: number): Promise<number> {
  return oneIf(
    await send(transport, "PATCH", pathOf(place, "deployments", place.name), { spec: { replicas } }),
  );
}
