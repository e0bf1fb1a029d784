/**
 * `node test/control-plane/hold.ts`: a control plane to play with. Prints its coordinates as one line of JSON, stays until
 * ctrl-c, and takes everything with it.
 */
import { findControlPlane } from "./build.ts";
import { startControlPlane } from "./start.ts";

const found = await findControlPlane();
if (found.kind === "missing") {
  console.error(found.reason);
  process.exit(1);
}
const plane = await startControlPlane(found.binaries);
console.log(JSON.stringify({ ...plane.coordinates, kubeconfig: plane.kubeconfig }));
const staying = setInterval(() => undefined, 2 ** 30);
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => {
    clearInterval(staying);
    void plane.stop();
  });
