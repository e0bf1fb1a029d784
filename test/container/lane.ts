/** What the container lane needs: a Docker engine, and the control plane on which the container scales. */
import { findControlPlane } from "../control-plane/build.ts";
import { findEngine } from "./engine.ts";

export async function missingForContainer(): Promise<string | undefined> {
  const engine = await findEngine();
  if (engine.kind === "missing") return engine.reason;
  const plane = await findControlPlane();
  return plane.kind === "missing" ? plane.reason : undefined;
}
