/**
 * Helm with the chart of this repository: the same program that users have, built from its module, with folders of its
 * own so that it neither reads nor changes what belongs to the user.
 */
import { execFile } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findControlPlane } from "../control-plane/build.ts";

export const CHART = new URL("../../deploy/chart", import.meta.url).pathname;
export const RELEASE = "plimsoll";

/** Resolves to what it prints; rejects with its complaint. */
export type Helm = (...args: readonly string[]) => Promise<string>;

const MILLIS = 110_000;

export async function findHelm(kubeconfig?: string): Promise<Helm> {
  const found = await findControlPlane(["helm"]);
  if (found.kind === "missing") throw new Error(found.reason);
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-helm-"));
  const env = {
    ...process.env,
    KUBECONFIG: kubeconfig ?? join(folder, "no-kubeconfig"),
    HELM_CACHE_HOME: join(folder, "cache"),
    HELM_CONFIG_HOME: join(folder, "config"),
    HELM_DATA_HOME: join(folder, "data"),
  };
  return (...args) =>
    new Promise((settle, fail) => {
      execFile(found.binaries.helm, args, { env, timeout: MILLIS }, (trouble, stdout, stderr) => {
        if (trouble === null) settle(stdout);
        else fail(new Error(`helm ${args.join(" ")}: ${stderr.trim() || trouble.message}`));
      });
    });
}
