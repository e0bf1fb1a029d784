/**
 * A whole scan as KRR makes it: a row per container of each workload, with severities and the score.
 *
 * Invariant: its order is that of namespaces, workloads and containers by name, whatever the figures.
 */
import type { ResourceName } from "../../base/units.ts";
import { isCounted } from "../../usage/history/store.ts";
import { assignPods } from "../evidence/past-pods.ts";
import type { KrrFigure } from "../port.ts";
import type { Subject, SubjectContainer } from "../subject.ts";
import { krrRowSeverity, krrScore, type KrrSeverity } from "./severity.ts";
import { type KrrAllocation, type KrrAnswer, proposeAsKrr } from "./strategy.ts";

export type KrrRow = Readonly<{
  subject: Subject;
  container: string;
  /** Of now; and those that are gone but were seen. */
  pods: readonly string[];
  oldPods: readonly string[];
  current: Readonly<{ requests: KrrAllocation; limits: KrrAllocation }>;
  answer: KrrAnswer;
  severity: KrrSeverity;
}>;

export type KrrScan = Readonly<{ rows: readonly KrrRow[]; score: number; letter: string }>;

export function scanAsKrr(subjects: readonly Subject[], figures: readonly KrrFigure[]): KrrScan {
  const byNamespace = Map.groupBy(subjects, ({ workload }) => workload.namespace);
  const rows = [...byNamespace].flatMap(([namespace, members]) => {
    const here = figures.filter(({ place }) => place.namespace === namespace);
    const assigned = assignPods(members, new Set(here.map(({ place }) => place.pod)));
    return members.flatMap((subject) => rowsOf(subject, assigned.get(subject) ?? [], here));
  });
  const sorted = rows.toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
  return { rows: sorted, ...krrScore(sorted.map(({ severity }) => severity)) };
}

const orderOf = ({ subject: { workload }, container }: KrrRow): string =>
  [workload.namespace, workload.name, workload.kind, container].join("\0");

function rowsOf(subject: Subject, pods: readonly string[], figures: readonly KrrFigure[]): readonly KrrRow[] {
  const mine = new Set(pods);
  const scaledOn = (resource: ResourceName): boolean =>
    subject.scalers.some(({ marks }) => marks.some((mark) => mark.resource === resource));
  return subject.containers
    .filter(({ role }) => isCounted(role))
    .map((container) => {
      const answer = proposeAsKrr({
        pods: figures
          .filter(({ place }) => place.container === container.name && mine.has(place.pod))
          .map(({ pod }) => pod),
        scaledOn: { cpu: scaledOn("cpu"), memory: scaledOn("memory") },
      });
      const current = { requests: inCores(container.requests), limits: inCores(container.limits) };
      return {
        subject,
        container: container.name,
        pods: subject.pods,
        oldPods: pods.filter((pod) => !subject.pods.includes(pod)),
        current,
        answer,
        severity: krrRowSeverity(current, answer),
      };
    });
}

const inCores = ({ cpu, memory }: SubjectContainer["requests"]): KrrAllocation => ({
  cpu: cpu === undefined ? undefined : cpu / 1000,
  memory,
});
