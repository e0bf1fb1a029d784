import { beforeAll, describe, expect, test } from "vitest";
import { minutes } from "../../src/base/units.ts";
import type { DemoOptions } from "../../src/cli/demo.ts";
import { runDemo } from "../../src/cli/demo.ts";
import type { DecisionLine } from "../../src/cli/view/decision-json.ts";
import { plainly } from "../../src/cli/view/text.ts";
import type { LiveTerminal, Output } from "../../src/cli/view/view.ts";

const QUICK: DemoOptions = { speed: 100_000, length: minutes(3), seed: 1, format: "json" };

function anOutput(terminal?: LiveTerminal) {
  const closed = new AbortController();
  const text: string[] = [];
  const problems: string[] = [];
  const output: Output = {
    write: (words) => void text.push(words),
    complain: (problem) => void problems.push(problem),
    closed: closed.signal,
    paint: plainly,
    terminal,
  };
  return { output, closed, problems, written: () => text.join("") };
}

async function run(options: Partial<DemoOptions>, signal = new AbortController().signal) {
  const { output, written, problems } = anOutput();
  await runDemo({ ...QUICK, ...options }, output, signal);
  expect(problems).toEqual([]);
  return written();
}

const decisionsIn = (text: string): DecisionLine[] =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as DecisionLine);

describe("the demo", () => {
  let decisions: DecisionLine[];
  beforeAll(async () => {
    decisions = decisionsIn(await run({}));
  });

  test("as JSON is a decision a line, of every workload, until its time is over", () => {
    expect(
      new Set(decisions.map(({ namespace, policy }) => `${namespace}/${policy}`)).size,
    ).toBeGreaterThanOrEqual(30);
    expect(decisions.filter(({ effect }) => effect === "scaled").length).toBeGreaterThan(0);
    expect(decisions.find(({ mode }) => mode === "Shadow")?.effect).not.toBe("scaled");
    const times = decisions.map(({ time }) => time);
    expect(times).toEqual(times.toSorted());
    expect(times[0]?.slice(0, 16)).toBe("2026-03-02T08:00");
    expect(times.at(-1)?.slice(0, 16)).toBe("2026-03-02T08:02");
  });

  test("says why in every decision, and what the API answered to every write", () => {
    for (const { why, effect, outcome, from, to } of decisions) {
      expect(why).not.toBe("");
      if (effect === "scaled") expect([outcome, from === to]).toEqual(["written", false]);
    }
  });

  test("tells the same story twice, and another with another seed", async () => {
    const story = (seed: number): Promise<string> => run({ seed, length: minutes(1) });
    expect(await story(7)).toBe(await story(7));
    expect(await story(7)).not.toBe(await story(8));
  });

  test("in plain lines tells the changes, and ends with the whole table", async () => {
    const text = await run({ format: "table" });
    expect(text).toMatch(/^2026-03-02T08:0\d:\d\dZ {2}\S+ +(up|down): .* \d+ → \d+/m);
    const table = text.slice(text.indexOf("\nplimsoll "));
    expect(table).toMatch(/NAMESPACE +WORKLOAD +USAGE per pod +REPLICAS +REQUESTS +LAST DECISION/);
    expect(table).toMatch(/^edge +flags +▇ +│ +cpu 1\d\/70% +2 +cpu 100m mem 64Mi /m);
  });

  test("ends well in the middle, when interrupted and when nobody reads any more", async () => {
    const interrupted = new AbortController();
    const { output, closed } = anOutput();
    const endless: DemoOptions = { ...QUICK, speed: 600, length: undefined };
    const stop = { ...output, write: () => interrupted.abort() };
    await runDemo(endless, stop, interrupted.signal);
    await runDemo(endless, { ...output, write: () => closed.abort() }, new AbortController().signal);
    expect([interrupted.signal.aborted, closed.signal.aborted]).toEqual([true, true]);
  });

  test("on a terminal draws on a screen of its own, follows its size, and leaves it clean", async () => {
    const shown: string[] = [];
    let resized: (() => void) | undefined;
    const size = { columns: 80, rows: 24 };
    const terminal: LiveTerminal = {
      get columns() {
        return size.columns;
      },
      get rows() {
        return size.rows;
      },
      write(text) {
        shown.push(text);
        if (shown.length !== 2) return;
        size.columns = 120;
        resized?.();
      },
      onResize(changed) {
        resized = changed;
        return () => (resized = undefined);
      },
    };
    const { output, written } = anOutput(terminal);
    await runDemo({ ...QUICK, format: "table" }, output, new AbortController().signal);
    expect(shown[0]).toContain("\u001b[?1049h");
    expect(shown.at(-1)).toBe("\u001b[?25h\u001b[?1049l");
    expect(resized).toBeUndefined();
    expect(written()).toMatch(
      /^plimsoll demo: 3\d workloads, [\d,]+ decisions, \d+ acted on, [\d,]+ held\n$/,
    );
  });
});
