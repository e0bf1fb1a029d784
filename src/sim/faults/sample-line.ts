/**
 * A kubelet's answer, taken apart by line so that it can be falsified.
 *
 *   container_cpu_usage_seconds_total{container="app",namespace="default",pod="web-1"} 12.5 1772438400000
 */

export type SampleLine = Readonly<{
  family: string;
  /** `{…}` with what it holds, or "". */
  labels: string;
  value: string;
  /** "" where the family has none. */
  stamp: string;
}>;

const LINE = /^([a-z_]+)(\{[^}]*\})? (\S+)(?: (-?\d+))?$/;

/** Changes the samples of an answer one by one; `undefined` leaves one out. */
export function rewritten(answer: string, change: (line: SampleLine) => SampleLine | undefined): string {
  return answer
    .split("\n")
    .flatMap((text) => {
      const [, family = "", labels = "", value = "", stamp = ""] = LINE.exec(text) ?? [];
      if (family === "") return [text];
      const changed = change({ family, labels, value, stamp });
      return changed === undefined ? [] : [textOf(changed)];
    })
    .join("\n");
}

export const isCpu = ({ family }: SampleLine): boolean => family === "container_cpu_usage_seconds_total";
export const isUsage = ({ family }: SampleLine): boolean =>
  isCpu({ family } as SampleLine) || family === "container_memory_working_set_bytes";

const textOf = ({ family, labels, value, stamp }: SampleLine): string =>
  `${family}${labels} ${value}${stamp === "" ? "" : ` ${stamp}`}`;
