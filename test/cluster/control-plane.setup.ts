/**
 * Control planes for the `cluster` project: one for each worker, started when a file of that worker asks for it, so that what
 * files share they share one after the other. Where the programs can neither be found nor built, every test of the project is
 * skipped, loudly; with CI=true that is a failure.
 */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestProject } from "vitest/node";
import type { Binaries } from "../control-plane/binaries.ts";
import { findControlPlane } from "../control-plane/build.ts";
import { startControlPlane } from "../control-plane/start.ts";
import type { StartedControlPlane } from "../control-plane/start.ts";

const running = new Map<string, Promise<StartedControlPlane>>();
let server: Server | undefined;

export async function setup(project: TestProject): Promise<void> {
  const found = await findControlPlane();
  if (found.kind === "missing") {
    if (process.env["CI"]) throw new Error(`the cluster lane must run in CI: ${found.reason}`);
    process.stderr.write(`\nSKIPPED: every test of the cluster lane. ${found.reason}\n\n`);
    project.config.testNamePattern = /$^/; // matches nothing
    project.provide("controlPlanes", { missing: found.reason });
    return;
  }
  const { binaries } = found;
  server = createServer(({ url = "" }, answer) => {
    planeOf(url, binaries).then(
      ({ coordinates }) => answer.end(JSON.stringify(coordinates)),
      (trouble: unknown) => answer.writeHead(500).end(String(trouble)),
    );
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  project.provide("controlPlanes", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

function planeOf(worker: string, binaries: Binaries): Promise<StartedControlPlane> {
  const plane = running.get(worker) ?? startControlPlane(binaries);
  running.set(worker, plane);
  return plane;
}

export async function teardown(): Promise<void> {
  server?.close();
  server?.closeAllConnections();
  await Promise.all([...running.values()].map(async (plane) => (await plane).stop()));
}
