/**
 * What one process can know at a moment: what it was told of each kind and when, its own writes, and what
 * it found of the past when it began to lead.
 *
 * Invariant: it is told of by the process's own ports alone.
 */
import type { ObjectKey } from "../../base/ids.ts";
import { hasReached } from "../../base/resource-version.ts";
import { type Millis, millis, seconds } from "../../base/units.ts";
import type { ClusterSource, Kind } from "../../cluster/port.ts";
import type { TruthOfWrite } from "./observed.ts";

/** After this long the watch is not waited for any more. */
const UNSEEN_MAX = seconds(30);

const FOLLOWED = [
  ["Deployment", "deployments"],
  ["StatefulSet", "statefulsets"],
] as const satisfies readonly (readonly [string, Kind])[];

export class Sender {
  readonly identity: string;
  readonly #now: () => Millis;
  /** Of each kind, as far as it was told, and when. */
  readonly #revisions = new Map<Kind, string>();
  readonly #heard = new Map<Kind, Millis>();
  readonly #ownWrites = new Map<ObjectKey, Readonly<{ at: Millis; resourceVersion: string }>>();
  readonly #past = new Map<ObjectKey, TruthOfWrite["pastFound"]>();
  ledSince: Millis = millis(Number.MAX_SAFE_INTEGER);

  constructor(identity: string, now: () => Millis) {
    this.identity = identity;
    this.#now = now;
  }

  /** Passes everything on, and notes what is told. */
  hearing(source: ClusterSource): ClusterSource {
    return {
      follow: (kind, listener, signal) => {
        const apply: typeof listener.apply = (event) => {
          if ("resourceVersion" in event) this.#revisions.set(kind, event.resourceVersion);
          listener.apply(event);
        };
        const hear = (): void => {
          this.#heard.set(kind, this.#now());
          listener.hear();
        };
        return source.follow(kind, { ...listener, apply, hear }, signal);
      },
    };
  }

  leads(past: ReadonlyMap<ObjectKey, TruthOfWrite["pastFound"]>): void {
    this.ledSince = this.#now();
    this.#past.clear();
    for (const [target, found] of past) this.#past.set(target, found);
  }

  wrote(target: ObjectKey, resourceVersion: string): void {
    this.#ownWrites.set(target, { at: this.#now(), resourceVersion });
  }

  pastOf(target: ObjectKey): TruthOfWrite["pastFound"] {
    return this.#past.get(target) ?? "unclear";
  }

  /** Whether its view of a target is older than its own last write, for less than half a minute. */
  isBehind(target: ObjectKey): boolean {
    const own = this.#ownWrites.get(target);
    const followed = FOLLOWED.find(([word]) => target.includes(`/${word}/`));
    // Of a kind that is not followed, the scale is read anew each time.
    const seen = followed && this.#revisions.get(followed[1]);
    if (own === undefined || seen === undefined || this.#now() - own.at > UNSEEN_MAX) return false;
    return hasReached(seen, own.resourceVersion) === false;
  }

  /** For how long it has not heard of the kind that it heard of least. */
  deafFor(): Millis {
    return millis(this.#now() - Math.min(this.#now(), ...this.#heard.values()));
  }
}
