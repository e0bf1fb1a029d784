/**
 * What may go wrong with the requests as they are: a pod that uses more than it asked for is throttled when
 * its node is full, or evicted, or killed.
 *
 *   what was seen                                       risk
 *   memory: killed for it                               critical
 *   the median usage is over the request                critical
 *   memory within 5 % of the limit                      high
 *   cpu: 5 % of samples within 5 % of the limit         high      it is throttled
 *   over the request in more than 5 % of samples        high
 *   no request: memory, the first to be evicted         high
 *   no request: cpu                                     medium
 *   over the request in more than 1 % of samples        medium
 *   none of these, in half a day of history or more     low
 *   none of these, in less                              unknown
 *
 * Invariant: what was seen counts however short the history; that nothing was seen counts only with one.
 */
import type { ResourceName } from "../../base/units.ts";
import type { Figures } from "../evidence/figures.ts";
import { shareAbove } from "../evidence/figures.ts";
import type { Level } from "./level.ts";

export type RiskReason =
  | "oom-killed"
  | "median-over-request"
  | "near-limit"
  | "often-over-request"
  | "no-request"
  | "sometimes-over-request"
  | "seen-enough"
  | "seen-too-little"
  | "not-measured";

export type Risk = Readonly<{ level: Level; because: RiskReason }>;

export type RiskQuestion = Readonly<{
  resource: ResourceName;
  /** In the unit of the request. */
  figures: Figures | undefined;
  request: number | undefined;
  limit: number | undefined;
  oomKills: number;
  /** `Confidence.fraction`. */
  confidence: number;
}>;

/** A third is half a day of history. */
const ENOUGH = 1 / 3;
const OFTEN = 0.05;
const SOMETIMES = 0.01;
/** So much of a limit is as good as all of it. */
const NEAR = 0.95;

type Rule = Readonly<{ level: Level; because: RiskReason; holds(q: Measured): boolean }>;
type Measured = RiskQuestion & Readonly<{ figures: Figures }>;

/** The first that holds. */
const RULES: readonly Rule[] = [
  {
    level: "critical",
    because: "median-over-request",
    holds: ({ figures, request }) => request !== undefined && figures.p50 > request,
  },
  { level: "high", because: "near-limit", holds: isNearLimit },
  {
    level: "high",
    because: "often-over-request",
    holds: ({ figures, request }) => request !== undefined && shareAbove(figures, request) > OFTEN,
  },
  {
    level: "high",
    because: "no-request",
    holds: ({ request, resource }) => request === undefined && resource === "memory",
  },
  { level: "medium", because: "no-request", holds: ({ request }) => request === undefined },
  {
    level: "medium",
    because: "sometimes-over-request",
    holds: ({ figures, request }) => request !== undefined && shareAbove(figures, request) > SOMETIMES,
  },
  { level: "low", because: "seen-enough", holds: ({ confidence }) => confidence >= ENOUGH },
];

const UNSEEN: Risk = { level: "unknown", because: "seen-too-little" };

export function riskOf(question: RiskQuestion): Risk {
  if (question.resource === "memory" && question.oomKills > 0)
    return { level: "critical", because: "oom-killed" };
  const { figures } = question;
  if (figures === undefined) return { level: "unknown", because: "not-measured" };
  const { level, because } = RULES.find(({ holds }) => holds({ ...question, figures })) ?? UNSEEN;
  return { level, because };
}

function isNearLimit({ resource, figures, limit }: Measured): boolean {
  if (limit === undefined) return false;
  return (resource === "memory" ? figures.max : figures.p95) >= NEAR * limit;
}
