/**
 * What usage asks for, container by container, before any rail: the VPA's four figures, or why there is none.
 */
import type { RequestAmounts } from "../base/units.ts";

export type ContainerRecommendation = Readonly<{
  kind: "recommendation";
  container: string;
  target: RequestAmounts;
  lowerBound: RequestAmounts;
  upperBound: RequestAmounts;
  /** Before minAllowed and maxAllowed. */
  uncappedTarget: RequestAmounts;
  /** The request that it is compared with. */
  base: RequestAmounts;
  /** The VPA's, in days of history; 1 is a day of one sample a minute. */
  confidence: number;
}>;

export type NoRecommendation = Readonly<{
  kind: "none";
  container: string;
  because: "no-samples" | "policy-off" | "not-counted";
}>;

export type VerticalProposal = Readonly<{
  /** In the order of names. */
  containers: readonly (ContainerRecommendation | NoRecommendation)[];
}>;
