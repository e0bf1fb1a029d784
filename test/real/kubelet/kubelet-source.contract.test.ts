import { millis, seconds } from "../../../src/base/units.ts";
import { workload } from "../../../src/sim/model/blueprint.ts";
import { describeKubeletSource } from "../../contract/kubelet-source.suite.ts";
import type { KubeletWorld } from "../../contract/kubelet-source.suite.ts";
import { captured } from "../../scrape/answers.ts";
import { Watched, smallWorld } from "../../sim/stage.ts";
import { serve } from "../apiserver/loopback.ts";
import { nodeAt, openSource } from "./kubelet.ts";

const ANSWER = captured("1-running");

/** A real kubelet's words over HTTPS. */
async function openLoopback(): Promise<KubeletWorld> {
  let silent = false;
  const { port } = await serve((response) => void (silent || response.end(ANSWER)));
  return {
    source: openSource({ flags: { requestTimeout: millis(300) } }),
    node: nodeAt(port),
    silence: async () => void (silent = true),
    settle: (reply) => reply,
    close: () => Promise.resolve(),
  };
}

async function openSimulated(): Promise<KubeletWorld> {
  const simulated = smallWorld({ nodes: 1 });
  simulated.model.addWorkload(workload({ name: "web", replicas: 2, cpu: { kind: "steady", level: 1 } }), "settled");
  const nodes = new Watched(simulated, "nodes");
  await simulated.time.advance(seconds(60));
  const [node] = nodes.all();
  return {
    source: simulated.world.kubelets,
    node: node!,
    silence: async () => simulated.model.setNodeSilent("node-1", true),
    settle: (reply) => simulated.time.settle(reply),
    close: () => nodes.stop(),
  };
} // prettier-ignore

describeKubeletSource("real, over HTTPS", openLoopback);
describeKubeletSource("simulated", openSimulated);
