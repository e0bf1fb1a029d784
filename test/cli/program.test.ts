import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { parseAllDocuments } from "yaml";
import { minutes } from "../../src/base/units.ts";
import type { DemoOptions } from "../../src/cli/demo.ts";
import { runCommandLine } from "../../src/cli/program.ts";
import { OPERATOR_FLAGS } from "../../src/operator-flags.ts";
import { VERSION } from "../../src/version.ts";

let printed = "";
let complained = "";

beforeEach(() => {
  printed = complained = "";
  const take = (add: (text: string) => void) => (text: unknown) => {
    add(String(text));
    return true;
  };
  vi.spyOn(process.stdout, "write").mockImplementation(take((text) => (printed += text)));
  vi.spyOn(process.stderr, "write").mockImplementation(take((text) => (complained += text)));
});
afterEach(() => void vi.restoreAllMocks());

async function run(...argv: string[]) {
  const given: {
    demo?: DemoOptions;
    operator?: unknown;
    import?: unknown;
    lint?: unknown;
    simulate?: unknown;
  } = {};
  const code = await runCommandLine(argv, {
    operatorFlags: OPERATOR_FLAGS,
    runOperatorCommand(raw) {
      given.operator = raw;
      return Promise.resolve(3);
    },
    runDemoCommand(options) {
      given.demo = options;
      return Promise.resolve(0);
    },
    runSimulateCommand: (flags) => {
      given.simulate = flags;
      return Promise.resolve(0);
    },
    runLintCommand: (flags) => {
      given.lint = flags;
      return Promise.resolve(1);
    },
    runReportCommand: () => Promise.resolve(0),
    runImportCommand: (flags) => {
      given.import = flags;
      return Promise.resolve(0);
    },
    print: (text) => void (printed += text),
  });
  return { code, ...given };
}

describe("help", () => {
  test.each([["--help"], ["help"]])(
    "of the program (%s) lists the commands and ends well",
    async (...argv) => {
      expect((await run(...argv)).code).toBe(0);
      expect(printed).toMatchSnapshot("plimsoll --help");
    },
  );

  test.each(["demo", "simulate", "lint", "import", "report", "crd", "version"])("of %s", async (command) => {
    expect((await run(command, "--help")).code).toBe(0);
    expect(printed).toMatchSnapshot();
    for (const line of printed.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
  });

  test("of operator names every flag, its default, and what it means, within 100 columns", async () => {
    expect((await run("operator", "--help")).code).toBe(0);
    for (const line of printed.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
    const words = printed.replace(/\s+/g, " ");
    for (const { name, meaning, fallback } of OPERATOR_FLAGS) {
      expect(words).toContain(`--${name} `);
      expect(words).toContain(fallback === "" ? meaning : `${meaning} (default ${fallback})`);
    }
  });

  test("without a command is a complaint", async () => {
    expect((await run()).code).toBe(2);
    expect(complained).toContain("Commands:");
  });
});

describe("the demo", () => {
  test("takes sixty times the speed, no end, seed 1 and a table unless told otherwise", async () => {
    expect((await run("demo")).demo).toEqual({ speed: 60, length: undefined, seed: 1, format: "table" });
  });

  test("takes what it is told", async () => {
    const { demo } = await run("demo", "--speed", "600", "--for", "30m", "--seed=7", "-o", "json");
    expect(demo).toEqual({ speed: 600, length: minutes(30), seed: 7, format: "json" });
  });

  test.each([
    [["--speed", "0"], "above 0"],
    [["--speed", "fast"], "above 0"],
    [["--for", "30"], "duration such as"],
    [["--for", "0s"], "duration such as"],
    [["--seed", "-1"], "whole number"],
    [["-o", "yaml"], "Allowed choices are table, json"],
    [["--sped", "3"], "--speed"],
    [["shop"], "too many arguments"],
  ])("refuses %j with a way out", async (argv, wayOut) => {
    const { code, demo } = await run("demo", ...argv);
    expect([code, demo]).toEqual([2, undefined]);
    expect(complained).toContain(wayOut);
  });
});

describe("the operator", () => {
  test("gets the flags that were given, by their names, and its exit code counts", async () => {
    const { operator, code } = await run(
      "operator",
      "--metric-resolution=5s",
      "--kubelet-insecure-tls",
      "-l",
      "a=b",
    );
    expect(operator).toEqual({
      "metric-resolution": "5s",
      "kubelet-insecure-tls": true,
      "node-selector": "a=b",
    });
    expect(code).toBe(3);
  });

  test("gets no flag that was not given, so that a file's value may stand", async () => {
    expect((await run("operator")).operator).toEqual({});
    expect((await run("operator", "--kubelet-insecure-tls", "false")).operator).toEqual({
      "kubelet-insecure-tls": "false",
    });
  });

  test("does not run with a flag that is not there", async () => {
    const { operator, code } = await run("operator", "--metric-resolutoin", "5s");
    expect([operator, code]).toEqual([undefined, 2]);
    expect(complained).toContain("Did you mean --metric-resolution?");
  });
});

test("an unknown command is a complaint that names the nearest", async () => {
  expect((await run("demmo")).code).toBe(2);
  expect(complained).toContain("Did you mean demo?");
});

test("the version is that of package.json", async () => {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  expect(VERSION).toBe(version);
  for (const argv of [["version"], ["--version"], ["-V"]]) {
    printed = "";
    expect((await run(...argv)).code).toBe(0);
    expect(printed).toBe(`${version}\n`);
  }
});

test("crd prints one CustomResourceDefinition that kubectl can apply", async () => {
  expect((await run("crd")).code).toBe(0);
  const documents = parseAllDocuments(printed).map((document) => document.toJS() as unknown);
  expect(documents).toMatchObject([
    { kind: "CustomResourceDefinition", metadata: { name: "scalepolicies.plimsoll.dev" } },
  ]);
});
