/**
 * What the tests of list and watch share: objects to make, and waiting for what the world does in its time.
 */
import { setTimeout as sleep } from "node:timers/promises";

const PATIENCE_MILLIS = 60_000;

export async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + PATIENCE_MILLIS;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`it did not come to pass in ${PATIENCE_MILLIS} ms`);
    await sleep(20);
  }
}

export const deployment = (namespace: string, name: string, replicas: number) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { namespace, name },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        containers: [
          { name: "app", image: "example.com/app", resources: { requests: { cpu: "250m", memory: "64Mi" } } },
        ],
      },
    },
  },
});
