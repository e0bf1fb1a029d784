/**
 * The shipped alerts, by a real promtool.
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { ALERTS } from "../../generate/monitoring/alert.ts";
import { findPrometheus } from "../prometheus/find.ts";

const folder = fileURLToPath(new URL("../../deploy/monitoring/", import.meta.url));

async function promtool(...args: string[]): Promise<string> {
  const programs = await findPrometheus();
  const { stdout, stderr } = await promisify(execFile)(programs.promtool, args, { cwd: folder });
  return stdout + stderr;
}

test("the shipped alerts are rules that Prometheus loads", async () => {
  expect(await promtool("check", "rules", "alerts.yaml")).toContain(`SUCCESS: ${ALERTS.length} rules found`);
});

test("each of them fires when it should, with the words that it should have, and is silent otherwise", async () => {
  expect(await promtool("test", "rules", "alerts.test.yaml")).toContain("SUCCESS");
});
