/**
 * One workload judged: its rows, the pairs that belong to them, what its autoscaler makes of its usage, and
 * what all that costs.
 *
 * Invariants: where someone scales on a utilization, the rows recommend what their pair asks for; rows add up
 * to the totals. Init containers are not in it: they have ended before usage counts.
 */
import { bytes, type EpochMillis, milliCores, type ResourceName } from "../base/units.ts";
import { isCounted } from "../usage/history/store.ts";
import type { ContainerUsage } from "./evidence/collector.ts";
import { type Finding, type FindingContainer, findingsOf } from "./judge/horizontal.ts";
import { compareLevels, type Level, worstOf } from "./judge/level.ts";
import { addCents, type Cents, monthly, NO_CENTS, type Prices } from "./judge/money.ts";
import { type PairAdvice, pairFor } from "./judge/pair.ts";
import {
  type Advice, costOf, type Direction, increaseCents, makeRow, RESOURCES, type Row, wasteCents,
} from "./row.ts"; // prettier-ignore
import type { Subject, SubjectContainer, WorkloadRef } from "./subject.ts";

/** A workload with what was measured of it, by container name. */
export type Observed = Readonly<{
  subject: Subject;
  usage: ReadonlyMap<string, ContainerUsage>;
  advice: ReadonlyMap<string, Advice>;
}>;

export type WorkloadReport = Readonly<{
  workload: WorkloadRef;
  labels: Subject["labels"];
  /** `mean` over what was seen; undefined where nothing was. */
  replicas: Readonly<{ now: number; mean: number | undefined }>;
  waste: Level;
  risk: Level;
  totals: Totals;
  rows: readonly Row[];
  pairs: readonly PairAdvice[];
  findings: readonly Finding[];
}>;

/** A month. */
export type Totals = Readonly<{
  cost: Cents;
  waste: Cents;
  increase: Cents;
  /** Of whole pods that a min keeps. Their requests may be wasted, too: never add the two. */
  idleReplicas: Cents;
}>;

export function judgeWorkload(
  observed: Observed,
  { now, prices }: Readonly<{ now: EpochMillis; prices: Prices }>,
): WorkloadReport {
  const { subject, usage } = observed;
  const mean = meanReplicas(observed);
  const replicas = { now: subject.pods.length, mean };
  const counted = subject.containers.filter(({ role }) => isCounted(role));
  const rowsFor = (advice: Observed["advice"]): readonly Row[] =>
    counted.map((container) =>
      makeRow({
        container,
        usage: usage.get(container.name),
        advice: advice.get(container.name) ?? { kind: "none", because: "no-samples" },
        replicas: mean ?? replicas.now,
        prices,
      }),
    );
  const alone = rowsFor(observed.advice);
  const pairs = pairsOf(subject, counted, alone);
  const rows = pairs.length === 0 ? alone : rowsFor(asPairs(observed.advice, pairs));
  const containers = { cpu: judged("cpu", counted, rows), memory: judged("memory", counted, rows) };
  const findings = subject.scalers.flatMap((scaler) =>
    findingsOf({ now, replicas: replicas.now, scaler, containers }),
  );
  const spare = Math.max(0, ...findings.map(({ spareReplicas }) => spareReplicas));
  return {
    workload: subject.workload,
    labels: subject.labels,
    replicas,
    waste: worstOf(rows.map((row) => row.waste)),
    risk: worstOf(rows.map((row) => row.risk)),
    totals: {
      cost: addCents(...rows.map(costOf)),
      waste: addCents(...rows.map(wasteCents)),
      increase: addCents(...rows.map(increaseCents)),
      idleReplicas: spare === 0 ? NO_CENTS : costOfPods(rows, { replicas: spare, prices }),
    },
    rows: rows.toSorted((a, b) => compareLevels(a.risk, b.risk)),
    pairs: pairs.filter((pair) => isWorthIt(pair, rows)),
    findings,
  };
}

/** What a pair asks for takes the place of what was recommended alone. */
function asPairs(advice: Observed["advice"], pairs: readonly PairAdvice[]): Observed["advice"] {
  const paired = new Map(advice);
  for (const { resource, requests } of pairs)
    for (const { container, amount } of requests) {
      const of = paired.get(container);
      if (of?.kind !== "advice") continue;
      const larger = Math.max(amount, pairedBefore(advice, paired, { container, resource }) ?? 0);
      const amounts =
        resource === "cpu"
          ? { ...of.amounts, cpu: milliCores(larger) }
          : { ...of.amounts, memory: bytes(larger) };
      paired.set(container, { ...of, amounts });
    }
  return paired;
}

/** Of two metrics that follow one container, the one that asks for more. */
function pairedBefore(
  advice: Observed["advice"],
  paired: Observed["advice"],
  { container, resource }: Readonly<{ container: string; resource: ResourceName }>,
): number | undefined {
  const [before, after] = [advice.get(container), paired.get(container)];
  if (before?.kind !== "advice" || after?.kind !== "advice" || before === after) return undefined;
  return before.amounts[resource] === after.amounts[resource] ? undefined : after.amounts[resource];
}

const isWorthIt = ({ resource, requests }: PairAdvice, rows: readonly Row[]): boolean =>
  rows.some(
    ({ container, resources }) =>
      changes(resources[resource].direction) && requests.some((one) => one.container === container),
  );

const changes = (direction: Direction): boolean => direction === "over" || direction === "under";

/** A Job is paid for while it runs, anything else all the time that it exists. */
function meanReplicas({ subject, usage }: Observed): number | undefined {
  const ends = subject.workload.kind === "CronJob" || subject.workload.kind === "Job";
  const means = [...usage.values()].map(({ meanReplicas: { always, whileAny } }) =>
    ends ? always : whileAny,
  );
  return means.length === 0 ? undefined : Math.max(...means);
}

/** The containers with what was measured of them and what they would ask for. */
function judged(
  resource: ResourceName,
  containers: readonly SubjectContainer[],
  rows: readonly Row[],
): readonly FindingContainer[] {
  return containers.map(({ name, role, requests, limits }, at) => {
    const row = rows[at]?.resources[resource];
    return {
      name,
      role,
      request: requests[resource],
      limit: limits[resource],
      recommended: row !== undefined && changes(row.direction) ? row.recommended : requests[resource],
      p90: row?.usage?.p90,
      p95: row?.usage?.p95,
    };
  });
}

/** With our own requests in place, utilization means the base: nothing has to change beside them. */
function pairsOf(
  { scalers, annotated }: Subject,
  counted: readonly SubjectContainer[],
  rows: readonly Row[],
): readonly PairAdvice[] {
  if (annotated) return [];
  return scalers.flatMap((scaler) =>
    scaler.marks.flatMap((mark) => pairFor(mark, scaler, judged(mark.resource, counted, rows)) ?? []),
  );
}

function costOfPods(rows: readonly Row[], of: Readonly<{ replicas: number; prices: Prices }>): Cents {
  return addCents(
    ...rows.flatMap(({ resources }) =>
      RESOURCES.map((resource) => monthly(resources[resource].request ?? 0, { ...of, resource })),
    ),
  );
}
