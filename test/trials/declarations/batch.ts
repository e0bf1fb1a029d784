/**
 * Many policies in one world, each alone in its namespace with a workload to scale, and what is wrong with what
 * the operator made of them.
 *
 * A namespace may hold few pods, so that a policy that wants ten thousand does not make them all.
 */
import { isDeepStrictEqual } from "node:util";
import { must } from "../../../src/base/assert.ts";
import { minutes, seconds } from "../../../src/base/units.ts";
import { parsePolicy, type ParseOutcome } from "../../../src/policy/parse.ts";
import type { ScalePolicySpec } from "../../../src/policy/policy.ts";
import type { ScalePolicyStatus } from "../../../src/policy/status.ts";
import { findReason } from "../../../src/report/reasons.ts";
import { chanceOf } from "../../../src/sim/chance.ts";
import { workload } from "../../../src/sim/model/blueprint.ts";
import type { ScaleWrite } from "../../../src/sim/ports/api.ts";
import type { SimulatedWorld } from "../../../src/sim/world.ts";
import { deploymentCalled, operate, steady } from "../../sim/operating.ts";
import { smallWorld } from "../../sim/stage.ts";

/** What was wrong, each with the spec that it was about. */
export type Finding = Readonly<{ what: string; spec: unknown }>;
export type Tally = {
  refused: number;
  accepted: number;
  written: number;
  writes: number;
  findings: Finding[];
};

type Declared = Readonly<{ namespace: string; spec: unknown; parsed: ParseOutcome }>;

const PODS_MAX = 10;
const WATCHED = minutes(3);
/** Statuses are written five a second. */
const STATUSES_A_SECOND = 5;

/** Specs as the API server would hand them out: plain JSON. */
export async function declare(specs: readonly unknown[], seed: number): Promise<Tally> {
  const simulated = smallWorld({ nodes: 6, seed });
  const declared = specs.map((spec, n): Declared => {
    const plain: unknown = JSON.parse(JSON.stringify(spec ?? null));
    return { namespace: `shop-${n}`, spec: plain, parsed: parsePolicy(plain) };
  });
  for (const each of declared) settle(simulated, each, seed);
  const errors: string[] = [];
  const operator = operate(simulated, {
    log: (level, message, fields) =>
      void (level === "error" && errors.push(`${message} ${JSON.stringify(fields)}`)),
    decision: { brakes: { decrease: false, increase: false } },
  });
  await simulated.time.advance(WATCHED);
  await simulated.time.advance(seconds(declared.length / STATUSES_A_SECOND));
  const ending = await operator.end();
  const findings = [
    ...errors.map((what) => ({ what, spec: undefined })),
    ...(isDeepStrictEqual(ending, { kind: "ended" }) ? [] : [{ what: "did not end", spec: undefined }]),
    ...declared.flatMap((each) => findingsOn(simulated, each)),
  ];
  const { model } = simulated;
  return {
    refused: declared.filter(({ parsed }) => parsed.kind !== "valid").length,
    accepted: declared.filter(({ parsed }) => parsed.kind === "valid").length,
    written: new Set(model.writes().map(({ namespace }) => namespace)).size,
    writes: model.writes().length,
    findings,
  };
}

function settle({ model }: SimulatedWorld, { namespace, spec }: Declared, seed: number): void {
  const chance = chanceOf(seed, namespace);
  const replicas = 1 + Math.floor(chance.next() * 4);
  model.setPodQuota(namespace, PODS_MAX);
  const of = { name: "web", namespace, replicas, ...steady(chance.next() * 2) };
  model.addWorkload(workload(of), "settled");
  model.apply({ kind: "ScalePolicy", metadata: { name: "policy", namespace }, spec });
}

function findingsOn({ model }: SimulatedWorld, { namespace, spec, parsed }: Declared): Finding[] {
  const found = (what: string | undefined): Finding[] => (what === undefined ? [] : [{ what, spec }]);
  const { meta, status } = must(model.policy(namespace, "policy"), "nobody deletes it");
  if (status === undefined) return found("no status at all");
  const shown = status as ScalePolicyStatus;
  const writes = model.writes().filter((write) => write.namespace === namespace);
  return [
    ...found(shown.observedGeneration === meta.generation ? undefined : "a status of another generation"),
    ...shown.conditions.flatMap((condition) => found(wrongCondition(condition))),
    ...found(wrongCount(parsed, shown)),
    ...(parsed.kind === "valid"
      ? [
          ...found(dishonest(parsed.spec, shown)),
          ...writes.flatMap((write) => found(wrongWrite(parsed.spec, write))),
        ]
      : [
          ...found(unnamed(parsed, shown)),
          ...found(writes.length === 0 ? undefined : "written on a refused spec"),
        ]),
  ];
}

