/**
 * The CRDs of this repository on the control plane of the run.
 */
import { expect, vi } from "vitest";
import type { ControlPlane } from "./control-plane.ts";

/** Applies crds/ and waits until the API server serves them; again costs little. */
export async function establishCrds(plane: ControlPlane): Promise<void> {
  await plane.kubectl("apply", "-f", new URL("../../crds", import.meta.url).pathname);
  await established(plane, "scalepolicies.plimsoll.dev");
}

/** Until the API server serves a kind that was just applied; `kubectl wait` gives up before there is a status. */
export async function established(plane: ControlPlane, crd: string): Promise<void> {
  const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${crd}`;
  await vi.waitFor(
    async () => {
      const { status } = (await plane.request("GET", path)).body as { status?: { conditions?: object[] } };
      expect(status?.conditions).toContainEqual(
        expect.objectContaining({ type: "Established", status: "True" }),
      );
    },
    { timeout: 30_000, interval: 100 },
  );
}
