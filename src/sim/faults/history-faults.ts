/**
 * A restart that finds not what was left: the persisted history is old, gone, or damaged.
 */
import { parseTime, timeText } from "../../base/rfc3339.ts";
import { epochMillis, minutes } from "../../base/units.ts";
import { type FaultRow, type Ground, nothingToEnd, workloadsOf } from "./fault-row.ts";

type History = Record<string, unknown>;

const restartedWith = (kind: string, what: string, change: (history: History) => unknown): FaultRow => ({
  kind,
  what,
  victims: workloadsOf,
  begin(ground, { on }, bite) {
    // The process goes first, so that it cannot write what it remembers.
    ground.operators.kill();
    editHistory(ground, on, (history) => {
      bite();
      return change(history);
    });
    return nothingToEnd;
  },
});

function editHistory({ model, workloads }: Ground, on: string, change: (history: History) => unknown): void {
  const namespace =
    workloads.find(({ blueprint }) => blueprint.target.name === on)?.blueprint.namespace ?? "";
  model.editStatus(namespace, on, (status) => {
    const copy = structuredClone(status) as { horizontal?: { history?: History } } | undefined;
    const history = copy?.horizontal?.history;
    if (copy?.horizontal === undefined || history === undefined) return copy;
    return { ...copy, horizontal: { ...copy.horizontal, history: change(history) } };
  });
}

const AN_HOUR = minutes(60);

const anHourBefore = (text: unknown): string =>
  timeText(epochMillis((parseTime(text) ?? epochMillis(0)) - AN_HOUR));

export const HISTORY_FAULTS: readonly FaultRow[] = [
  restartedWith("history-lost", "a killed process is followed by one that finds no history", () => undefined),
  restartedWith(
    "history-damaged",
    "a killed process is followed by one that finds a damaged history",
    (history) => ({
      ...history,
      bucketSeconds: -1,
    }),
  ),
  restartedWith(
    "history-of-another",
    "a killed process is followed by one that finds another target's history",
    (history) => ({
      ...history,
      targetUID: "11111111-1111-4111-8111-111111111111",
    }),
  ),
  restartedWith(
    "history-old",
    "a killed process is followed by one that finds the history of an hour ago",
    (history) => ({
      ...history,
      recordedAt: anHourBefore(history["recordedAt"]),
    }),
  ),
];
