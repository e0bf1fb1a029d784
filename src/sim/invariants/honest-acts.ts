/**
 * I10: the status never claims a change that was not made.
 *
 *   3, then 5, then 9     own "3 → 5" and "5 → 9"; of others "3 → 9" too; never "9 → 3", nor own "3 → 9"
 */
import { type Millis, minutes } from "../../base/units.ts";
import type { Act } from "../../policy/status.ts";
import { broken, type Invariant, type ReplicaHistory } from "./observed.ts";

const CHANGE = /^replicas (\d+) → (\d+)$/;
/** What others did is told by who it was; what was decided, by its sentence. */
const OF_OTHERS = /^set by /;
/** A status may be refused for a while, and a process stand still. */
const LATE_MAX = minutes(20);

type Claim = Pick<Act, "what" | "why">;
type Past = Readonly<{ at: Millis; history: ReplicaHistory }>;

export const honestActs: Invariant = {
  name: "I10",
  statement: "an act in the status is a change that was really made, and of late",
  judge(seen) {
    if (seen.kind !== "acts" || seen.acts.length === 0) return "idle";
    const invented = seen.acts.find((act) => !wasMade(act, seen));
    return invented === undefined
      ? "holds"
      : broken(`"${invented.what}" (${invented.why}) is none of ${JSON.stringify(seen.history.slice(-6))}`);
  },
};

function wasMade({ what, why }: Claim, { at, history }: Past): boolean {
  const change = CHANGE.exec(what);
  // A new kind of act needs a judge of its own.
  if (change === null) return false;
  const [from, to] = change.slice(1).map(Number);
  return history.some((entry, index) => {
    const next = history[index + 1];
    const hasStood = (next?.at ?? at) >= at - LATE_MAX;
    if (entry.replicas !== to || !hasStood) return false;
    const before = OF_OTHERS.test(why) ? history.slice(0, index) : history.slice(index - 1, index);
    return index > 0 && before.some(({ replicas }) => replicas === from);
  });
}
