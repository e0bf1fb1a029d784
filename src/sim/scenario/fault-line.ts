/**
 * `fault FROM..UNTIL KIND WHOM`: a fault of the storms, in a story.
 *
 *   fault 20m..25m  silent-node    node-1
 *   fault 30m..31m  crash-answered write-scale
 *   fault 40m..42m  late-watch     pods
 *   fault 50m..51m  leader-killed  all
 *
 * Invariant: a fault that was read is of a kind that there is, and hits something that is in the scenario.
 */
import { FAULTS } from "../faults/faults.ts";
import type { FaultPlan, FaultRow } from "../faults/fault-row.ts";
import type { Line } from "./line.ts";

export function faultOf(line: Line): FaultPlan {
  const span = line.word("a span such as 20m..25m").split("..");
  if (span.length !== 2) line.complain("write how long it lasts: `fault FROM..UNTIL KIND WHOM`");
  const [from = "", until = from] = span;
  const plan = { from: line.durationOf(from), until: line.durationOf(until) };
  const kind = line.word("a kind of fault");
  const on = line.word("whom it hits");
  if (plan.until < plan.from) line.complain("a fault ends after it began");
  return { kind, ...plan, on };
}

/** Complains about a fault that could not happen in this world. */
export function checkFault(
  line: Line,
  { kind, on }: FaultPlan,
  world: Parameters<FaultRow["victims"]>[0],
): void {
  const row = FAULTS.find((each) => each.kind === kind);
  const kinds = FAULTS.map((each) => each.kind).join(", ");
  if (row === undefined) return line.complain(`"${kind}" is no kind of fault; there are ${kinds}`);
  const victims = row.victims(world);
  if (!victims.includes(on))
    line.complain(`${kind} cannot hit "${on}"; write one of ${victims.join(", ") || "nothing"}`);
}
