/** From nothing to nothing by the one manifest. */
import { MANIFEST, withdrawAnnouncement } from "./installation.ts";
import { asOlder, describeInstallation } from "./install.suite.ts";

describeInstallation({
  apply: async (plane, version) =>
    void (await plane.apply(version === "older" ? asOlder(MANIFEST) : MANIFEST)),
  async uninstall(plane) {
    await withdrawAnnouncement(plane);
    await plane.kubectlWith({ input: MANIFEST }, "delete", "-f", "-", "--ignore-not-found", "--timeout=55s");
  },
  stays: [],
  removeRest: () => Promise.resolve(),
  waits: true,
});
