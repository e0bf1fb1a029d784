import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll } from "vitest";
import type { TargetReference } from "../../src/cluster/workload.ts";
import { succeed } from "../control-plane/api-request.ts";
import { describeScalePort, type ScaleWorld } from "../contract/scale-port.suite.ts";
import { establishCranes } from "./cranes.ts";
import { controlPlane, type ControlPlane } from "./control-plane.ts";
import { openApi } from "./open-api.ts";

const POD = {
  selector: { matchLabels: { app: "web" } },
  template: {
    metadata: { labels: { app: "web" } },
    spec: { containers: [{ name: "app", image: "example.com/app" }] },
  },
};

const PLURALS: Readonly<Record<string, string>> = {
  Deployment: "deployments.apps",
  StatefulSet: "statefulsets.apps",
  Crane: "cranes.harbour.example.com",
};
const SERVED: Readonly<Record<string, string>> = {
  Deployment: "/apis/apps/v1/namespaces/NS/deployments",
  StatefulSet: "/apis/apps/v1/namespaces/NS/statefulsets",
};

beforeAll(async () => {
  const cluster = await controlPlane();
  await establishCranes(cluster);
});

describeScalePort("Deployment", () => open({ apiVersion: "apps/v1", kind: "Deployment" }));
describeScalePort("StatefulSet", () => open({ apiVersion: "apps/v1", kind: "StatefulSet" }));
describeScalePort("custom kind", () => open({ apiVersion: "harbour.example.com/v1", kind: "Crane" }));

async function open(kind: Omit<TargetReference, "name">): Promise<ScaleWorld> {
  const cluster = await controlPlane();
  const namespace = await cluster.namespace("scale");
  const { api, transport } = await openApi(cluster.kubeconfig, namespace);
  const plural = PLURALS[kind.kind]!;
  return {
    port: api,
    namespace,
    async seed(name, replicas) {
      await cluster.apply({ ...kind, metadata: { name, namespace }, spec: { replicas, ...POD } });
      if (kind.kind === "Crane") {
        const status = JSON.stringify({ status: { replicas, selector: `app=${name}` } });
        const patch = ["--subresource=status", "--type=merge", "-p", status];
        await cluster.kubectl("patch", plural, name, "-n", namespace, ...patch);
      } else await settled(cluster, `${SERVED[kind.kind]?.replace("NS", namespace)}/${name}`);
      return { ...kind, name };
    },
    async scaleByOthers({ name }, replicas) {
      await cluster.kubectl("scale", `${plural}/${name}`, "-n", namespace, `--replicas=${replicas}`);
    },
    async remove({ name }) {
      await cluster.kubectl("delete", `${plural}/${name}`, "-n", namespace);
    },
    close: () => transport.close(),
  };
}

type Seen = Readonly<{
  metadata: { resourceVersion: string };
  status: { observedGeneration?: number };
}>;

/** Until its controller has nothing more to say about it: each word of the controller makes a new version. */
async function settled(cluster: ControlPlane, path: string): Promise<void> {
  const look = async (): Promise<Seen> => (await succeed(cluster.request, "GET", path)) as Seen;
  for (let before = "", same = 0; same < 5; await sleep(100)) {
    const { metadata, status } = await look();
    same = status.observedGeneration === 1 && metadata.resourceVersion === before ? same + 1 : 0;
    before = metadata.resourceVersion;
  }
}
