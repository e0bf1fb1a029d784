/**
 * `node test/node/hold.ts`: a real node to play with. Prints where it is as one line of JSON, stays until ctrl-c, and takes
 * everything with it.
 */
import { missingForNode } from "./lane.ts";
import { startNode } from "./start.ts";

const missing = await missingForNode();
if (missing !== undefined) {
  console.error(missing);
  process.exit(1);
}
const node = await startNode();
const { name, kubeconfig, kubeletUrl, server } = node;
console.log(JSON.stringify({ name, kubeconfig, kubeletUrl, server }));
const staying = setInterval(() => undefined, 2 ** 30);
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => {
    clearInterval(staying);
    void node.stop();
  });