/** Four of horizontal and of the whole; five more where the spec is about requests too. */
function wrongCount(parsed: ParseOutcome, { conditions }: ScalePolicyStatus): string | undefined {
  const expected = parsed.kind === "valid" && parsed.spec.vertical !== undefined ? 9 : 4;
  return conditions.length === expected ? undefined : `${conditions.length} conditions, not ${expected}`;
}

/** A reason has its row, and the status that its row says; nobody's status is longer than the API allows. */
function wrongCondition({
  type,
  status,
  reason,
  message,
}: ScalePolicyStatus["conditions"][number]): string | undefined {
  const row = findReason(reason);
  if (row === undefined) return `${type} has no such reason: ${reason}`;
  if (message.length > 32_768) return `${type}'s message has ${message.length} characters`;
  return type !== "Ready" && row.status !== status ? `${type} is ${status} for ${reason}` : undefined;
}

const readyOf = ({ conditions }: ScalePolicyStatus) =>
  must(
    conditions.find(({ type }) => type === "Ready"),
    "Ready is there",
  );

/** A refused spec: not ready, for its reason, with every field that is wrong. */
function unnamed(
  parsed: Exclude<ParseOutcome, { kind: "valid" }>,
  shown: ScalePolicyStatus,
): string | undefined {
  const { status, reason, message } = readyOf(shown);
  const expected = parsed.kind === "invalid" ? "InvalidSpec" : "UnknownField";
  if (status !== "False" || reason !== expected) return `refused as ${status}/${reason}`;
  const fields = parsed.kind === "invalid" ? parsed.problems.map(({ field }) => field) : parsed.fields;
  const missing = fields.filter(
    (field) => !field.startsWith("spec") || !message.includes(field.slice(0, 200)),
  );
  return missing.length === fields.length ? `no field named in: ${message.slice(0, 200)}` : undefined;
}

/** Where requests alone are the matter, they say how ready a policy is. */
function providedOf({ conditions }: ScalePolicyStatus): string {
  const provided = conditions.find(({ type }) => type === "RecommendationProvided");
  return `${provided?.status ?? "no"}/${provided?.reason ?? "RecommendationProvided"}`;
}

/** What Ready must say of an accepted spec, given that the namespace holds the Deployment `web` alone. */
function dishonest(
  { target, mode, horizontal, vertical }: ScalePolicySpec,
  shown: ScalePolicyStatus,
): string | undefined {
  const { status, reason } = readyOf(shown);
  const said = (...expected: readonly string[]): string | undefined =>
    expected.includes(`${status}/${reason}`)
      ? undefined
      : `Ready is ${status}/${reason}, not ${expected.join(" or ")}`;
  if (horizontal === undefined && vertical !== undefined) return said(providedOf(shown));
  if (horizontal === undefined) return said("True/HorizontalOmitted");
  if (!isDeepStrictEqual(target, deploymentCalled("web"))) return said("False/FailedGetScale");
  const unmeasured = ["False/FailedGetResourceMetric", "False/FailedGetContainerResourceMetric"];
  if (mode === "Paused") return said("True/Paused", ...unmeasured);
  return said(mode === "Shadow" ? "True/Shadow" : "True/Active", ...unmeasured);
}

function wrongWrite({ target, mode, horizontal }: ScalePolicySpec, write: ScaleWrite): string | undefined {
  if (mode !== "Active" || horizontal === undefined) return `written although ${mode}, to ${write.to}`;
  if (!isDeepStrictEqual(target, write.target)) return `another target: ${write.target.name}`;
  const { minReplicas, maxReplicas } = horizontal;
  const isWithin = write.to >= minReplicas && write.to <= maxReplicas;
  return isWithin ? undefined : `${write.from} → ${write.to} is not in [${minReplicas}, ${maxReplicas}]`;
}
