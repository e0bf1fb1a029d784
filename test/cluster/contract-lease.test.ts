import { describeLeasePort } from "../contract/lease-port.suite.ts";
import { controlPlane } from "./control-plane.ts";
import { openApi } from "./open-api.ts";

describeLeasePort(async () => {
  const cluster = await controlPlane();
  const namespace = await cluster.namespace("lease");
  const [mine, theirs] = [
    await openApi(cluster.kubeconfig, namespace),
    await openApi(cluster.kubeconfig, namespace),
  ];
  return {
    port: mine.api,
    rival: theirs.api,
    async close() {
      await mine.transport.close();
      await theirs.transport.close();
    },
  };
});
