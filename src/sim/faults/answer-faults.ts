/**
 * Answers of the API server that are none, each as its outcome value; and writes whose answer is lost. Some
 * calls are rare: a fault waits for the first one, and lasts a while from there.
 *
 * Invariant: every kind of Failure and the conflict have a row.
 */
import type { Failure, WriteOutcome } from "../../base/outcome.ts";
import { type Millis, millis, minutes, seconds } from "../../base/units.ts";
import { between, chanceOf } from "../chance.ts";
import type { ApiCall, Interference } from "../ports/fault.ts";
import { type FaultPlan, type FaultRow, standing } from "./fault-row.ts";

type Refusal = Failure | Extract<WriteOutcome, { kind: "conflict" }>;

/** Those of every policy; requests are written by few. */
const VERBS: readonly ApiCall["verb"][] = [
  "read-scale", "write-scale", "write-status", "emit", "read-lease", "create-lease", "update-lease",
]; // prettier-ignore
const WRITES = VERBS.filter((verb) => !verb.startsWith("read"));

const REFUSALS: { readonly [K in Refusal["kind"]]: Extract<Refusal, { kind: K }> } = {
  conflict: { kind: "conflict", message: "simulated: somebody was faster" },
  absent: { kind: "absent", message: "simulated: not found" },
  forbidden: { kind: "forbidden", status: 403, message: "simulated: no such right" },
  refused: { kind: "refused", status: 422, message: "simulated: not valid" },
  throttled: { kind: "throttled", retryAfter: seconds(2), message: "simulated: too many requests" },
  failed: { kind: "failed", status: 500, retryAfter: undefined, message: "simulated: internal error" },
  unreachable: { kind: "unreachable", message: "simulated: no connection" },
};

const answering = (
  kind: string,
  what: string,
  { verbs, answer }: Readonly<{ verbs: readonly string[]; answer: Interference }>,
): FaultRow => ({
  kind,
  what,
  shortest: minutes(4),
  longest: minutes(12),
  victims: () => verbs,
  begin(ground, plan, bite) {
    const { on } = plan;
    let isMet = false;
    const end = standing(
      ground,
      { name: kind, call: ({ verb }) => (verb === on ? answer : undefined) },
      () => {
        bite();
        if (!isMet) ground.time.after(onceMetFor(plan), () => end());
        isMet = true;
      },
    );
    // While there is a Lease nobody makes one.
    if (on === "create-lease") ground.model.deleteLease();
    return end;
  },
});

const SHORTEST = seconds(1);
const LONGEST = seconds(90);

/** A plan of up to a minute and a half may last as long as it says. */
function onceMetFor({ kind, from, until }: FaultPlan): Millis {
  if (until - from <= LONGEST) return millis(until - from);
  return millis(between(chanceOf(from, `${kind}/${until}`), SHORTEST, LONGEST));
}

export const ANSWER_FAULTS: readonly FaultRow[] = [
  ...Object.values(REFUSALS).map((failure) =>
    answering(`answer-${failure.kind}`, `the API server answers one kind of call with: ${failure.kind}`, {
      verbs: failure.kind === "conflict" ? WRITES : VERBS,
      answer: { kind: "instead", failure },
    }),
  ),
  answering("answer-lost", "what was written is written, and its answer is lost", {
    verbs: WRITES,
    answer: { kind: "answer-lost", message: "simulated: cut off" },
  }),
];
