import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test, vi } from "vitest";
import { minutes } from "../../../src/base/units.ts";
import { runCommandLine } from "../../../src/cli/program.ts";
import type { ReportOptions } from "../../../src/cli/report/options.ts";
import { pricesFrom } from "../../../src/cli/report/prices.ts";
import { createProgress } from "../../../src/cli/report/progress.ts";
import { monoMillis } from "../../../src/base/units.ts";

let complained = "";
beforeEach(() => {
  complained = "";
  const spy = vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    complained += String(text);
    return true;
  });
  return () => spy.mockRestore();
});

async function run(...argv: string[]) {
  let options: ReportOptions | undefined;
  const refuse = () => Promise.reject(new Error("another command"));
  const code = await runCommandLine(["report", ...argv], {
    operatorFlags: [],
    runOperatorCommand: refuse,
    runDemoCommand: refuse,
    runImportCommand: refuse,
    runLintCommand: refuse,
    runSimulateCommand: refuse,
    runReportCommand(given) {
      options = given;
      return Promise.resolve(0);
    },
    print: () => undefined,
  });
  return { code, options };
}

describe("plimsoll report", () => {
  test("looks once at the namespace of the context unless told otherwise", async () => {
    const { code, options } = await run();
    expect(code).toBe(0);
    expect(options).toMatchObject({
      namespace: undefined,
      allNamespaces: false,
      selector: "",
      format: "table",
      groupBy: undefined,
      thresholds: [],
      compat: undefined,
      sample: 0,
      prometheus: undefined,
      settings: { podMinimum: { cpu: 25, memory: 250 * 2 ** 20 } },
    });
  });

  test("takes what it is told", async () => {
    const { options } = await run(
      "-A", "-l", "team in (a,b)", "-o", "csv", "--group-by=label:team", "--threshold", "risk=high", "--threshold=waste=30%",
      "--sample", "10m", "--cpu-price=0.03", "--pod-recommendation-min-memory-mb=100",
    ); // prettier-ignore
    expect(options).toMatchObject({
      allNamespaces: true,
      selector: "team in (a,b)",
      format: "csv",
      groupBy: { kind: "label", key: "team" },
      thresholds: [
        { kind: "risk", level: "high" },
        { kind: "waste-percent", percent: 30 },
      ],
      sample: minutes(10),
      prices: { cpu: 0.03 },
      settings: { podMinimum: { memory: 100 * 2 ** 20 } },
    });
  });

  test("reads eight days of a Prometheus, five minutes apart, unless told otherwise", async () => {
    const { options } = await run("--prometheus-address", "http://localhost:9090/prom");
    expect(options?.prometheus).toMatchObject({
      address: "http://localhost:9090/prom",
      length: minutes(8 * 24 * 60),
      resolution: minutes(5),
      labels: { namespace: "namespace", pod: "pod", container: "container" },
    });
  });

  test.each([
    [["-n", "shop", "-A"], "exclude each other"],
    [["--sample", "5m", "--prometheus-address", "http://x"], "exclude each other"],
    [["--compat", "krr", "-o", "html"], "has no html"],
    [["--compat", "krr", "--threshold", "risk=high"], "neither --threshold"],
    [["--compat", "goldilocks"], "Allowed choices are krr"],
    [["--sample", "10"], "Write a duration"],
    [["--sample", "0s"], "Write a duration"],
    [["--threshold", "risk=awful"], "Write risk=critical"],
    [["--group-by", "team"], "Write namespace, or label:KEY"],
    [["-l", "a b"], "Write labels"],
    [["--width", "20"], "from 60 to 1000"],
    [["--cpu-price", "-1"], "number of 0 or more"],
    [["--currency", "euros"], "three letters"],
    [["--prometheus-address", "localhost:9090"], "http or https URL"],
    [["-o", "pdf"], "Allowed choices are table, json, yaml, csv, html, markdown"],
    [["--history-length", "1m", "--history-resolution", "5m"], "must not exceed"],
    [["shop"], "too many arguments"],
  ])("refuses %j with a way out", async (argv, wayOut) => {
    expect(await run(...argv)).toEqual({ code: 2, options: undefined });
    expect(complained).toContain(wayOut);
  });
});

