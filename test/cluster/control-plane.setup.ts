/**
 * One control plane for the whole `cluster` project. Where its programs can neither be found nor built, every test of
 * the project is skipped, loudly; with CI=true that is a failure.
 */
import type { TestProject } from "vitest/node";
import { findControlPlane } from "../control-plane/build.ts";
import { startControlPlane } from "../control-plane/start.ts";
import type { StartedControlPlane } from "../control-plane/start.ts";

let running: StartedControlPlane | undefined;

export async function setup(project: TestProject): Promise<void> {
  const found = await findControlPlane();
  if (found.kind === "missing") {
    if (process.env["CI"]) throw new Error(`the cluster lane must run in CI: ${found.reason}`);
    process.stderr.write(`\nSKIPPED: every test of the cluster lane. ${found.reason}\n\n`);
    project.config.testNamePattern = /$^/; // matches nothing
    project.provide("controlPlane", { missing: found.reason });
    return;
  }
  running = await startControlPlane(found.binaries);
  project.provide("controlPlane", running.coordinates);
}

export async function teardown(): Promise<void> {
  await running?.stop();
}
