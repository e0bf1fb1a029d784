/**
 * Whether a status is worth a write. Its meaning (conditions, counts, acts, whose it is) is written when
 * it changes; figures that move with every decision, seldom.
 *
 * Invariant: a status that says the same thing at another time is not written.
 */
import { type Millis, seconds } from "../base/units.ts";
import type { Condition, ScalePolicyStatus } from "../policy/status.ts";
import type { RequestTexts } from "../policy/vertical/status.ts";

/**
 * Moving figures of one policy are written at most this often. The windows' history is among them, and a gap
 * of up to two minutes is bridged: with a take-over, 17 s, and some seconds of waiting for a turn, none is
 * longer.
 */
export const FIGURES_PERIOD = seconds(90);

/** What a write would tell: something new, or newer figures. */
export type StatusNeed = "meaning" | "figures";

/**
 * Undefined when nothing needs writing. `previous` is the status that was written last (undefined: none yet),
 * `sinceLastWrite` how long ago (undefined: not by this process).
 */
export function needsWriting(
  previous: ScalePolicyStatus | undefined,
  next: ScalePolicyStatus,
  sinceLastWrite: Millis | undefined,
): StatusNeed | undefined {
  if (previous === undefined || !same(meaningOf(previous), meaningOf(next))) return "meaning";
  if (sinceLastWrite !== undefined && sinceLastWrite < FIGURES_PERIOD) return undefined;
  return same(figuresOf(previous), figuresOf(next)) ? undefined : "figures";
}

function meaningOf(status: ScalePolicyStatus): unknown {
  const { installation, observedGeneration, conditions, horizontal, vertical, recentActs } = status;
  return [
    installation,
    observedGeneration,
    conditions.map(({ type, status, reason }: Condition) => [type, status, reason]),
    horizontal?.currentReplicas,
    horizontal?.desiredReplicas,
    horizontal?.lastScaleTime,
    // What is shown has moved by 5 % or stayed (vertical/recommendation.ts). Bounds narrow all through a day.
    vertical?.recommendation?.containerRecommendations.map(
      ({ containerName, target, uncappedTarget, base }) => [
        containerName,
        textsOf(target),
        textsOf(uncappedTarget),
        textsOf(base),
      ],
    ),
    recentActs.map(({ time, what, why }) => [time, what, why]),
  ];
}

/** Everything but the time of the last decision, which moves although nothing does. */
function figuresOf({ conditions, horizontal, vertical, display, lastDecision }: ScalePolicyStatus): unknown {
  const { currentMetrics, history } = horizontal ?? {};
  const messages = conditions.map(({ message }) => message);
  return [messages, currentMetrics, history, vertical, display, lastDecision?.summary];
}

/** In one order, whoever made it. */
const textsOf = ({ cpu, memory }: RequestTexts): unknown => [cpu, memory];

/**
 * The API may order keys otherwise than we do: the figures of a status that was read differ once, no more.
 */
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
