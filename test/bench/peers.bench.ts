/**
 * Beside metrics-server, the HPA controller and the VPA recommender, on the same kwok fleet in one run. Goals: a quarter of
 * their CPU and half their memory; a step in usage is a written count in half their time.
 */
import { findControlPlane } from "../control-plane/build.ts";
import { startControlPlane } from "../control-plane/start.ts";
import { prepareBed } from "./peers/bed.ts";
import { measureOurs, measureTheirs, type Ours } from "./peers/sides.ts";
import { costRows, lagRows } from "./peers/table.ts";
import type { BenchOptions, Table } from "./bench.ts";

export const name = "beside metrics-server, HPA and VPA";
/** It takes many minutes. */
export const onlyByName = true;

export async function run(options: BenchOptions): Promise<readonly Table[]> {
  const { pods = 1000, policies = 100, seconds = 240, replicas = 1 } = options;
  const found = await findControlPlane();
  if (found.kind === "missing") throw new Error(found.reason);
  const plane = await startControlPlane(found.binaries);
  try {
    const bed = await prepareBed(plane, { pods, policies });
    const spans = { seconds, replicas };
    console.log(`${pods} pods, ${policies} policies, ${replicas} of each, ${seconds} s each\n`);
    const theirs = await measureTheirs(bed, spans);
    const ours: Ours[] = [];
    for (const resolution of ["15s", "5s"]) ours.push(await measureOurs(bed, resolution, spans));
    await bed.transport.close();
    return [costRows(theirs, ours), lagRows(theirs, ours)];
  } finally {
    await plane.stop();
  }
}