describe("prices", () => {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-prices-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (text: string): string => {
    const path = join(folder, "prices.yaml");
    writeFileSync(path, text);
    return path;
  };
  const none = { file: undefined, cpu: undefined, memory: undefined, currency: undefined };

  test("are the default list price, which says what it is", async () =>
    expect(await pricesFrom(none)).toMatchObject({
      prices: { currency: "USD", cpuCoreHour: 0.031611, memoryGiBHour: 0.004237, date: "2026-08" },
    }));

  test("of a file are told as its source and date", async () => {
    const path = file(
      "currency: EUR\ncpuCoreHour: 0.0274\nmemoryGiBHour: 0.0036\nsource: our bill\ndate: 2026-10\n",
    );
    expect(await pricesFrom({ ...none, file: path })).toEqual({
      kind: "prices",
      prices: {
        currency: "EUR",
        cpuCoreHour: 0.0274,
        memoryGiBHour: 0.0036,
        source: "our bill",
        date: "2026-10",
      },
    });
  });

  test.each([
    {
      flags: { cpu: 0.05 },
      source: "--cpu-price; else OpenCost's default list price (GCP us-central1)",
      date: "2026-08",
    },
    { flags: { cpu: 0.05, memory: 0.005 }, source: "--cpu-price and --memory-price", date: "" },
  ])("of flags are told as theirs: $source", async ({ flags, source, date }) =>
    expect(await pricesFrom({ ...none, ...flags })).toMatchObject({
      prices: { ...(flags.cpu && { cpuCoreHour: 0.05 }), source, date },
    }),
  );

  test.each([
    { text: "currency: EUR\ncpuCoreHour: dear\nmemoryGiBHour: 1\n", says: "cpuCoreHour" },
    { text: "currency: EUR\ncpuCoreHour: -1\nmemoryGiBHour: 1\n", says: "cpuCoreHour" },
    { text: "currency: euro\ncpuCoreHour: 1\nmemoryGiBHour: 1\n", says: "three letters" },
    { text: "currency: EUR\ncpuCoreHour: 1\nmemoryGiBHour: 1\ndisk: 3\n", says: "disk" },
    { text: "- a\n", says: "the file" },
    { text: "a: [", says: "prices.yaml" },
  ])("of a wrong file are a complaint about $says", async ({ text, says }) => {
    const outcome = await pricesFrom({ ...none, file: file(text) });
    expect(outcome).toMatchObject({ kind: "wrong", message: expect.stringContaining(says) as string });
  });

  test("of no file are a complaint", async () =>
    expect(await pricesFrom({ ...none, file: join(folder, "none.yaml") })).toMatchObject({ kind: "wrong" }));
});

describe("progress", () => {
  const on = (isTTY: boolean) => {
    let now = 0;
    const written: string[] = [];
    const progress = createProgress(
      { isTTY, write: (text) => written.push(text) },
      { mono: () => monoMillis(now) },
    );
    return { progress, written, pass: (ms: number) => (now += ms) };
  };

  test("writes one line over on a terminal, and leaves it clean", () => {
    const { progress, written } = on(true);
    progress.show("1 of 4");
    progress.show("2 of 4");
    progress.end();
    progress.end();
    expect(written).toEqual(["\r\x1b[K1 of 4", "\r\x1b[K2 of 4", "\r\x1b[K"]);
  });

  test("elsewhere writes a line a minute", () => {
    const { progress, written, pass } = on(false);
    for (let at = 0; at < 9; at++) {
      progress.show(`${at}`);
      pass(15_000);
    }
    progress.end();
    expect(written).toEqual(["0\n", "4\n", "8\n"]);
  });
});
