/**
 * Six decisions that a defect can spoil, and what must come out of each for each effect of a defect.
 *
 * Twelve pods on twelve nodes, each at its mark of 300m. Then a defect begins on some nodes, and then the
 * load changes: to what 6 pods need, to what 23 need, or not at all.
 */
import type { Effect } from "./defects.ts";

export const NODES = 12;
export const REPLICAS = 12;
/**
 * By what is true: in cores, and the replicas that bring it to the mark within the tolerance of a tenth.
 *
 *   1.65 cores   5 are at 110 % of the mark, 6 at 92 %
 *   6.75 cores   21 are at 107 %, 25 at 90 %
 */
export const LOADS = {
  falls: { cores: 1.65, fewest: 5, most: 6 },
  rises: { cores: 6.75, fewest: 21, most: 25 },
  stays: { cores: 3.6, fewest: 12, most: 12 },
} as const;

type Outcome =
  /** What is true, as if nothing were wrong. */
  | "true"
  /** A missing pod counts as at its mark when going down, and as idle when going up. */
  | "imputed"
  /** No write at all. */
  | "held"
  /** More replicas: someone says that the load is enormous. */
  | "up"
  /** What is said, which is wrong. */
  | "as-said";

export type Shape = Readonly<{
  name: string;
  load: keyof typeof LOADS;
  /** Nodes on which the defect is. */
  hit: number;
  metric: unknown;
  expected: Readonly<Record<Effect, Outcome>>;
}>;

const UTILIZATION = {
  type: "Resource",
  resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 60 } },
};
const AMOUNT = {
  type: "Resource",
  resource: { name: "cpu", target: { type: "AverageValue", averageValue: "300m" } },
};
const CONTAINER = {
  type: "ContainerResource",
  containerResource: { name: "cpu", container: "app", target: { type: "Utilization", averageUtilization: 60 } },
}; // prettier-ignore

export const SHAPES: readonly Shape[] = [
  { name: "down, one pod hit", load: "falls", hit: 1, metric: UTILIZATION,
    expected: { silent: "imputed", harmless: "true", inflated: "up", believed: "as-said" } },
  { name: "down, a quarter hit", load: "falls", hit: 3, metric: UTILIZATION,
    expected: { silent: "held", harmless: "true", inflated: "up", believed: "as-said" } },
  { name: "down by amount, all hit", load: "falls", hit: 12, metric: AMOUNT,
    expected: { silent: "held", harmless: "true", inflated: "up", believed: "as-said" } },
  { name: "up, one pod hit", load: "rises", hit: 1, metric: UTILIZATION,
    expected: { silent: "imputed", harmless: "true", inflated: "up", believed: "imputed" } },
  { name: "up by a container, a quarter hit", load: "rises", hit: 3, metric: CONTAINER,
    expected: { silent: "imputed", harmless: "true", inflated: "up", believed: "imputed" } },
  { name: "steady, all hit", load: "stays", hit: 12, metric: UTILIZATION,
    expected: { silent: "held", harmless: "true", inflated: "up", believed: "as-said" } },
]; // prettier-ignore

export type Range = Readonly<{ fewest: number; most: number }>;

/** The counts that may come out while the defect lasts. */
export function countsOf(outcome: Outcome, load: Shape["load"]): Range {
  const { fewest, most } = LOADS[load];
  switch (outcome) {
    case "true":
      return { fewest, most };
    case "imputed":
      return load === "falls" ? { fewest, most: REPLICAS - 1 } : { fewest: REPLICAS + 1, most };
    case "held":
      return { fewest: REPLICAS, most: REPLICAS };
    case "up":
      return { fewest: REPLICAS + 1, most: 40 };
    case "as-said":
      return { fewest: 2, most: REPLICAS - 1 };
  }
}
