/**
 * Another installation of this operator at work on the same policies: a status of its making that is newer
 * than one of ours. Replicas of one installation share a Lease, and so the name that they leave in a status.
 *
 * Invariant: an installation that is gone is never seen, whatever it left behind: who wrote before we did is
 * history, and only who writes after us is there. Until we have written once, nobody is seen.
 */
import type { Uid } from "../base/ids.ts";
import { hasReached } from "../base/resource-version.ts";
import { elapsed, minutes, type MonoMillis } from "../base/units.ts";
import type { PolicyObject } from "../cluster/workload.ts";
import { installationOf } from "../policy/parse-status.ts";

/** Figures that move are written every minute and a half: who has not for five is gone. */
const GONE_AFTER = minutes(5);

type Sighting = Readonly<{ name: string; at: MonoMillis }>;

export class OtherInstallations {
  readonly #own: string;
  /** The version that our latest status of a policy made. */
  readonly #written = new Map<Uid, string>();
  readonly #seen = new Map<Uid, Sighting>();

  /** `own`: the name that we leave in each status. */
  constructor(own: string) {
    this.#own = own;
  }

  /** The API server has taken a status of ours. */
  wrote(policy: Uid, resourceVersion: string): void {
    this.#written.set(policy, resourceVersion);
  }

  /** The watch shows a policy. Whether that tells of an installation that was not there before. */
  saw({ meta, status }: PolicyObject, now: MonoMillis): boolean {
    const name = installationOf(status);
    const written = this.#written.get(meta.uid);
    if (name === undefined || name === this.#own || written === undefined) return false;
    if (hasReached(meta.resourceVersion, written) !== true) return false;
    const isNew = this.at(meta.uid, now) === undefined;
    this.#seen.set(meta.uid, { name, at: now });
    return isNew;
  }

  /** The other installation that is at work on this policy, if any. */
  at(policy: Uid, now: MonoMillis): string | undefined {
    const seen = this.#seen.get(policy);
    return seen !== undefined && elapsed(seen.at, now) < GONE_AFTER ? seen.name : undefined;
  }

  forget(policy: Uid): void {
    this.#written.delete(policy);
    this.#seen.delete(policy);
  }

  clear(): void {
    this.#written.clear();
    this.#seen.clear();
  }
}
