/**
 * `expect TIME …`: what must be true at a moment, or all through a span of time.
 *
 *   expect 12m        web  replicas=8  because=usage-over-target
 *   expect 12m..20m   web  replicas>=8 writes<=1
 *   expect 24m        rail=hold-on-missing-evidence
 *   expect 30m        web  cpu-target>=300 condition=LowConfidence:HistoryTooShort
 *
 * Invariant: a field that cannot be told is a difference, never a match.
 */
import type { ObjectKey } from "../../base/ids.ts";
import { objectKey } from "../../base/ids.ts";
import type { Millis, ResourceName } from "../../base/units.ts";
import type { DecisionRecord } from "../../report/record.ts";
import type { ContainerRecommendation } from "../../vertical/proposal.ts";
import type { RequestSpan } from "../model.ts";
import { MEBI } from "../model/blueprint.ts";
import type { Line } from "./line.ts";
import { splitName } from "./workload-line.ts";

export type Check = Readonly<{ field: Field; operator: "=" | "<=" | ">="; value: string }>;
export type Expectation = Readonly<{
  line: number;
  from: Millis;
  to: Millis;
  /** The workload and its policy, which share a name; undefined: the only one there is. */
  about: ObjectKey | undefined;
  checks: readonly Check[];
}>;

/** What can be seen of a workload and its policy. */
export type Sight = Readonly<{
  replicas: number;
  pods: number;
  ready: number;
  /** Changes of the replica count that the operator has written. */
  writes: number;
  requests: RequestSpan;
  record: DecisionRecord | undefined;
  /** What the policy's status shows, as TYPE:REASON. */
  conditions: readonly string[];
}>;

const FIELDS = {
  replicas: (sight: Sight) => [sight.replicas],
  pods: (sight: Sight) => [sight.pods],
  ready: (sight: Sight) => [sight.ready],
  writes: (sight: Sight) => [sight.writes],
  /** What the pods have in force, in millicores: the one with the least and the one with the most. */
  "least-cpu": ({ requests }: Sight) => [requests.least],
  "most-cpu": ({ requests }: Sight) => [requests.most],
  /** How often the template was changed. */
  rollouts: ({ requests }: Sight) => [requests.rollouts],
  /** What the last decision wants. */
  desired: ({ record }: Sight) => (record?.verdict.kind === "planned" ? [record.verdict.plan.to] : []),
  /** Why: of the metric that won, or the reason that nothing was decided. */
  because: ({ record }: Sight) => (record === undefined ? [] : becauseOf(record)),
  /** Any rail that moved the last decision. */
  rail: ({ record }: Sight) =>
    record?.verdict.kind === "planned" ? record.verdict.plan.moves.map(({ rail }) => rail) : [],
  /** What is recommended for all containers of a pod together, in millicores and in MiB. */
  "cpu-target": ({ record }: Sight) => targetOf(record, "cpu"),
  "memory-target": ({ record }: Sight) => targetOf(record, "memory").map((bytes) => bytes / MEBI),
  /** The containers that have a recommendation, and CONTAINER:WHY of those that have none. */
  recommends: ({ record }: Sight) => recommendationsOf(record).map(({ container }) => container),
  lacks: ({ record }: Sight) =>
    (record?.vertical?.proposal.containers ?? []).flatMap((one) =>
      one.kind === "none" ? [`${one.container}:${one.because}`] : [],
    ),
  condition: ({ conditions }: Sight) => conditions,
  effect: ({ record }: Sight) => (record?.verdict.kind === "planned" ? [record.verdict.effect.kind] : []),
} satisfies Record<string, (sight: Sight) => readonly (string | number)[]>;
type Field = keyof typeof FIELDS;

const CHECK = /^([a-z-]+)(<=|>=|=)(.+)$/;

export function expectationOf(line: Line): Expectation {
  const [from = "", to = from] = line.word("a time such as 10m, or a span such as 10m..20m").split("..");
  const words = line.rest();
  const first = words[0];
  const about = first === undefined || CHECK.test(first) ? undefined : splitName(first);
  const checks = (about === undefined ? words : words.slice(1)).flatMap((word) => checkOf(line, word));
  if (checks.length === 0) line.complain("`expect` needs something to check, such as replicas=3");
  return {
    line: line.number,
    from: line.durationOf(from),
    to: line.durationOf(to),
    about: about === undefined ? undefined : objectKey(about.namespace, about.name),
    checks,
  };
}

/** What differs, as `replicas is 3, not 8`; undefined when all is as expected. */
export function differenceOf({ checks }: Expectation, sight: Sight): string | undefined {
  const differences = checks.flatMap(({ field, operator, value }) => {
    const seen = FIELDS[field](sight);
    if (seen.some((each) => holds(each, operator, value))) return [];
    return [`${field} is ${seen.join(", ") || "unknown"}, not ${operator === "=" ? "" : operator}${value}`];
  });
  return differences.length === 0 ? undefined : differences.join("; ");
}

function checkOf(line: Line, word: string): Check[] {
  const [, field = "", operator, value] = CHECK.exec(word) ?? [];
  if (isField(field) && value !== undefined && (operator === "=" || operator === "<=" || operator === ">="))
    return [{ field, operator, value }];
  line.complain(`"${word}" is no check; write FIELD=VALUE with one of ${Object.keys(FIELDS).join(", ")}`);
  return [];
}

const isField = (text: string): text is Field => Object.hasOwn(FIELDS, text);

function holds(seen: string | number, operator: Check["operator"], value: string): boolean {
  if (operator === "=") return String(seen) === value;
  return operator === "<=" ? Number(seen) <= Number(value) : Number(seen) >= Number(value);
}

const recommendationsOf = (record: DecisionRecord | undefined): readonly ContainerRecommendation[] =>
  (record?.vertical?.proposal.containers ?? []).filter((one) => one.kind === "recommendation");

function targetOf(record: DecisionRecord | undefined, resource: ResourceName): number[] {
  const amounts = recommendationsOf(record).flatMap(({ target }) => target[resource] ?? []);
  return amounts.length === 0 ? [] : [amounts.reduce<number>((sum, amount) => sum + amount, 0)];
}

function becauseOf({ verdict }: DecisionRecord): string[] {
  if (verdict.kind === "not-decided") return [verdict.why.reason];
  const { metrics, combined } = verdict.plan.proposal;
  if (combined.kind === "failure") return [combined.reason];
  const winner = metrics[combined.winner];
  return winner?.kind === "valid" ? [winner.because] : [];
}
