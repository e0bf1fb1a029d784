/**
 * A kubelet's answer as lines that a defect can change one by one. What is not a sample of a container of
 * the trial's workload is left as it is.
 */

export type Line = Readonly<{
  family: "cpu" | "memory" | "start";
  namespace: string;
  pod: string;
  container: string;
  value: string;
  /** Milliseconds since the epoch; "" where the family has none. */
  stamp: string;
}>;

const FAMILY_NAMES = {
  cpu: "container_cpu_usage_seconds_total",
  memory: "container_memory_working_set_bytes",
  start: "container_start_time_seconds",
} as const;
const FAMILIES = Object.entries(FAMILY_NAMES) as [Line["family"], string][];

const SAMPLE = /^(\w+)\{container="([^"]*)",namespace="([^"]*)",pod="([^"]*)"\} (\S+)(?: (\d+))?$/;

function lineOf(text: string): Line | undefined {
  const [, name, container = "", namespace = "", pod = "", value = "", stamp = ""] = SAMPLE.exec(text) ?? [];
  const family = FAMILIES.find(([, each]) => each === name)?.[0];
  return family && { family, namespace, pod, container, value, stamp };
}

/** As a kubelet prints it. */
export const textOf = ({ family, namespace, pod, container, value, stamp }: Line): string =>
  `${FAMILY_NAMES[family]}{container="${container}",namespace="${namespace}",pod="${pod}"} ${measured(value, stamp)}`;

export const measured = (value: string, stamp: string): string =>
  stamp === "" ? value : `${value} ${stamp}`;

/** `change` answers what stands in a line's place: other text, several lines, or none. */
export function rewrite(
  answer: string,
  change: (line: Line, text: string) => string | readonly string[],
): string {
  return answer
    .split("\n")
    .flatMap((text) => {
      const line = lineOf(text);
      return line === undefined ? [text] : change(line, text);
    })
    .join("\n");
}
