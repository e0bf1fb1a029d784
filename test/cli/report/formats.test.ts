import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { documentOf, ReportDocument, schemaText } from "../../../src/cli/report/document.ts";
import { csvCell, csvText } from "../../../src/cli/report/format/csv.ts";
import { htmlText } from "../../../src/cli/report/format/html.ts";
import { markdownText } from "../../../src/cli/report/format/markdown.ts";
import { tableText, wrap } from "../../../src/cli/report/format/table.ts";
import { historyLine, pricesLine, spanText } from "../../../src/cli/report/printed.ts";
import { amountWords, moneyWords } from "../../../src/cli/report/words.ts";
import { plainly } from "../../../src/cli/view/text.ts";
import type { Cents } from "../../../src/rightsizing/judge/money.ts";
import { NOW } from "../../rightsizing/subjects.ts";
import { aPrinted, HOSTILE } from "./printed.ts";

const WIDTHS = [80, 120, 200];

describe("the table", () => {
  test.each(WIDTHS)("at %d columns", (width) => {
    const text = tableText(aPrinted(), { width, paint: plainly });
    expect(text).toMatchSnapshot();
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(width);
  });

  test("in groups has a line of totals for each", () =>
    expect(
      tableText(aPrinted({ groupBy: { kind: "namespace" } }), { width: 120, paint: plainly }),
    ).toMatchSnapshot());

  test.each(WIDTHS)("of hostile names steers no terminal, at %d columns", (width) => {
    const text = tableText(aPrinted({ hostile: true }), { width, paint: plainly });
    expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
  });

  test("colours what is at risk, and what is calm is dim", () => {
    const text = tableText(aPrinted(), {
      width: 120,
      paint: (tone, of) => (tone === "plain" ? of : `<${tone}>${of}`),
    });
    expect(text).toContain("<failing>critical");
    expect(text).toContain("<calm>low");
  });
});

describe("JSON", () => {
  const schema = z.fromJSONSchema(JSON.parse(schemaText()) as Parameters<typeof z.fromJSONSchema>[0]);

  test.each([
    { what: "a report", parts: {} },
    { what: "a report in groups", parts: { groupBy: { kind: "label", key: "team" } } as const },
    { what: "a report of hostile names", parts: { hostile: true } },
  ])("of $what passes the published schema", ({ parts }) => {
    const document: unknown = JSON.parse(JSON.stringify(documentOf(aPrinted(parts))));
    expect(schema.safeParse(document).error).toBeUndefined();
    expect(ReportDocument.safeParse(document).error).toBeUndefined();
  });

  test.each([
    ["an unknown field", { more: 1 }],
    ["a total that is text", { totals: { requests: "1", waste: 0, increase: 0, idleReplicas: 0 } }],
    ["no time", { generatedAt: undefined }],
  ])("with %s does not pass it", (_, change) =>
    expect(
      schema.safeParse(JSON.parse(JSON.stringify({ ...documentOf(aPrinted()), ...change }))).success,
    ).toBe(false),
  );

  test("the published schema is that of docs/", () =>
    expect(readFileSync(new URL("../../../docs/report.schema.json", import.meta.url), "utf8")).toBe(
      schemaText(),
    ));

  test("says null for what is not set, and leaves out what is not known", () => {
    const { workloads } = documentOf(aPrinted());
    const bare = workloads.find(({ name }) => name === "bare")!.containers[0]!;
    expect(bare.cpu).toMatchObject({ request: null, limit: null, direction: "unset" });
    const unseen = workloads.find(({ name }) => name === "new")!.containers[0]!;
    expect(unseen.cpu).not.toHaveProperty("usage");
    expect(unseen).toMatchObject({ adviceMissing: "no-samples", confidence: { level: "none" } });
  });

  test("adds up", () => {
    const { workloads, totals } = documentOf(aPrinted());
    const sum = workloads.reduce((all, one) => all + one.totals.waste, 0);
    expect(sum).toBeCloseTo(totals.waste, 6);
  });
});

