/**
 * The report as JSON and YAML: the schema that docs/report.schema.json publishes, and the way there.
 *
 * Invariants: what is written passes the schema. Amounts are numbers in millicores and bytes, money in units
 * of the currency; `null` is what is not set, and what is not known is absent. Within a version fields are
 * only added.
 */
import { z } from "zod";
import { timeText } from "../../base/rfc3339.ts";
import type { ResourceName } from "../../base/units.ts";
import type { Figures } from "../../rightsizing/evidence/figures.ts";
import type { Finding } from "../../rightsizing/judge/horizontal.ts";
import { LEVELS } from "../../rightsizing/judge/level.ts";
import { type Cents, HOURS_PER_MONTH } from "../../rightsizing/judge/money.ts";
import type { PairAdvice } from "../../rightsizing/judge/pair.ts";
import type { Totals, WorkloadReport } from "../../rightsizing/workload-report.ts";
import type { ResourceRow, Row } from "../../rightsizing/row.ts";
import type { Printed } from "./printed.ts";

const time = z.iso.datetime().describe("RFC 3339, UTC");
const money = z.number().describe("a month, in units of the currency");
const amount = z.number().min(0).describe("millicores of cpu, bytes of memory");
const amountOrUnset = amount.nullable().describe("null: not set");
const level = z.enum(LEVELS);
const fraction = z.number().min(0).max(1);

const totals = z.strictObject({
  requests: money.describe("what all requests cost a month"),
  waste: money.describe("of that, requested and not needed"),
  increase: money.describe("what requests lack; never taken off waste"),
  idleReplicas: money.describe("whole pods that a minimum keeps; may overlap with waste, never add them"),
});

const resource = z.strictObject({
  request: amountOrUnset,
  limit: amountOrUnset,
  usage: z
    .strictObject({
      samples: z.int().min(1),
      p50: amount,
      p90: amount,
      p95: amount,
      p99: amount,
      max: amount,
    })
    .optional()
    .describe("of one pod, over all pods and the whole window; absent: not measured"),
  recommended: amount.optional().describe("absent: none, the container's adviceMissing says why"),
  direction: z.enum(["over", "under", "fits", "unset", "unknown"]),
  requests: money.describe("what the request costs a month, over all replicas"),
  waste: z.strictObject({ level, perMonth: money }),
  increasePerMonth: money,
  risk: z.strictObject({ level, because: z.string() }),
  exceededNow: fraction.optional().describe("part of the samples over the request"),
  exceededAfter: fraction.optional().describe("part of the samples over the recommendation"),
});

const container = z.strictObject({
  name: z.string(),
  role: z.enum(["main", "sidecar", "init"]),
  waste: level,
  risk: level,
  confidence: z.strictObject({
    level: z.enum(["none", "low", "medium", "high"]),
    fraction,
    days: z.number().min(0).describe("days of history, without its gaps"),
  }),
  advisedBy: z.enum(["operator", "report"]).optional().describe("absent: nothing is recommended"),
  adviceMissing: z.enum(["no-samples", "policy-off", "not-counted"]).optional(),
  restarts: z.int().min(0),
  oomKills: z.int().min(0).describe("in the last 14 days, as far as pods show"),
  cpu: resource,
  memory: resource,
});

const scaler = z.strictObject({ kind: z.enum(["HorizontalPodAutoscaler", "ScalePolicy"]), name: z.string() });

const pair = z
  .strictObject({
    scaler,
    resource: z.enum(["cpu", "memory"]),
    container: z.string().optional().describe("absent: the metric follows the whole pod"),
    averageUtilization: z.strictObject({ now: z.number(), after: z.number() }),
    averageValue: amount.describe("what a pod carries at the target, now and then"),
    requests: z.array(z.strictObject({ container: z.string(), amount })),
  })
  .describe("target and requests that go together: averageValue first, then requests, then the percentage");

const finding = z.strictObject({
  kind: z.enum(["min-too-high", "pinned-at-max", "target-unreachable", "never-scaled"]),
  scaler,
  message: z.string(),
  spareReplicas: z.int().min(0),
});

const workload = z.strictObject({
  namespace: z.string(),
  kind: z.string(),
  name: z.string(),
  group: z.string().optional().describe("present with --group-by"),
  replicas: z.strictObject({
    now: z.int().min(0),
    mean: z.number().min(0).optional().describe("over the history; absent: not measured"),
  }),
  waste: level,
  risk: level,
  totals,
  containers: z.array(container),
  pairs: z.array(pair),
  findings: z.array(finding),
});

