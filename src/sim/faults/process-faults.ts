/**
 * What befalls the operator's own processes: their ends, their pauses, their clocks.
 */
import { minutes, seconds } from "../../base/units.ts";
import { CRASH_POSITIONS, type CrashPosition, WRITE_SITES } from "../process.ts";
import { everyone, type FaultRow, type Ground, nothingToEnd } from "./fault-row.ts";

const oldest = ({ operators }: Ground) => operators.alive()[0];

const WORDS: Readonly<Record<CrashPosition, string>> = {
  "not-sent": "right before a write",
  "answer-lost": "while a write is answered",
  answered: "right after a write",
};

const crash = (position: CrashPosition): FaultRow => ({
  kind: `crash-${position}`,
  what: `the process dies ${WORDS[position]}, and another one starts`,
  // Some calls are rare: it waits for one.
  shortest: minutes(4),
  longest: minutes(12),
  victims: () => WRITE_SITES,
  begin({ operators, model }, { on }, bite) {
    // While there is a Lease nobody makes one.
    if (on === "create-lease") model.deleteLease();
    return operators.crashAt(on as (typeof WRITE_SITES)[number], position, () => {
      bite();
      return true;
    });
  },
});

const clock = (
  kind: string,
  what: string,
  { of, by }: Readonly<{ of: "wall" | "mono"; by: number }>,
): FaultRow => ({
  kind,
  what,
  victims: everyone,
  begin(ground, _, bite) {
    const process = oldest(ground);
    if (process === undefined) return nothingToEnd;
    bite();
    process.skew[of] += by;
    // A monotonic clock never goes back; a wall clock is set right again.
    return of === "mono" ? nothingToEnd : () => void (process.skew.wall -= by);
  },
});

export const PROCESS_FAULTS: readonly FaultRow[] = [
  ...CRASH_POSITIONS.map(crash),
  {
    kind: "restart",
    what: "the process is told to end, and another one starts",
    victims: everyone,
    begin({ operators }, _, bite) {
      if (operators.alive().length > 0) bite();
      operators.restart();
      return nothingToEnd;
    },
  },
  {
    kind: "leader-killed",
    what: "the process is killed, and another one takes over",
    victims: everyone,
    begin({ operators }, _, bite) {
      if (operators.alive().length > 0) bite();
      operators.kill();
      return nothingToEnd;
    },
  },
  {
    kind: "paused-process",
    what: "the process stands still, and goes on as if nothing had been",
    longest: seconds(60),
    victims: everyone,
    begin(ground, _, bite) {
      const process = oldest(ground);
      if (process === undefined) return nothingToEnd;
      bite();
      process.pause();
      return () => process.resume();
    },
  },
  clock("clock-ahead", "the wall clock is an hour ahead", { of: "wall", by: minutes(60) }),
  clock("clock-behind", "the wall clock is an hour behind", { of: "wall", by: -1 * minutes(60) }),
  clock("monotonic-leap", "the monotonic clock leaps by two minutes", { of: "mono", by: minutes(2) }),
];