describe("CSV", () => {
  const rowsOf = (text: string) => text.trimEnd().split("\r\n");

  test("has a line per container, with raw numbers", () => {
    const [header = "", ...lines] = rowsOf(csvText(aPrinted()));
    expect(header).toMatchSnapshot();
    expect(lines).toHaveLength(7);
    const at = header.split(",").indexOf("cpu_request_millicores");
    expect(lines.map((line) => line.split(",")[at])).toContain("1000");
    for (const line of lines) expect(line.split(",").length).toBeGreaterThanOrEqual(header.split(",").length);
  });

  test("in groups says which", () =>
    expect(rowsOf(csvText(aPrinted({ groupBy: { kind: "namespace" } })))[0]).toMatch(/^group,/));

  test.each([
    ["=1+1", "'=1+1"],
    ["+1", "'+1"],
    ["-1", "'-1"],
    ["@x", "'@x"],
    ["a,b", '"a,b"'],
    ['a"b', '"a""b"'],
    ["a\nb", '"a\nb"'],
    ["=a,b", '"\'=a,b"'],
    ["web", "web"],
    [-1.5, "-1.5"],
    [undefined, ""],
  ])("writes %j as %j", (value, cell) => expect(csvCell(value)).toBe(cell));

  test("of hostile names is no formula", () => {
    const [, line = ""] = rowsOf(csvText(aPrinted({ hostile: true })));
    expect(line).toMatch(/^'=cmd/);
  });
});

describe("HTML", () => {
  test("is one file that fetches nothing, runs nothing, and prints", () => {
    const text = htmlText(aPrinted());
    expect(text).not.toMatch(/<script|<link|<img|src=|href=|url\(|@import/i);
    expect(text).toContain("default-src 'none'; style-src 'unsafe-inline'");
    expect(text).toContain("@media print");
    expect(text).toContain("transcode-with-a-name");
  });

  test("keeps what others wrote as text", () => {
    const text = htmlText(aPrinted({ hostile: true }));
    expect(text).not.toContain("<script>alert");
    expect(text).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
  });

  test("closes what it opens, in order", () => {
    const open: string[] = [];
    for (const [, end, tag = ""] of htmlText(aPrinted({ groupBy: { kind: "namespace" } })).matchAll(
      /<(\/?)([a-z][a-z0-9]*)\b/g,
    )) {
      if (["meta", "br"].includes(tag)) continue;
      if (end === "") open.push(tag);
      else expect(open.pop()).toBe(tag);
    }
    expect(open).toEqual([]);
  });
});

describe("Markdown", () => {
  test("is a table with its totals", () => expect(markdownText(aPrinted())).toMatchSnapshot());

  test("of hostile names opens no tag and ends no cell", () => {
    const text = markdownText(aPrinted({ hostile: true }));
    expect(text).not.toMatch(/[^\\]<script/);
    const rows = text.split("\n").filter((line) => line.startsWith("| "));
    const cells = (line: string) => line.match(/(?<!\\)\|/g)?.length;
    expect(new Set(rows.map(cells)).size).toBe(1);
    expect(text).not.toContain(HOSTILE.container);
  });
});

test("the head says how many recommendations the operator made itself", () => {
  const { workloads } = aPrinted().report;
  const own = { kind: "advice", by: "operator", amounts: {}, days: 3 } as const;
  const report = {
    ...aPrinted().report,
    workloads: [{ ...workloads[0]!, rows: [{ ...workloads[0]!.rows[0]!, advice: own }] }],
  };
  expect(historyLine({ ...aPrinted(), report })).toMatch(
    /5m\. 1 of the recommendations are the operator's own\.$/,
  );
});

test("the heads say what the figures rest on", () => {
  const printed = aPrinted();
  expect(historyLine(printed)).toBe(
    "History: Prometheus at http://localhost:9090, 8 d since 2026-11-17T12:00:00Z, a sample every 5m.",
  );
  expect(pricesLine(printed)).toBe(
    "Prices: USD 0.031611 a core-hour, 0.004237 a GiB-hour (OpenCost's default list price (GCP us-central1), of 2026-08); a month is 730 h.",
  );
  const { span, ...history } = printed.history;
  expect(historyLine({ ...printed, history: { ...history, span: undefined } })).toContain("History: none");
  expect(
    historyLine({ ...printed, history: { ...history, span: { ...span!, from: NOW, moments: 1 } } }),
  ).toContain("one look at");
});

test.each([
  [95_000, "2 min"],
  [3 * 3_600_000, "3 h"],
  [8 * 86_400_000, "8 d"],
  [196 * 3_600_000, "8 d 4 h"],
])("%d ms is %s", (length, text) => expect(spanText(length)).toBe(text));

test.each([
  [0, "-"],
  [2077, "20.77"],
  [5, "0.05"],
  [123_456_78, "123,456.78"],
])("%d cents are %s", (cents, text) => expect(moneyWords(cents as Cents)).toBe(text));

test("amounts are short", () => {
  expect(amountWords("cpu", 334.2)).toBe("335m");
  expect(amountWords("memory", 325_058_561)).toBe("310Mi");
});

test("long sentences wrap at blanks, and a long word stays whole", () => {
  expect(wrap("one two three", 8, " ")).toEqual([" one two", "  three"]);
  expect(wrap("averyveryverylongword b", 8)).toEqual(["averyveryverylongword", "b"]);
});

test("YAML says the same as JSON", async () => {
  const { stringify } = await import("yaml");
  const document = documentOf(aPrinted());
  expect(parseYaml(stringify(document))).toEqual(JSON.parse(JSON.stringify(document)));
});
