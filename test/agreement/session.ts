/**
 * One run: a fleet under load, a real HPA behind the recording proxy, our operator in Shadow beside it, and rollouts.
 */
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { openTransport } from "../cluster/open-api.ts";
import { startOperator } from "../cluster/operator-process.ts";
import type { ControlPlane } from "../control-plane/connection.ts";
import { startHpaController, startMetricsServer } from "../control-plane/peers.ts";
import { objectsOf, SYNC_SECONDS, type Workload, workloadsIn } from "./fleet.ts";
import { type LiveScore, scoreLive } from "./live.ts";
import { runLoad } from "./load.ts";
import { startRecorder } from "./recording.ts";
import { replay, type Verdict } from "./replay.ts";
import { ticksOf } from "./ticks.ts";

export type Run = Readonly<{ verdicts: readonly Verdict[]; live: LiveScore }>;

const WORKLOADS = 24;
/** A rollout of three workloads, at these parts of the run. */
const ROLLOUTS = [0.4, 0.7];

/** The plane is the run's own, for every HPA on it is looked after; what is started here is ended here. */
export async function runAgreement(plane: ControlPlane, seconds: number): Promise<Run> {
  await serveCrd(plane);
  await plane.addKwokNodes(6);
  const workloads = workloadsIn(await plane.namespace("agreement"), WORKLOADS);
  const recorder = await startRecorder(plane);
  const transport = await openTransport(plane.kubeconfig);
  const metrics = await startMetricsServer(plane);
  await plane.apply(workloads.flatMap(objectsOf));
  const hpa = await startHpaController(plane, {
    kubeconfig: recorder.kubeconfig,
    args: [
      `--horizontal-pod-autoscaler-sync-period=${SYNC_SECONDS}s`,
      "--kube-api-content-type=application/json",
      "--kube-api-qps=200",
      "--kube-api-burst=400",
    ],
  });
  const operator = await startOperator(plane, {
    args: ["--metric-resolution=5s", "--brake-decreases=false", "--brake-increases=false"],
  });
  const end = new AbortController();
  const { recording } = recorder;
  const load = runLoad({ workloads, changes: recording.changes, transport }, end.signal);
  try {
    await liveThrough(plane, workloads, seconds);
  } finally {
    end.abort();
    await load;
    await operator.stop();
    await hpa.stop();
    await metrics.stop();
    await recorder.close();
    await transport.close();
  }
  return { verdicts: replay(recording), live: scoreLive(recording, ticksOf(recording.exchanges)) };
}

async function liveThrough(
  plane: ControlPlane,
  workloads: readonly Workload[],
  seconds: number,
): Promise<void> {
  let lived = 0;
  for (const [round, part] of ROLLOUTS.entries()) {
    await wait((part * seconds - lived) * 1000);
    lived = part * seconds;
    for (const { namespace, name } of workloads.slice(round * 3, round * 3 + 3))
      await plane.kubectl(
        "set",
        "image",
        `deployment/${name}`,
        `app=registry.example/app:${round + 2}`,
        "-n",
        namespace,
      );
  }
  await wait((seconds - lived) * 1000);
}

async function serveCrd({ kubectl, request }: ControlPlane): Promise<void> {
  await kubectl("apply", "-f", fileURLToPath(new URL("../../crds", import.meta.url)));
  while ((await request("GET", "/apis/plimsoll.dev/v1alpha1/scalepolicies")).status !== 200) await wait(100);
}
