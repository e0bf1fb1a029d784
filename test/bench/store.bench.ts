/**
 * The store with 100,000 containers, all that scraping keeps for them included: bytes per container measured
 * from a process of its own, and the time to read every pod. Goal: ≤ 1 KiB per running container.
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export const name = "100,000 containers in the store";

export type StoreFigures = Readonly<{
  containers: number;
  /** Heap and array buffers together, after collection. */
  bytesInStore: number;
  bytesInDecoders: number;
  roundMillis: number;
  readMillis: number;
  houseMillis: number;
}>;

const PROBE = fileURLToPath(new URL("./store-probe.ts", import.meta.url));

export async function run(): Promise<readonly { what: string; figure: string }[]> {
  return [["app"], ["app", "proxy"]].flatMap((containers) => rowsOf(containers.length, measure(containers)));
}

function measure(containers: readonly string[]): StoreFigures {
  const output = execFileSync(process.execPath, ["--expose-gc", PROBE, ...containers], { encoding: "utf8" });
  return JSON.parse(output) as StoreFigures;
}

function rowsOf(perPod: number, figures: StoreFigures) {
  const each = (bytes: number): string => `${Math.round(bytes / figures.containers)} B`;
  const { bytesInStore, bytesInDecoders, roundMillis, readMillis, houseMillis } = figures;
  return [
    ["bytes per container (goal 1024)", `${each(bytesInStore + bytesInDecoders)}: store ${each(bytesInStore)}, decoders ${each(bytesInDecoders)}`],
    ["decoding, checking and storing a round", `${roundMillis.toFixed(0)} ms`],
    [`reading all ${figures.containers / perPod} pods`, `${readMillis.toFixed(0)} ms`],
    ["evicting and counting, once a round", `${houseMillis.toFixed(0)} ms`],
  ].map(([what, figure]) => ({ what: `${perPod} a pod: ${what}`, figure: figure! })); // prettier-ignore
}
