import { createClusterSource } from "../../src/real/apiserver/watch/source.ts";
import { createClock } from "../../src/real/clock.ts";
import { createRandom } from "../../src/real/random.ts";
import { type ClusterSourceWorld, describeClusterSource } from "../contract/cluster-source.suite.ts";
import { controlPlane } from "./control-plane.ts";
import { deployment, until } from "./followed.ts";
import { openTransport } from "./open-api.ts";

describeClusterSource(open);

async function open(): Promise<ClusterSourceWorld> {
  const plane = await controlPlane();
  const namespace = await plane.namespace("source");
  const transport = await openTransport(plane.kubeconfig);
  const ports = { transport, clock: createClock(), random: createRandom(), log: () => undefined };
  return {
    source: createClusterSource(ports),
    namespace,
    async createDeployment(name, replicas) {
      await plane.apply(deployment(namespace, name, replicas));
    },
    async scaleDeployment(name, replicas) {
      await plane.kubectl("scale", `deployment/${name}`, "-n", namespace, `--replicas=${replicas}`);
    },
    async deleteDeployment(name) {
      await plane.kubectl("delete", "deployment", name, "-n", namespace, "--wait=true");
    },
    until,
    close: () => transport.close(),
  };
}
