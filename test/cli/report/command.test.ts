/**
 * How `plimsoll report` ends before it has seen a cluster; what it makes of one is in test/cluster/report.test.ts.
 */
import { EventEmitter } from "node:events";
import { describe, expect, test } from "vitest";
import { runCommandLine } from "../../../src/cli/program.ts";
import { createOutput } from "../../../src/cli/output.ts";
import { runReport } from "../../../src/cli/report/command.ts";

/** A stream that keeps what is written. */
function aStream() {
  const written: string[] = [];
  const stream = Object.assign(new EventEmitter(), {
    isTTY: false,
    write: (text: string) => written.push(text) > 0,
  });
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => written.join("") };
}

async function run(...argv: string[]) {
  const [stdout, stderr] = [aStream(), aStream()];
  const refuse = () => Promise.reject(new Error("another command"));
  const code = await runCommandLine(["report", ...argv], {
    operatorFlags: [],
    runOperatorCommand: refuse,
    runDemoCommand: refuse,
    runImportCommand: refuse,
    runLintCommand: refuse,
    runSimulateCommand: refuse,
    async runReportCommand(options) {
      const output = createOutput(stdout.stream, stderr.stream);
      const { signal } = new AbortController();
      const ended = await runReport({ options, environment: {}, output, stderr: stderr.stream, signal });
      output.flush();
      return ended;
    },
    print: () => undefined,
  });
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

describe("before it has seen a cluster, the report ends", () => {
  test.each([
    {
      when: "with wrong prices",
      argv: ["--price-file", "/nowhere.yaml"],
      code: 2,
      says: "--price-file /nowhere.yaml",
    },
    { when: "without a kubeconfig", argv: ["--kubeconfig", "/nowhere"], code: 3, says: "/nowhere" },
  ])("$when: $code", async ({ argv, code, says }) => {
    const ended = await run(...argv);
    expect(ended).toMatchObject({ code, stdout: "" });
    expect(ended.stderr).toContain(`plimsoll report: `);
    expect(ended.stderr).toContain(says);
  });
});
