/** From nothing to nothing by the chart. */
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { NAMESPACE } from "../../generate/rbac.ts";
import { type ControlPlane, controlPlane } from "./control-plane.ts";
import { installManifest } from "./installation.ts";
import { CHART, findHelm, RELEASE } from "./helm.ts";
import { asOlder, describeInstallation } from "./install.suite.ts";

/** A copy of the chart as an older version of it. */
function older({ folder }: ControlPlane): string {
  const copy = join(folder, "chart-older");
  cpSync(CHART, copy, { recursive: true });
  for (const name of readdirSync(copy, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".yaml"),
  )) {
    const text = readFileSync(join(copy, name), "utf8");
    const version = (key: string): RegExp => new RegExp(`^${key}: .*$`, "gm");
    writeFileSync(
      join(copy, name),
      asOlder(text)
        .replace(version("version"), "version: 0.0.9")
        .replace(version("appVersion"), "appVersion: 0.0.9"),
    );
  }
  return copy;
}

describeInstallation({
  async apply(plane, version) {
    const helm = await findHelm(plane.kubeconfig);
    const chart = version === "older" ? older(plane) : CHART;
    await helm(
      "upgrade",
      "--install",
      RELEASE,
      chart,
      "-n",
      NAMESPACE,
      "--create-namespace",
      "--wait",
      "--timeout=90s",
    );
  },
  async uninstall(plane) {
    const helm = await findHelm(plane.kubeconfig);
    await helm("uninstall", RELEASE, "-n", NAMESPACE, "--wait", "--timeout=90s");
  },
  stays: [
    "APIService /v1alpha1.plimsoll.dev",
    `ConfigMap ${NAMESPACE}/kube-root-ca.crt`,
    "CustomResourceDefinition /scalepolicies.plimsoll.dev",
    `Lease ${NAMESPACE}/plimsoll`,
    `Namespace /${NAMESPACE}`,
    `ServiceAccount ${NAMESPACE}/default`,
  ],
  async removeRest(plane) {
    await plane.kubectl("delete", "namespace", NAMESPACE, "--timeout=55s");
    await plane.kubectl("delete", "crd", "scalepolicies.plimsoll.dev", "--timeout=55s");
  },
  waits: false,
});

test("an installation by the manifest becomes a release without a restart", async () => {
  const plane = await controlPlane();
  await installManifest(plane);
  const pods = () => plane.kubectl("get", "pods", "-n", NAMESPACE, "-o", "jsonpath={.items[*].metadata.uid}");
  await plane.kubectl("rollout", "status", "deployment/plimsoll", "-n", NAMESPACE, "--timeout=55s");
  const before = await pods();
  const helm = await findHelm(plane.kubeconfig);
  await expect(helm("install", RELEASE, CHART, "-n", NAMESPACE)).rejects.toThrow(
    /invalid ownership metadata/,
  );
  await helm("install", RELEASE, CHART, "-n", NAMESPACE, "--take-ownership", "--wait", "--timeout=60s");
  expect(await pods()).toBe(before);
  await helm("uninstall", RELEASE, "-n", NAMESPACE, "--wait", "--timeout=60s");
  expect(await pods()).toBe("");
});