export const ReportDocument = z
  .strictObject({
    apiVersion: z.literal("report.plimsoll.dev/v1"),
    kind: z.literal("RightsizingReport"),
    generatedAt: time,
    history: z.strictObject({
      source: z.string(),
      from: time.optional().describe("absent: nothing was measured"),
      to: time.optional(),
      stepSeconds: z.number().min(0),
    }),
    prices: z.strictObject({
      currency: z.string(),
      cpuCoreHour: z.number().min(0),
      memoryGiBHour: z.number().min(0),
      hoursPerMonth: z.number(),
      source: z.string(),
      date: z.string(),
    }),
    totals,
    groups: z.array(z.strictObject({ name: z.string(), totals })),
    workloads: z.array(workload).describe("what is at risk first, then by waste"),
    problems: z.array(z.string()).describe("what could not be read"),
  })
  .describe("What `plimsoll report -o json` prints.");
export type ReportDocument = z.infer<typeof ReportDocument>;

/** The published schema, as text. */
export function schemaText(): string {
  return `${JSON.stringify(z.toJSONSchema(ReportDocument, { target: "draft-2020-12" }), undefined, 2)}\n`;
}

export function documentOf({ now, report, prices, history, problems }: Printed): ReportDocument {
  const groupOf = new Map(
    report.groups.flatMap(({ name, workloads }) => workloads.map((one) => [one, name] as const)),
  );
  return {
    apiVersion: "report.plimsoll.dev/v1",
    kind: "RightsizingReport",
    generatedAt: timeText(now),
    history: {
      source: history.source,
      ...(history.span && { from: timeText(history.span.from), to: timeText(history.span.to) }),
      stepSeconds: history.step / 1000,
    },
    prices: { ...prices, hoursPerMonth: HOURS_PER_MONTH },
    totals: totalsOf(report.totals),
    groups: report.groups.map((group) => ({ name: group.name, totals: totalsOf(group.totals) })),
    workloads: report.workloads.map((one) => workloadOf(one, groupOf.get(one))),
    problems: [...problems],
  };
}

const units = (cents: Cents): number => cents / 100;

const totalsOf = ({ cost, waste, increase, idleReplicas }: Totals) => ({
  requests: units(cost),
  waste: units(waste),
  increase: units(increase),
  idleReplicas: units(idleReplicas),
});

function workloadOf(of: WorkloadReport, group: string | undefined): ReportDocument["workloads"][number] {
  return {
    ...of.workload,
    ...(group !== undefined && { group }),
    replicas: {
      now: of.replicas.now,
      ...(of.replicas.mean !== undefined && { mean: round(of.replicas.mean) }),
    },
    waste: of.waste,
    risk: of.risk,
    totals: totalsOf(of.totals),
    containers: of.rows.map(containerOf),
    pairs: of.pairs.map(pairOf),
    findings: of.findings.map(findingOf),
  };
}

function containerOf(row: Row): ReportDocument["workloads"][number]["containers"][number] {
  const { advice, confidence } = row;
  return {
    name: row.container,
    role: row.role,
    waste: row.waste,
    risk: row.risk,
    confidence: { ...confidence, fraction: round(confidence.fraction), days: round(confidence.days) },
    ...(advice.kind === "advice" ? { advisedBy: advice.by } : { adviceMissing: advice.because }),
    restarts: row.restarts,
    oomKills: row.oomKills,
    cpu: resourceOf(row.resources.cpu),
    memory: resourceOf(row.resources.memory),
  };
}

function resourceOf(row: ResourceRow): z.infer<typeof resource> {
  const { usage, recommended, exceeded } = row;
  return {
    request: row.request ?? null,
    limit: row.limit ?? null,
    ...(usage !== undefined && { usage: usageOf(usage, row.resource) }),
    ...(recommended !== undefined && { recommended }),
    direction: row.direction,
    requests: units(row.cost),
    waste: { level: row.waste.level, perMonth: units(row.waste.cents) },
    increasePerMonth: units(row.increase),
    risk: row.risk,
    ...(exceeded.now !== undefined && { exceededNow: round(exceeded.now) }),
    ...(exceeded.after !== undefined && { exceededAfter: round(exceeded.after) }),
  };
}

/** Tenths of a millicore and whole bytes say enough. */
function usageOf({ samples, p50, p90, p95, p99, max }: Figures, of: ResourceName) {
  const say = (value: number): number => (of === "cpu" ? Math.round(value * 10) / 10 : Math.ceil(value));
  return { samples, p50: say(p50), p90: say(p90), p95: say(p95), p99: say(p99), max: say(max) };
}

const pairOf = (of: PairAdvice): ReportDocument["workloads"][number]["pairs"][number] => ({
  scaler: of.scaler,
  resource: of.resource,
  ...(of.container !== undefined && { container: of.container }),
  averageUtilization: of.target,
  averageValue: of.carry,
  requests: [...of.requests],
});

const findingOf = ({ kind, scaler: by, message, spareReplicas }: Finding) => ({
  kind,
  scaler: by,
  message,
  spareReplicas,
});

const round = (value: number): number => Math.round(value * 10_000) / 10_000;
