/**
 * One container of one workload: what it asks for, what it uses, what it should ask for, and what the
 * difference costs or risks.
 *
 * Invariant: an amount that is not set is undefined and one that is not known has a reason; waste and
 * increase are two figures, never one.
 */
import type { RequestAmounts, ResourceName } from "../base/units.ts";
import type { Confidence } from "./evidence/confidence.ts";
import { confidenceOf, daysSeen } from "./evidence/confidence.ts";
import type { ContainerUsage } from "./evidence/collector.ts";
import type { Figures } from "./evidence/figures.ts";
import { shareAbove } from "./evidence/figures.ts";
import type { Level } from "./judge/level.ts";
import { worstOf } from "./judge/level.ts";
import { addCents, type Cents, monthly, NO_CENTS, type Prices } from "./judge/money.ts";
import { type Risk, riskOf } from "./judge/risk.ts";
import { SIGNIFICANT, wasteOf } from "./judge/waste.ts";
import type { SubjectContainer } from "./subject.ts";

export const RESOURCES: readonly ResourceName[] = ["cpu", "memory"];

/** What is recommended for a container, by whom, from how many days; or why nothing is. */
export type Advice =
  | Readonly<{ kind: "advice"; by: "operator" | "report"; amounts: RequestAmounts; days: number }>
  | Readonly<{ kind: "none"; because: "no-samples" | "policy-off" | "not-counted" }>;

/** `over`: asks for more than it needs. `fits`: within 10 %, or nothing that was used asks for more. */
export type Direction = "over" | "under" | "fits" | "unset" | "unknown";

/** Amounts in millicores and in bytes. */
export type ResourceRow = Readonly<{
  resource: ResourceName;
  request: number | undefined;
  limit: number | undefined;
  usage: Figures | undefined;
  recommended: number | undefined;
  direction: Direction;
  /** Of the request, a month, over all replicas. */
  cost: Cents;
  waste: Readonly<{ level: Level; cents: Cents }>;
  /** What the request lacks, a month; its own figure. */
  increase: Cents;
  risk: Risk;
  /** The part of samples over the request now, and over the recommendation. */
  exceeded: Readonly<{ now: number | undefined; after: number | undefined }>;
}>;

export type Row = Readonly<{
  container: string;
  role: SubjectContainer["role"];
  resources: Readonly<Record<ResourceName, ResourceRow>>;
  /** The worse of both resources. */
  waste: Level;
  risk: Level;
  confidence: Confidence;
  advice: Advice;
  restarts: number;
  oomKills: number;
}>;

export type RowQuestion = Readonly<{
  container: SubjectContainer;
  usage: ContainerUsage | undefined;
  advice: Advice;
  /** Pods that are paid for, on the average. */
  replicas: number;
  prices: Prices;
}>;

export function makeRow(question: RowQuestion): Row {
  const { container, usage, advice } = question;
  const days = advice.kind === "advice" && advice.by === "operator" ? advice.days : 0;
  const confidence = confidenceOf(Math.max(days, usage === undefined ? 0 : daysSeen(usage.span)));
  const [cpu, memory] = [
    resourceRow("cpu", question, confidence),
    resourceRow("memory", question, confidence),
  ];
  return {
    container: container.name,
    role: container.role,
    resources: { cpu, memory },
    waste: worstOf([cpu.waste.level, memory.waste.level]),
    risk: worstOf([cpu.risk.level, memory.risk.level]),
    confidence,
    advice,
    restarts: container.restarts,
    oomKills: container.oomKills.length,
  };
}

function resourceRow(resource: ResourceName, question: RowQuestion, confidence: Confidence): ResourceRow {
  const { container, usage, advice } = question;
  const figures = usage?.[resource];
  const [request, limit] = [container.requests[resource], container.limits[resource]];
  const recommended = advice.kind === "advice" ? advice.amounts[resource] : undefined;
  const direction = directionOf({ request, recommended, max: figures?.max });
  const priced = (amount: number): Cents => monthly(amount, { ...question, resource });
  const exceeds = (bound: number | undefined): number | undefined =>
    figures === undefined || bound === undefined ? undefined : shareAbove(figures, bound);
  return {
    resource,
    request,
    limit,
    usage: figures,
    recommended,
    direction,
    cost: priced(request ?? 0),
    ...differenceOf({ direction, request: request ?? 0, recommended: recommended ?? 0 }, priced),
    risk: riskOf({
      resource,
      figures,
      request,
      limit,
      oomKills: container.oomKills.length,
      confidence: confidence.fraction,
    }),
    exceeded: { now: exceeds(request), after: exceeds(recommended) },
  };
}

type Difference = Readonly<{ direction: Direction; request: number; recommended: number }>;

/** What is too much, or what lacks; never both. */
function differenceOf(
  { direction, request, recommended }: Difference,
  priced: (amount: number) => Cents,
): Pick<ResourceRow, "waste" | "increase"> {
  if (direction === "unknown") return { waste: { level: "unknown", cents: NO_CENTS }, increase: NO_CENTS };
  if (direction === "over") {
    const cents = priced(request - recommended);
    return {
      waste: { level: wasteOf({ part: 1 - recommended / request, cents }), cents },
      increase: NO_CENTS,
    };
  }
  const increase = direction === "fits" ? NO_CENTS : priced(recommended - request);
  return { waste: { level: "none", cents: NO_CENTS }, increase };
}

/** A recommendation may be larger for a minimum alone: where nothing that was seen asks for it, it fits. */
const MARGIN = 1.15;

function directionOf({
  request,
  recommended,
  max,
}: Readonly<{
  request?: number | undefined;
  recommended?: number | undefined;
  max?: number | undefined;
}>): Direction {
  if (recommended === undefined) return "unknown";
  if (request === undefined || request === 0) return "unset";
  if (Math.abs(recommended - request) < SIGNIFICANT * request) return "fits";
  if (recommended < request) return "over";
  return max !== undefined && max * MARGIN <= request ? "fits" : "under";
}

export const costOf = ({ resources: { cpu, memory } }: Row): Cents => addCents(cpu.cost, memory.cost);
export const wasteCents = ({ resources: { cpu, memory } }: Row): Cents =>
  addCents(cpu.waste.cents, memory.waste.cents);
export const increaseCents = ({ resources: { cpu, memory } }: Row): Cents =>
  addCents(cpu.increase, memory.increase);
