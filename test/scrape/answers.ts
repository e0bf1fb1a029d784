/**
 * Answers of kubelets for tests: printed as a kubelet prints them, and read back as plain rows.
 */
import { readFileSync } from "node:fs";
import { epochMillis } from "../../src/base/units.ts";
import { NodeDecoder, createDecodeScratch } from "../../src/scrape/decode.ts";
import type { DecodedAnswer } from "../../src/scrape/decode.ts";

export const REQUESTED_AT = epochMillis(1_790_000_000_000);

export type Row = Readonly<{ cpu: number; memory: number; at: number; start: number }>;

/** What a decoder made of a text: rows by `namespace/pod/container`. */
export type Decoded = Readonly<{
  rows: Readonly<Record<string, Row>>;
  node: DecodedAnswer["node"];
  malformed: number;
  unlabelled: number;
  scrapeError: boolean;
}>;

export const newDecoder = (): NodeDecoder => new NodeDecoder(createDecodeScratch());

export function decode(text: string | Uint8Array, decoder: NodeDecoder = newDecoder()): Decoded {
  const body = typeof text === "string" ? Buffer.from(text, "latin1") : text;
  const { node, columns, lines, scrapeError } = decoder.decode(body, REQUESTED_AT);
  const rows: Record<string, Row> = {};
  columns.series.forEach((_, index) => {
    const { series, ...row } = columns.row(index);
    rows[`${series.namespace}/${series.pod}/${series.container}`] = row;
  });
  const { malformed, unlabelled } = lines;
  return { rows, node, scrapeError, malformed, unlabelled };
}

export type PrintedContainer = Readonly<{
  namespace?: string;
  pod: string;
  container?: string;
  cpu: number | string;
  memory: number | string;
  at?: number | undefined;
  start?: number | string;
}>;

const FAMILIES = [
  ["container_cpu_usage_seconds_total", "cpu"],
  ["container_memory_working_set_bytes", "memory"],
  ["container_start_time_seconds", "start"],
] as const;

/** One answer, families and lines in a kubelet's order. CPU in seconds, stamps in milliseconds. */
export function print(containers: readonly PrintedContainer[]): string {
  const sorted = containers.toSorted((one, other) => (labelsOf(one) < labelsOf(other) ? -1 : 1));
  return FAMILIES.map(([family, field]) => {
    const lines = sorted.filter((container) => container[field] !== undefined);
    const stamp = ({ at }: PrintedContainer): string =>
      at === undefined || field === "start" ? "" : ` ${at}`;
    return [
      `# HELP ${family} [STABLE] words about it`,
      `# TYPE ${family} gauge`,
      ...lines.map((container) => `${family}${labelsOf(container)} ${container[field]}${stamp(container)}`),
    ];
  })
    .flat()
    .map((line) => `${line}\n`)
    .join("");
}

export function labelsOf({ container = "app", namespace = "shop", pod }: PrintedContainer): string {
  return `{container="${container}",namespace="${namespace}",pod="${pod}"}`;
}

/** A captured answer of a real kubelet (v1.36.3, containerd, cgroup v1). */
export function captured(name: string): Buffer {
  return readFileSync(new URL(`./corpus/${name}.txt`, import.meta.url));
}
