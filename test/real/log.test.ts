import { expect, test } from "vitest";
import { createLog } from "../../src/real/log.ts";

function start(level: "debug" | "info") {
  const lines: string[] = [];
  const json = createLog(level, { write: (line: string) => void lines.push(line) });
  return { ...json, read: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>), lines };
}

test("a line is one JSON object with level, time, message and fields", () => {
  const { log, read, lines } = start("info");
  log("warn", "the API server is\nunreachable", { retryIn: 800, policy: "shop/web", note: undefined });
  expect(read()).toEqual([
    {
      level: "warn",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      message: "the API server is\nunreachable",
      retryIn: 800,
      policy: "shop/web",
    },
  ]);
  expect(lines[0]).toMatch(/^[^\n]+\n$/);
});

test("lines below the level are dropped, and the level can change while it runs", () => {
  const { log, setLevel, read } = start("info");
  log("debug", "one");
  setLevel("debug");
  log("debug", "two");
  setLevel("error");
  log("warn", "three");
  expect(read().map(({ message }) => message)).toEqual(["two"]);
});
