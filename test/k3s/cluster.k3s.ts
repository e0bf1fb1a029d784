/**
 * `npm run k3s`: the shipped manifest and the built image on a whole cluster, K3s in a container, where images can be pulled. Not a
 * lane of `npm test`: where it cannot run it fails, and nothing looks as if it had run.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { K3sContainer, type StartedK3sContainer } from "@testcontainers/k3s";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildImage } from "../container/build-image.ts";
import { docker, findEngine, startEngine, type Engine } from "../container/engine.ts";
import { BUSY, POLICY } from "./workload.ts";

/** The newest minor of docs/versions.md. */
const K3S = "rancher/k3s:v1.36.1-k3s1";
const MANIFEST = readFileSync(new URL("../../deploy/plimsoll.yaml", import.meta.url), "utf8");
const LONG = { timeout: 180_000, interval: 1000 };

let engine: Engine;
let cluster: StartedK3sContainer;
const folder = mkdtempSync(join(tmpdir(), "plimsoll-k3s-"));

beforeAll(async () => {
  const found = await findEngine();
  if (found.kind !== "running")
    throw new Error(
      "K3s wants a Docker that runs here, with a bridge network, and images that can be pulled",
    );
  engine = await startEngine(found);
  Object.assign(process.env, engine.environment);
  const { image } = await buildImage(engine.environment);
  const archive = join(folder, "image.tar");
  await docker(engine.environment, "tag", image, "docker.io/library/plimsoll:0.1.0");
  await docker(engine.environment, "save", "--output", archive, "docker.io/library/plimsoll:0.1.0");
  // its own metrics-server stays out, so that the metrics are ours
  cluster = await new K3sContainer(K3S)
    .withCommand(["server", "--disable=traefik", "--disable=metrics-server"])
    .start();
  await cluster.copyFilesToContainer([{ source: archive, target: "/image.tar" }]);
  await inside("ctr", "--namespace=k8s.io", "images", "import", "/image.tar");
}, 600_000);
afterAll(async () => {
  await cluster?.stop();
  await engine?.stop();
  rmSync(folder, { recursive: true });
});

async function inside(...command: string[]): Promise<string> {
  const { output, exitCode } = await cluster.exec(command);
  if (exitCode !== 0) throw new Error(`${command.join(" ")}: ${output}`);
  return output;
}

async function apply(manifest: string, name: string): Promise<void> {
  await cluster.copyContentToContainer([{ content: manifest, target: `/${name}.yaml` }]);
  await inside("kubectl", "apply", "-f", `/${name}.yaml`);
}

test("one manifest installs it, and its pods become ready", async () => {
  await apply(MANIFEST, "plimsoll");
  await inside(
    "kubectl",
    "rollout",
    "status",
    "deployment/plimsoll",
    "-n",
    "plimsoll-system",
    "--timeout=180s",
  );
}, 240_000);

test("kubectl top is answered from its metrics", async () => {
  await expect.poll(() => inside("kubectl", "top", "nodes").catch(String), LONG).toMatch(/\d+m\s/);
}, 240_000);

test("a busy Deployment gets more replicas, and the policy says why", async () => {
  await apply(BUSY, "busy");
  await apply(POLICY, "policy");
  const read = (path: string, what: string): Promise<string> =>
    inside("kubectl", "get", what, "-o", `jsonpath={${path}}`);
  await expect
    .poll(async () => Number(await read(".spec.replicas", "deployment/busy")), LONG)
    .toBeGreaterThan(1);
  expect(await read(".status.recentActs[0].why", "scalepolicy/busy")).toMatch(/^cpu \d+ % of request/);
}, 240_000);
