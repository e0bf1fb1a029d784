/**
 * What a policy's replicas were worth against a load: the figures that a simulation and a replay print.
 *
 * Invariant: every span of time is counted once; what cannot be known (usage pinned at a limit hides what was
 * asked for) is counted apart and never as good.
 */
import type { Millis } from "../base/units.ts";

/** How things stood for a span of time. */
export type Standing = Readonly<{
  span: Millis;
  /** Pods that are paid for. */
  replicas: number;
  ready: number;
  /** What the load asks of all pods together, in cores. */
  demand: number;
  /** CPU request and limit of a pod, in cores; no limit: undefined. */
  request: number;
  limit: number | undefined;
  /** Whether the count is at its maximum. */
  atMax: boolean;
}>;

export type Figures = Readonly<{
  hours: number;
  replicas: Readonly<{ min: number; mean: number; max: number }>;
  podHours: number;
  /** Requested. */
  coreHours: number;
  /** Asked for by the load. */
  demandCoreHours: number;
  /** The load asked for more than 90 % of what the ready pods request. */
  shortMinutes: number;
  atMaxMinutes: number;
  /** Usage was at the limits of all pods: what was asked for beyond them, nobody saw. */
  censoredMinutes: number;
  increases: number;
  decreases: number;
  /** Changes of direction within 10 minutes. */
  reversals: number;
}>;

/** Above this part of the request latency grows: our decision, after the benchmark protocol's ρ* = 0.9. */
const SHORT_ABOVE = 0.9;
/** As the rail `censored-demand` has it. */
const CENSORED_FROM = 0.95;
const REVERSAL_WITHIN_MS = 600_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

export class Tally {
  #elapsed = 0;
  #podMs = 0;
  #coreMs = 0;
  #demandMs = 0;
  readonly #bad = { short: 0, atMax: 0, censored: 0 };
  readonly #changes = { increases: 0, decreases: 0, reversals: 0 };
  #range: Readonly<{ min: number; max: number }> | undefined;
  #last: number | undefined;
  #turned: Readonly<{ at: number; up: boolean }> | undefined;

  /** In the order of time. */
  add({ span, replicas, ready, demand, request, limit, atMax }: Standing): void {
    this.#change(replicas);
    this.#podMs += replicas * span;
    this.#coreMs += replicas * request * span;
    this.#demandMs += demand * span;
    const short = demand > SHORT_ABOVE * ready * request;
    if (short) this.#bad.short += span;
    if (atMax) this.#bad.atMax += span;
    if (limit !== undefined && demand >= CENSORED_FROM * ready * limit) this.#bad.censored += span;
    this.#elapsed += span;
  }

  figures(): Figures {
    const { min = 0, max = 0 } = this.#range ?? {};
    const mean = this.#elapsed === 0 ? 0 : this.#podMs / this.#elapsed;
    return {
      hours: this.#elapsed / HOUR_MS,
      replicas: { min, mean, max },
      podHours: this.#podMs / HOUR_MS,
      coreHours: this.#coreMs / HOUR_MS,
      demandCoreHours: this.#demandMs / HOUR_MS,
      shortMinutes: this.#bad.short / MINUTE_MS,
      atMaxMinutes: this.#bad.atMax / MINUTE_MS,
      censoredMinutes: this.#bad.censored / MINUTE_MS,
      ...this.#changes,
    };
  }

  #change(replicas: number): void {
    const last = this.#last ?? replicas;
    const { min, max } = this.#range ?? { min: replicas, max: replicas };
    this.#range = { min: Math.min(min, replicas), max: Math.max(max, replicas) };
    this.#last = replicas;
    if (replicas === last) return;
    const up = replicas > last;
    this.#changes[up ? "increases" : "decreases"] += 1;
    const before = this.#turned;
    if (before !== undefined && before.up !== up && this.#elapsed - before.at < REVERSAL_WITHIN_MS)
      this.#changes.reversals += 1;
    this.#turned = { at: this.#elapsed, up };
  }
}
