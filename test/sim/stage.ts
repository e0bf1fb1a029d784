/**
 * A small simulated world for tests, and ways to look at it.
 */
import type { Kind, Kinds } from "../../src/cluster/port.ts";
import type { WatchEvent } from "../../src/cluster/watch-event.ts";
import type { SimulatedWorld, SimulationOptions } from "../../src/sim/world.ts";
import { createSimulatedWorld } from "../../src/sim/world.ts";

export const never = new AbortController().signal;

export function smallWorld(options: Partial<SimulationOptions> & { nodes?: number } = {}): SimulatedWorld {
  const simulated = createSimulatedWorld({ seed: 1, ...options });
  for (let n = 1; n <= (options.nodes ?? 3); n += 1)
    simulated.model.addNode({ name: `node-${n}`, cores: 16, memory: 64e9 });
  return simulated;
}

/** What the watch of one kind has shown so far: its events, and the objects as they stand. */
export class Watched<K extends Kind> {
  readonly events: WatchEvent<Kinds[K]>[] = [];
  readonly objects = new Map<string, Kinds[K]>();
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  heardCount = 0;

  constructor({ world }: SimulatedWorld, kind: K) {
    const listener = {
      apply: (event: WatchEvent<Kinds[K]>) => this.#apply(event),
      hear: () => void (this.heardCount += 1),
      trouble: () => undefined,
    };
    this.#done = world.cluster.follow(kind, listener, this.#stop.signal);
  }

  all(): Kinds[K][] {
    return [...this.objects.values()];
  }

  stop(): Promise<void> {
    this.#stop.abort();
    return this.#done;
  }

  #apply(event: WatchEvent<Kinds[K]>): void {
    this.events.push(event);
    if (event.kind === "listed" || event.kind === "changed")
      this.objects.set(`${event.object.meta.namespace}/${event.object.meta.name}`, event.object);
    if (event.kind === "deleted") this.objects.delete(event.key);
  }
}
