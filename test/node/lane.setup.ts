/**
 * For the `node` project: where no node can be made, every test is skipped, loudly; in CI as root that is a failure.
 */
import type { TestProject } from "vitest/node";
import { isMandatory, missingForNode } from "./lane.ts";

export async function setup(project: TestProject): Promise<void> {
  const missing = await missingForNode();
  if (missing === undefined) return;
  if (process.env["CI"] && isMandatory()) throw new Error(`the node lane must run in CI: ${missing}`);
  process.stderr.write(`\nSKIPPED: every test of the node lane. ${missing}\n\n`);
  project.config.testNamePattern = /$^/; // matches nothing
}
