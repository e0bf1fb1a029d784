/**
 * The CRDs of this repository on the control plane of the run.
 */
import type { ControlPlane } from "./control-plane.ts";

/** Applies crds/ and waits until the API server serves them; again costs little. */
export async function establishCrds(plane: ControlPlane): Promise<void> {
  await plane.kubectl("apply", "-f", new URL("../../crds", import.meta.url).pathname);
  await plane.kubectl("wait", "--for=condition=Established", "crd/scalepolicies.plimsoll.dev");
}
