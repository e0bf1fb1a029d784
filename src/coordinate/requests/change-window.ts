/**
 * Change windows: a cron schedule of five fields in a time zone says when one opens, a duration for how long.
 *
 * Invariant: without windows it is always open; a schedule that cannot be read never opens.
 */
import { Cron } from "croner";
import { type EpochMillis, epochMillis } from "../../base/units.ts";
import { microTimeText } from "../../base/rfc3339.ts";
import type { ChangeWindow } from "../../policy/vertical/spec.ts";

export type Opening =
  | Readonly<{ kind: "open" }>
  /** undefined: never again. */
  | Readonly<{ kind: "closed"; next: EpochMillis | undefined }>;

/** `0 2 * * 1-5`, 2 h, Europe/Berlin: open on working days from 2:00 to before 4:00, by the clock there. */
export function openingAt(windows: readonly ChangeWindow[], now: EpochMillis): Opening {
  if (windows.length === 0) return { kind: "open" };
  const isOpen = windows.some((window) => {
    const opened = nextStart(window, epochMillis(now - window.duration));
    return opened !== undefined && opened <= now;
  });
  if (isOpen) return { kind: "open" };
  const nexts = windows.flatMap((window) => nextStart(window, now) ?? []);
  return { kind: "closed", next: nexts.length === 0 ? undefined : epochMillis(Math.min(...nexts)) };
}

/** Why croner cannot follow a window; undefined when it can. For the check of a policy. */
export function complaintAbout({ schedule, timeZone }: Omit<ChangeWindow, "duration">): string | undefined {
  try {
    if (schedule.startsWith("@")) return "write the five fields of a cron schedule";
    cronOf({ schedule, timeZone }).nextRun("2026-01-01T00:00:00Z");
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The first opening after a moment. */
function nextStart(window: ChangeWindow, after: EpochMillis): EpochMillis | undefined {
  if (complaintAbout(window) !== undefined) return undefined;
  const next = cronOf(window).nextRun(microTimeText(after));
  return next === null ? undefined : epochMillis(next.getTime());
}

/** Made without a function to call, it schedules nothing. */
const cronOf = ({ schedule, timeZone }: Omit<ChangeWindow, "duration">): Cron =>
  new Cron(schedule, { timezone: timeZone, mode: "5-part" });
