/**
 * All kinds of faults that a storm is made of. A new row here is in the next storm.
 *
 * Invariant: a kind's name is one word of a scenario's line, and no two kinds share it.
 */
import { must } from "../../base/assert.ts";
import { formatDuration } from "../../base/duration.ts";
import { minutes } from "../../base/units.ts";
import { ANSWER_FAULTS } from "./answer-faults.ts";
import type { FaultPlan, FaultRow, Ground } from "./fault-row.ts";
import { HISTORY_FAULTS } from "./history-faults.ts";
import { NODE_FAULTS } from "./node-faults.ts";
import { PEOPLE_FAULTS } from "./people-faults.ts";
import { PROCESS_FAULTS } from "./process-faults.ts";
import { SAMPLE_FAULTS } from "./sample-faults.ts";
import { WATCH_FAULTS } from "./watch-faults.ts";

export const FAULTS: readonly FaultRow[] = [
  ...NODE_FAULTS,
  ...SAMPLE_FAULTS,
  ...WATCH_FAULTS,
  ...ANSWER_FAULTS,
  ...PROCESS_FAULTS,
  ...HISTORY_FAULTS,
  ...PEOPLE_FAULTS,
];

/** A fault lasts no longer than this unless its row says less. */
export const LONGEST = minutes(10);

export const rowOf = (kind: string): FaultRow =>
  must(
    FAULTS.find((row) => row.kind === kind),
    `${kind} is a kind of fault`,
  );

/** `fault 20m..25m silent-node node-1` */
export const faultText = ({ kind, from, until, on }: FaultPlan): string =>
  `fault ${formatDuration(from)}..${formatDuration(until)} ${kind} ${on}`;

/** Begins and ends by itself in its time. `bitten` hears, once, that it took effect. */
export function schedule(ground: Ground, plan: FaultPlan, bitten: (plan: FaultPlan) => void): void {
  let hasBitten = false;
  const bite = (): void => {
    if (!hasBitten) bitten(plan);
    hasBitten = true;
  };
  ground.time.at(plan.from, () => {
    const end = rowOf(plan.kind).begin(ground, plan, bite);
    ground.time.at(plan.until, end);
  });
}
