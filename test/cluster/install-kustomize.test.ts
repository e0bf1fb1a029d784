/** From nothing to nothing by the kustomization: its base, then the overlay for high availability. */
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ControlPlane } from "./control-plane.ts";
import { withdrawAnnouncement } from "./installation.ts";
import { asOlder, describeInstallation } from "./install.suite.ts";

const FOLDER = new URL("../../deploy/kustomize", import.meta.url).pathname;

/** A copy whose base says what an older one said. */
function older({ folder }: ControlPlane): string {
  const copy = join(folder, "kustomize-older");
  cpSync(FOLDER, copy, { recursive: true });
  const base = join(copy, "base/plimsoll.yaml");
  writeFileSync(base, asOlder(readFileSync(base, "utf8")));
  return copy;
}

describeInstallation({
  async apply(plane, version) {
    const folder = version === "older" ? join(older(plane), "base") : join(FOLDER, "overlays/ha");
    await plane.kubectl("apply", "-k", folder);
  },
  async uninstall(plane) {
    await withdrawAnnouncement(plane);
    await plane.kubectl("delete", "-k", join(FOLDER, "overlays/ha"), "--ignore-not-found", "--timeout=55s");
  },
  stays: [],
  removeRest: () => Promise.resolve(),
  waits: true,
});
