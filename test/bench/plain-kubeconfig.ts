/**
 * A kubeconfig for the made-up API servers of the bench: plain HTTP, and nobody in particular.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** Its path. */
export function writePlainKubeconfig(folder: string, port: string): string {
  const named = {
    name: "bench",
    context: { cluster: "bench", user: "bench" },
    cluster: { server: `http://127.0.0.1:${port}` },
    user: {},
  };
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "bench",
    contexts: [named],
    clusters: [named],
    users: [named],
  };
  const kubeconfig = join(folder, "kubeconfig");
  writeFileSync(kubeconfig, JSON.stringify(config));
  return kubeconfig;
}
