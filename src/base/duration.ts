/**
 * Durations as Go and Kubernetes flags write them: `15s`, `1m30s`, `500ms`, `0`.
 *
 *   1m30s    90_000 ms
 *   1.5h     5_400_000 ms
 *   500ms    500 ms
 *   90       not a duration: the unit is missing
 */
import { type Millis, millis } from "./units.ts";

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
const PART = /(\d+(?:\.\d+)?|\.\d+)(ns|us|µs|ms|s|m|h)/y;

/** undefined when the text is not a duration of 0 or more. */
export function parseDuration(text: string): Millis | undefined {
  if (text === "0") return millis(0);
  let total = 0;
  PART.lastIndex = 0;
  while (PART.lastIndex < text.length) {
    const part = PART.exec(text);
    if (part === null) return undefined;
    total += Number(part[1]) * (UNIT_MS[part[2] ?? ""] ?? NaN);
  }
  return text === "" ? undefined : millis(total);
}

/** The shortest whole-unit text: `90000` → `1m30s`, `250` → `250ms`, `0` → `0s`. */
export function formatDuration(duration: Millis): string {
  const whole = Math.round(duration);
  if (whole === 0) return "0s";
  if (whole < 1000) return `${whole}ms`;
  const total = Math.round(whole / 1000);
  const [hours, minutes, seconds] = [Math.floor(total / 3600), Math.floor((total % 3600) / 60), total % 60];
  return [
    hours > 0 ? `${hours}h` : "",
    minutes > 0 ? `${minutes}m` : "",
    seconds > 0 ? `${seconds}s` : "",
  ].join("");
}
