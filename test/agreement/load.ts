/**
 * The load of a run: each workload has a total that swings between few and many pods' worth, and its ready pods share it.
 *
 * Invariant: what a pod is said to use is the total over the pods that were ready then; pods that start keep what their
 * template says, as a process that warms up.
 */
import { setTimeout as wait } from "node:timers/promises";
import { RESOURCES } from "../../src/real/apiserver/watch/resources.ts";
import type { ApiTransport } from "../../src/real/apiserver/transport.ts";
import { createCluster } from "../../src/cluster/cluster.ts";
import type { Pod } from "../../src/cluster/pod.ts";
import { usageText, USAGE, type Workload } from "./fleet.ts";
import type { Change } from "./recording.ts";

/** Worth of so many pods at their mark, one after the other; each step is a crossing or two. */
const LEVELS = [3, 6, 3.4, 7.5, 4, 2.2, 5, 3];
const LOOK_MILLIS = 400;

export type Load = Readonly<{
  workloads: readonly Workload[];
  /** Grows while the record is made; pods are taken from it. */
  changes: readonly Change[];
  transport: ApiTransport;
}>;

/** Until `signal` aborts. Steps last 27 to 33 s, each workload's own, so that the fleet does not move as one. */
export async function runLoad({ workloads, changes, transport }: Load, signal: AbortSignal): Promise<void> {
  const started = performance.now();
  const cluster = createCluster();
  const pods = cluster.pen("pods");
  const said = new Map<string, string>();
  for (let played = 0; !signal.aborted; await wait(LOOK_MILLIS)) {
    for (; played < changes.length; played++) {
      const change = changes[played];
      if (change?.kind === "pods") pods.apply(change.event);
    }
    const elapsed = (performance.now() - started) / 1000;
    const patches = workloads.flatMap((workload, index) => {
      const ready = cluster.view.podsSelectedBy(workload.namespace, `app=${workload.name}`).filter(isReady);
      const text = usageText(
        workload.shape,
        (levelAt(index, elapsed) * workload.shape.perPod) / ready.length,
      );
      return ready.filter(({ meta }) => said.get(meta.uid) !== text).map((pod) => ({ pod, workload, text }));
    });
    await Promise.all(patches.map((patch) => say(transport, patch)));
    for (const { pod, text } of patches) said.set(pod.meta.uid, text);
  }
}

const isReady = ({ readiness, meta, phase }: Pod): boolean =>
  readiness?.status === "True" && !meta.deleting && phase === "Running";

function levelAt(index: number, seconds: number): number {
  const period = 27 + ((index * 7) % 7);
  const step = Math.floor(seconds / period + (index % 5) / 5);
  return LEVELS[(step + index) % LEVELS.length] ?? 3;
}

type Patch = Readonly<{ pod: Pod; workload: Workload; text: string }>;

async function say(transport: ApiTransport, { pod, workload, text }: Patch): Promise<void> {
  const { namespace, name } = pod.meta;
  await transport.send({
    method: "PATCH",
    path: RESOURCES.pods.path.replace("/pods", `/namespaces/${namespace}/pods/${name}`),
    contentType: "application/merge-patch+json",
    body: { metadata: { annotations: { [`${USAGE}${workload.shape.follows.resource}`]: text } } },
  });
}
