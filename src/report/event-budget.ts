/**
 * How many Events may be sent. A reason that flaps would otherwise tell of itself with every decision.
 *
 * Invariant: no policy and not all policies together send more than their limit; what is over it is
 * dropped, for Events are never state.
 */
import type { ObjectKey } from "../base/ids.ts";
import { millis, minutes, type MonoMillis } from "../base/units.ts";
import { type Allowance, leftAt, type Limit } from "../actuate/allowance.ts";

/** The limits of Kubernetes' own recorder, per object. */
const EACH: Limit = { max: 25, period: minutes(5) };
/** Our decision: half of the 20 writes a second that an operator may do in all. */
const TOGETHER: Limit = { max: 10, period: millis(100) };

export class EventBudget {
  readonly #policies = new Map<ObjectKey, Allowance>();
  #total: Allowance | undefined;

  /** Whether one more Event about this policy may be sent now; if so, it is counted. */
  spend(policy: ObjectKey, now: MonoMillis): boolean {
    const own = leftAt(this.#policies.get(policy), now, EACH);
    const total = leftAt(this.#total, now, TOGETHER);
    if (own < 1 || total < 1) return false;
    this.#policies.set(policy, { left: own - 1, at: now });
    this.#total = { left: total - 1, at: now };
    return true;
  }

  forget(policy: ObjectKey): void {
    this.#policies.delete(policy);
  }
}
