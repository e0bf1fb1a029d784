/**
 * What the HPA controller remembers of one HPA, in memory alone: recommendations for the windows and scalings for the
 * rates.
 *
 * Invariant: one that was never seen begins with its current count as its only recommendation, so a restart forgets
 * everything else.
 */
import type { EpochMillis, Millis } from "../../../src/base/units.ts";
import { millis, minutes } from "../../../src/base/units.ts";
import { UPSTREAM } from "../../../src/horizontal/arithmetic.ts";
import type { LimitQuestion, ScaleEvent } from "../../../src/horizontal/limit.ts";
import { limitReplicas, limitWithoutBehavior } from "../../../src/horizontal/limit.ts";
import type { Recommendation } from "../../../src/horizontal/stabilize.ts";
import { stabilizeReplicas, stabilizeWithoutBehavior } from "../../../src/horizontal/stabilize.ts";
import type { HorizontalSpec } from "../../../src/policy/policy.ts";

/** `--horizontal-pod-autoscaler-downscale-stabilization`. */
const DOWN_WINDOW: Millis = minutes(5);

export class StockMemory {
  readonly #recommendations: Recommendation[] = [];
  readonly #events: ScaleEvent[] = [];

  /** For asking what would be, without remembering that one asked. */
  copy(): StockMemory {
    const copy = new StockMemory();
    copy.#recommendations.push(...this.#recommendations);
    copy.#events.push(...this.#events);
    return copy;
  }

  begin(current: number, now: EpochMillis): void {
    if (this.#recommendations.length === 0) this.#recommend(current, now);
  }

  /** Where the wish may go now, within windows, rates and bounds; remembers the wish. */
  limit(spec: HorizontalSpec, wish: Readonly<{ current: number; wanted: number; now: EpochMillis }>): number {
    const { minReplicas, maxReplicas, behavior } = spec;
    const { current, wanted, now } = wish;
    const recommendations = [...this.#recommendations];
    const stabilized =
      behavior === undefined
        ? stabilizeWithoutBehavior({ current, desired: wanted, now, recommendations, window: DOWN_WINDOW })
        : stabilizeReplicas({
            current,
            desired: wanted,
            now,
            recommendations,
            upWindow: behavior.scaleUp.stabilizationWindow ?? millis(0),
            downWindow: behavior.scaleDown.stabilizationWindow ?? DOWN_WINDOW,
          });
    this.#recommend(wanted, now);
    const desired = stabilized.replicas;
    const question: LimitQuestion = { current, desired, minReplicas, maxReplicas, now, events: [] };
    if (behavior === undefined) return limitWithoutBehavior(question).replicas;
    return limitReplicas({ ...question, events: this.#events }, behavior, UPSTREAM).replicas;
  }

  remember({ from, to, now }: Readonly<{ from: number; to: number; now: EpochMillis }>): void {
    this.#events.push({
      at: now,
      notBefore: now,
      added: Math.max(0, to - from),
      removed: Math.max(0, from - to),
    });
  }

  #recommend(count: number, now: EpochMillis): void {
    this.#recommendations.push({ at: now, notBefore: now, low: count, high: count });
  }
}
