/**
 * One engine and one build of the image for the `container` project. Where there can be no engine every test is skipped,
 * loudly; with CI=true that is a failure.
 */
import type { TestProject } from "vitest/node";
import { buildImage, type BuiltImage } from "./build-image.ts";
import { type Engine, type EngineEnvironment, findEngine, startEngine } from "./engine.ts";

declare module "vitest" {
  interface ProvidedContext {
    container: (BuiltImage & { environment: EngineEnvironment }) | { missing: string };
  }
}

let engine: Engine | undefined;

export async function setup(project: TestProject): Promise<void> {
  const found = await findEngine();
  if (found.kind === "missing") {
    if (process.env["CI"]) throw new Error(`the container lane must run in CI: ${found.reason}`);
    process.stderr.write(`\nSKIPPED: every test of the container lane. ${found.reason}\n\n`);
    project.config.testNamePattern = /$^/; // matches nothing
    project.provide("container", { missing: found.reason });
    return;
  }
  engine = await startEngine(found);
  const { environment, name } = engine;
  try {
    const started = performance.now();
    const built = await buildImage(environment);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    process.stderr.write(`container: Docker ${name}; bases ${built.from}; image built in ${seconds} s\n`);
    project.provide("container", { ...built, environment });
  } catch (trouble) {
    await engine.stop(); // there is no teardown after a failed setup
    throw trouble;
  }
}

export async function teardown(): Promise<void> {
  await engine?.stop();
}
