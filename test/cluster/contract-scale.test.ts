import { beforeAll } from "vitest";
import type { TargetReference } from "../../src/cluster/workload.ts";
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
      } else await settled(cluster, `${plural}/${name}`, namespace);
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

/** Until its controller has nothing more to say about it: each word of the controller makes a new version. */
async function settled(cluster: ControlPlane, object: string, namespace: string): Promise<void> {
  const version = () =>
    cluster.kubectl("get", object, "-n", namespace, "-o=jsonpath={.metadata.resourceVersion}");
  await cluster.kubectl("wait", object, "-n", namespace, "--for=jsonpath={.status.observedGeneration}=1");
  for (let before = "", now = await version(), same = 0; same < 5; before = now, now = await version())
    same = now === before ? same + 1 : 0;
}
