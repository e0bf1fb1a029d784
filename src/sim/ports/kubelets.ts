/**
 * Kubelets of the simulated nodes, answering as real ones: text, from a cache of their own.
 *
 * Invariant: never rejects; a node that is dead or silent is a failed reply.
 */
import type { Node } from "../../cluster/node.ts";
import type { NodeMetricsSource, NodeReply } from "../../scrape/port.ts";
import { millis } from "../../base/units.ts";
import { nodeName } from "../../base/ids.ts";
import { between, chanceOf } from "../chance.ts";
import type { ContainerLines } from "../kubelet/exposition.ts";
import { printResourceMetrics } from "../kubelet/exposition.ts";
import type { SimCluster } from "../model/cluster.ts";
import { podsOn } from "../model/cluster.ts";
import { accountNode, sampleOf } from "../model/nodes.ts";
import type { RunningNode, RunningPod } from "../model/running.ts";
import type { Fault } from "./fault.ts";
import { garbled, standInFor } from "./fault.ts";

/** Milliseconds to an answer; a dead machine takes a connection's time limit to be noticed. */
const ANSWERING = { min: 3, max: 30 };
const NO_ROUTE = millis(3_000);

export function createKubelets(cluster: SimCluster, faults: readonly Fault[]): NodeMetricsSource {
  return {
    async read({ meta }: Node, signal: AbortSignal): Promise<NodeReply> {
      const node = cluster.nodes.get(nodeName(meta.name));
      const answers = node?.alive === true && node.answers;
      await cluster.time.sleep(answers ? answerTime(cluster, meta.name) : NO_ROUTE, signal);
      if (signal.aborted) return failed("timeout", `${meta.name} gave no answer in time`);
      const standIn = standInFor(faults, nodeName(meta.name));
      if (standIn !== undefined) return standIn;
      if (node?.alive !== true || !node.answers) return failed("connection", `no route to ${meta.name}`);
      return { kind: "answered", body: onItsWay(faults, node, answerOf(cluster, node)) };
    },
    forget() {
      // Nothing is kept for a simulated node.
    },
  };
}

function onItsWay(faults: readonly Fault[], { name }: RunningNode, body: Uint8Array): Uint8Array {
  if (!faults.some((fault) => fault.garble !== undefined)) return body;
  return new TextEncoder().encode(garbled(faults, name, new TextDecoder().decode(body)));
}

function answerOf(cluster: SimCluster, node: RunningNode): Uint8Array {
  accountNode(cluster, node.name);
  const containers = podsOn(cluster, node.name)
    .filter(({ workload }) => !workload.metricsBroken)
    .flatMap(linesOf);
  return printResourceMetrics({ node: sampleOf(cluster, node), containers });
}

/** Containers that have been measured once; the others the kubelet does not know yet. */
function linesOf({ workload, key, meter }: RunningPod): ContainerLines[] {
  const { namespace } = workload.blueprint;
  const pod = key.slice(namespace.length + 1);
  return (meter?.containers ?? []).flatMap(({ name, startedAt, sample }) =>
    sample === undefined ? [] : [{ namespace, pod, container: name, startedAt, sample }],
  );
}

function answerTime({ seed, time }: SimCluster, node: string): ReturnType<typeof millis> {
  return millis(between(chanceOf(seed, `scrape/${node}/${time.now()}`), ANSWERING.min, ANSWERING.max));
}

const failed = (cause: "timeout" | "connection", message: string): NodeReply => ({
  kind: "failed",
  cause,
  message,
});
