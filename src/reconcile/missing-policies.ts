/**
 * Policies that the API server did not find, although the watch shows them: one of the two is behind.
 *
 *   404        left-alone   for five minutes: nothing is decided or told
 *   a newer version in the watch, or those five minutes   in-doubt   decided and told, nothing is written
 *   a status that is taken, or five more minutes          known      all is as it was
 *
 * Invariant: after a 404 no target is written for that policy until the API server has taken its status
 * again, or ten minutes have passed without another 404. So a policy that is gone is never acted on, however
 * late its watch is: a version that is new to us may still be older than the deletion.
 */
import type { Uid } from "../base/ids.ts";
import { hasReached } from "../base/resource-version.ts";
import { elapsed, minutes, type MonoMillis } from "../base/units.ts";
import type { Meta } from "../cluster/object.ts";

/** How long the API server's word counts against a watch that shows nothing new. */
const LEFT_ALONE = minutes(5);
/** Where no status can be written at all, a policy is not in doubt for ever. */
const IN_DOUBT_UNTIL = minutes(10);

export type Presence = "known" | "left-alone" | "in-doubt";
type Miss = Readonly<{ resourceVersion: string; at: MonoMillis }>;
type Version = Pick<Meta, "uid" | "resourceVersion">;

export class MissingPolicies {
  readonly #misses = new Map<Uid, Miss>();

  /** The API server does not find this policy; it was asked for this version. */
  missed({ uid, resourceVersion }: Version, at: MonoMillis): void {
    this.#misses.set(uid, { resourceVersion, at });
  }

  /** The API server has found it. Whether that was in doubt. */
  found(policy: Uid): boolean {
    return this.#misses.delete(policy);
  }

  /** What is known of a policy that the watch shows in this version. */
  presenceOf(shown: Version, now: MonoMillis): Presence {
    const miss = this.#misses.get(shown.uid);
    if (miss === undefined) return "known";
    const since = elapsed(miss.at, now);
    if (since >= IN_DOUBT_UNTIL) this.#misses.delete(shown.uid);
    if (since >= IN_DOUBT_UNTIL) return "known";
    return since >= LEFT_ALONE || isNewer(shown, miss) ? "in-doubt" : "left-alone";
  }

  /** Whether the watch now shows a missed policy in a version that is new. */
  reappeared(shown: Version): boolean {
    const miss = this.#misses.get(shown.uid);
    return miss !== undefined && isNewer(shown, miss);
  }

  clear(): void {
    this.#misses.clear();
  }
}

/** Versions that cannot be compared are new when they differ. */
function isNewer({ resourceVersion: shown }: Version, { resourceVersion: missed }: Miss): boolean {
  return shown !== missed && (hasReached(shown, missed) ?? true);
}
