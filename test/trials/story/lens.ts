/**
 * What processes see of the cluster through a lens that has one flaw: something goes wrong with one event of one watch.
 *
 *   freeze     nothing more is told, until so many events are held back or its time is over; then all of them are
 *   rewind     it is listed by a server that is so many events behind, and told the rest when its time is over
 *   restart    the process is followed by one whose listings are by such a server
 *   drop       the event is lost; the watch ends some time later, and a listing makes up for it
 *   merge      the event is lost, and the next one of the same object tells all; a listing where none comes
 *   reorder    the event comes after the next one of another object
 *   expire     the watch ends with 410 in place of the event, and a listing follows
 *
 * Invariant: a flaw is over in the end, and by then a process has been told the state as it is. A stream of the API
 * server loses nothing in its middle: what is lost was lost with the stream, so a listing makes up for it.
 */
import { type Millis, seconds } from "../../../src/base/units.ts";
import type { ClusterSource, Kind, Kinds, Listener } from "../../../src/cluster/port.ts";
import type { VirtualTime } from "../../../src/sim/clock.ts";
import type { SimulatedWorld } from "../../../src/sim/world.ts";
import type { History } from "./history.ts";
import { isChange, View } from "./view.ts";

export type Flaw = Readonly<{
  what: "freeze" | "rewind" | "restart" | "drop" | "merge" | "reorder" | "expire";
  kind: Kind;
  /** With which change of the kind it begins, from 0. */
  at: number;
  /** How many events are held back, or how many the server is behind. */
  events: number;
}>;

/** From the loss of events to the listing that makes up for them. */
const MENDING = seconds(30);
/** A watch that says nothing is given up by and by, and a server that is behind catches up. */
export const longestOf = (events: number): Millis => seconds(Math.min(180, 30 + 10 * events));

export class Lens {
  readonly #time: VirtualTime;
  readonly #flaw: Flaw | undefined;
  readonly #histories = new Map<Kind, History<Kinds[Kind]>>();
  /** When each kind has changed. */
  readonly changes = new Map<Kind, Millis[]>();
  /** Called where a restart is the flaw. */
  restart: () => void = () => undefined;
  /** When the flaw began, and when it was over. */
  began: Millis | undefined;
  over: Millis | undefined;

  constructor(time: VirtualTime, flaw: Flaw | undefined) {
    this.#time = time;
    this.#flaw = flaw;
  }

  through(simulated: SimulatedWorld): SimulatedWorld {
    const { cluster } = simulated.world;
    return { ...simulated, world: { ...simulated.world, cluster: this.#over(cluster) } };
  }

  #over(source: ClusterSource): ClusterSource {
    return {
      follow: (kind, listener, signal) => {
        // What is kept under a kind is of that kind.
        const histories = this.#histories as unknown as Map<Kind, typeof view.history>;
        const view = new View(this.#time, listener, () => void (this.over = this.#time.now()));
        const earlier = histories.get(kind);
        histories.set(kind, view.history);
        if (earlier !== undefined && this.#flaw?.what === "restart")
          view.beginBehind(earlier.before(this.#flaw.events), longestOf(this.#flaw.events));
        return source.follow(kind, this.#flawed(kind, view), signal);
      },
    };
  }

  #flawed<K extends Kind>(kind: K, view: View<K>): Listener<Kinds[K]> {
    const apply: Listener<Kinds[K]>["apply"] = (event) => {
      const flaw = isChange(event) ? this.#flawOf(kind) : undefined;
      if (flaw === undefined || !isChange(event)) return view.apply(event);
      this.began = this.#time.now();
      this.#spoil(view, event, flaw);
    };
    return { ...view.listener, apply, hear: () => view.hear() };
  }

  /** Counts a change, and tells whether it is the one. */
  #flawOf(kind: Kind): Flaw | undefined {
    const moments = this.changes.get(kind) ?? [];
    this.changes.set(kind, moments);
    const at = moments.push(this.#time.now()) - 1;
    return this.#flaw?.kind === kind && this.#flaw.at === at ? this.#flaw : undefined;
  }

  #spoil<K extends Kind>(view: View<K>, event: Parameters<View<K>["lose"]>[0], { what, events }: Flaw): void {
    switch (what) {
      case "freeze":
        return view.freeze(event, events, longestOf(events));
      case "rewind":
        return view.rewind(event, events, longestOf(events));
      case "restart":
        view.apply(event);
        return this.restart();
      case "drop":
        return view.lose(event, MENDING);
      case "merge":
        return view.merge(event, MENDING);
      case "reorder":
        return view.reorder(event, MENDING);
      case "expire":
        return view.expire(event);
    }
  }
}
