/**
 * Control planes for the `cluster` project: one for each worker, started when a file of that worker asks for it, so that what
 * files share they share one after the other; and one for a file that asks for its own, until it ends it. Where the programs can neither be found nor built, every test of the project is
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
  server = createServer(({ url = "", method }, answer) => {
    const told = method === "DELETE" ? end(url) : coordinatesOf(url, binaries);
    told.then(
      (coordinates) => answer.end(JSON.stringify(coordinates)),
      (trouble: unknown) => answer.writeHead(500).end(String(trouble)),
    );
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  project.provide("controlPlanes", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

async function coordinatesOf(place: string, binaries: Binaries): Promise<StartedControlPlane["coordinates"]> {
  const plane = running.get(place) ?? startControlPlane(binaries);
  running.set(place, plane);
  return (await plane).coordinates;
}

async function end(place: string): Promise<object> {
  const plane = await running.get(place);
  running.delete(place);
  await plane?.stop();
  return {};
}

export async function teardown(): Promise<void> {
  server?.close();
  server?.closeAllConnections();
  await Promise.all([...running.values()].map(async (plane) => (await plane).stop()));
}
