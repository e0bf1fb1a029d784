import { describe, expect, test } from "vitest";
import { objectKey } from "../../src/base/ids.ts";
import { seconds, later } from "../../src/base/units.ts";
import { levelText } from "../../src/coordinate/wording.ts";
import { Board } from "../../src/cli/view/board.ts";
import { decisionLine } from "../../src/cli/view/decision-json.ts";
import type { Picture } from "../../src/cli/view/frame.ts";
import { renderFrame } from "../../src/cli/view/frame.ts";
import { gauge } from "../../src/cli/view/gauge.ts";
import { lineOf } from "../../src/cli/view/line-view.ts";
import { rowOf } from "../../src/cli/view/row.ts";
import type { Paint } from "../../src/cli/view/text.ts";
import { agoText, fit, plainly } from "../../src/cli/view/text.ts";
import type { DecisionRecord } from "../../src/report/record.ts";
import { T0 } from "../builders.ts";
import {
  aBlindPlan,
  aPlan,
  aQuestion,
  aValidMetric,
  notDecided,
  planned,
  scaledWith,
  steady,
  withheld,
} from "../report/records.ts";

/** Marks what would be coloured, so that a test can see it. */
const marking: Paint = (tone, text) => (tone === "plain" ? text : `<${tone}:${text}>`);

describe("the gauge", () => {
  test.each([
    { ratio: 0, drawn: "        │    " },
    { ratio: 0.01, drawn: "▇       │    " },
    { ratio: 41 / 60, drawn: "▇▇▇▇▇   │    " },
    { ratio: 1, drawn: "▇▇▇▇▇▇▇▇│    " },
    { ratio: 1.5, drawn: "▇▇▇▇▇▇▇▇│▇▇▇▇" },
    { ratio: 1.6, drawn: "▇▇▇▇▇▇▇▇│▇▇▇»" },
    { ratio: 40, drawn: "▇▇▇▇▇▇▇▇│▇▇▇»" },
  ])("at $ratio of the mark: $drawn", ({ ratio, drawn }) => {
    expect(gauge({ ratio, words: "" }, 12, (above) => above)).toBe(drawn);
  });

  test("colours what is above the mark and nothing else", () => {
    expect(gauge({ ratio: 1.25, words: "" }, 12, (above) => `<${above}>`)).toBe("▇▇▇▇▇▇▇▇│<▇▇>  ");
  });
});

describe("a row", () => {
  const question = aQuestion();
  test.each<{ when: string; record: DecisionRecord; state: string }>([
    {
      when: "usage on the mark",
      record: withMetric({ because: "within-tolerance", ratio: 1 }, 4),
      state: "calm",
    },
    { when: "usage over the mark", record: planned(), state: "above" },
    {
      when: "fewer wanted than there are",
      record: withMetric({ because: "usage-under-target" }, 3),
      state: "changing",
    },
    {
      when: "a rail keeps the count",
      record: heldBy("behavior"),
      state: "held",
    },
    { when: "a bound keeps the count", record: heldBy("bounds"), state: "calm" },
    { when: "no answer from any metric", record: planned(aBlindPlan(), { kind: "none" }), state: "failing" },
    {
      when: "a hold for missing evidence",
      record: planned(
        aPlan({
          moves: [{ rail: "hold-on-missing-evidence", before: 2, after: 4, why: "2 of 3 pods silent" }],
        }),
      ),
      state: "failing",
    },
    {
      when: "a refused write",
      record: planned(aPlan(), scaledWith({ kind: "forbidden", status: 403, message: "no" })),
      state: "failing",
    },
    {
      when: "a conflict, which is tried again",
      record: planned(aPlan(), scaledWith({ kind: "conflict", message: "modified" })),
      state: "above",
    },
    { when: "a spec that cannot be read", record: notDecided("InvalidSpec", "Ready"), state: "failing" },
  ])("is $state after $when", ({ record, state }) => {
    expect(rowOf(record).state).toBe(state);
  });

  test("says what is unknown, and never 0", () => {
    const row = rowOf(notDecided("FailedGetScale", "AbleToScale"));
    expect(row).toMatchObject({ level: undefined, replicas: undefined, sentence: "FailedGetScale is why" });
    expect(
      renderFrame(pictureOf([notDecided("FailedGetScale", "AbleToScale")]), size(120), plainly)[3],
    ).toMatch(/not decided\s+-\s+FailedGetScale is why/);
  });

  test("shows the pods that are there, and those that are wanted", () => {
    const target = { ...question.target, observedReplicas: 5 };
    expect(rowOf(planned(aPlan(), undefined, { question: aQuestion({ target }) })).replicas).toEqual({
      now: 5,
      wanted: 6,
    });
  });

  test("of a Shadow policy says that nothing was written", () => {
    expect(rowOf(planned(aPlan(), withheld("Shadow"))).sentence).toBe(
      "Shadow: cpu 90 % of request, mark 60 %: 4 → 6",
    );
  });
});

describe("the board", () => {
  test("puts first what needs a look first, and keeps the order of names within", () => {
    const board = new Board(seconds(120));
    for (const record of [
      named("b-calm", steadyAtMark()),
      named("a-calm", steadyAtMark()),
      named("above", planned()),
      named("failing", notDecided("InvalidSpec", "Ready")),
    ])
      board.add(record);
    expect(board.entries(T0).map(({ row }) => row.name)).toEqual(["failing", "above", "a-calm", "b-calm"]);
  });

  test("lets an order stand for a while, and shows what is new in it at once", () => {
    const board = new Board(seconds(120));
    for (const name of ["a", "b"]) board.add(named(name, steadyAtMark()));
    const namesAt = (after: number): string[] =>
      board.entries(later(T0, seconds(after))).map(({ row }) => `${row.name} ${row.state}`);
    expect(namesAt(0)).toEqual(["a calm", "b calm"]);
    board.add(named("b", planned()));
    expect(namesAt(119)).toEqual(["a calm", "b above"]);
    expect(namesAt(120)).toEqual(["b above", "a calm"]);
    board.add(named("c", notDecided("InvalidSpec", "Ready")));
    expect(namesAt(121)).toEqual(["c failing", "b above", "a calm"]);
  });

  test("counts decisions, acts and holds", () => {
    const board = new Board(seconds(120));
    for (const record of [planned(), steady(), planned(aBlindPlan(), { kind: "none" }), planned()])
      board.add(record);
    expect(board.tally()).toEqual({ decided: 4, acted: 2, held: 1 });
  });

  test("remembers a row's last act through later decisions", () => {
    const board = new Board(seconds(120));
    board.add(planned());
    const { before, after } = board.add(steady({ at: later(T0, seconds(15)) }));
    expect(before?.lastAct).toMatchObject({ from: 4, to: 6 });
    expect(after.lastAct).toBe(before?.lastAct);
  });
});

describe("a frame", () => {
  const records = (): DecisionRecord[] => [
    named("web", planned(), "shop"),
    named(
      "worker",
      withMetric({ because: "usage-under-target", ratio: 0.41 / 0.6, utilization: 41 }, 10),
      "shop",
    ),
    named("crawler", silent(), "jobs"),
    named("a-workload-with-quite-a-long-name", steadyAtMark(), "a-namespace-as-well"),
  ];

  test.each([60, 80, 120, 160, 220])(
    "fits %i columns, with every row's columns at the same places",
    (width) => {
      const lines = renderFrame(pictureOf(records()), size(width), plainly);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
      const marks = lines.slice(3).flatMap((line) => (line.includes("│") ? [line.indexOf("│")] : []));
      expect(new Set(marks.slice(0, 3)).size).toBe(1);
    },
  );

  test.each([80, 120, 160])("at %i columns", (width) => {
    expect(renderFrame(pictureOf(records()), size(width), plainly).join("\n")).toMatchSnapshot();
  });

  test("in colours says the same, with a colour for each meaning", () => {
    expect(renderFrame(pictureOf(records()), size(120), marking).join("\n")).toMatchSnapshot();
  });

  test.each([3, 5, 6, 7, 8, 24])("has at most %i lines, and says how much is hidden", (height) => {
    const lines = renderFrame(pictureOf(records()), { width: 100, height }, plainly);
    expect(lines.length).toBeLessThanOrEqual(height);
    if (height === 7) expect(lines.at(-1)).toContain("2 more below");
    if (height === 24) expect(lines.at(-1)).not.toContain("more below");
  });

  test("says the act of a row for a minute, then its newest decision", () => {
    const board = new Board(seconds(120));
    board.add(named("web", planned()));
    board.add(named("web", steadyAtMark(15)));
    const decisionAt = (after: number): string =>
      renderFrame(
        { ...pictureOf([]), speed: 1, now: later(T0, seconds(after)), entries: board.entries(T0) },
        size(120),
        plainly,
      )[3] ?? "";
    expect(decisionAt(20)).toContain("scaled up 20 s ago: 4 → 6");
    expect(decisionAt(80)).toMatch(/ 4 stay$/);
  });
});

describe("plain lines", () => {
  const linesOf = (...records: DecisionRecord[]): (string | undefined)[] => {
    const board = new Board(seconds(120));
    return records.map((record) => lineOf(board.add(record), record));
  };

  test("say nothing of the time before there were samples", () => {
    const blind = planned(aBlindPlan(), { kind: "none" });
    expect(linesOf(blind, blind, steady())).toEqual([undefined, undefined, undefined]);
  });

  test("tell changes, and trouble when it begins and ends, and nothing twice", () => {
    const blind = planned(aBlindPlan(), { kind: "none" });
    expect(linesOf(steady(), planned(), blind, blind, steady(), steady())).toEqual([
      undefined,
      "2026-11-25T12:00:00Z  shop/web            up: cpu 90 % of request, mark 60 %: 4 → 6",
      "2026-11-25T12:00:00Z  shop/web            trouble: held: no fresh samples of 4 pods",
      undefined,
      expect.stringContaining("recovered: "),
      undefined,
    ]);
  });
});

describe("a decision as JSON", () => {
  test("that acted", () => {
    const moves = [{ rail: "behavior", before: 9, after: 6, why: "at most 2 pods in 15 s" }] as const;
    expect(decisionLine(planned(aPlan({ moves })))).toEqual({
      time: "2026-11-25T12:00:00Z",
      namespace: "shop",
      policy: "web",
      target: "Deployment/web",
      mode: "Active",
      from: 4,
      to: 6,
      why: "cpu 90 % of request, mark 60 %: 4 → 6",
      reason: null,
      rails: [{ rail: "behavior", before: 9, after: 6, why: "at most 2 pods in 15 s" }],
      effect: "scaled",
      outcome: "written",
    });
  });

  test("that could not be taken has the same keys, and null for what is not known", () => {
    const line = decisionLine(notDecided("InvalidSpec", "Ready"));
    expect(line).toMatchObject({
      from: null,
      to: null,
      reason: "InvalidSpec",
      effect: "none",
      outcome: null,
    });
    expect(Object.keys(line)).toEqual(Object.keys(decisionLine(planned())));
  });

  test("without an answer names the HPA's reason", () => {
    expect(decisionLine(planned(aBlindPlan(), { kind: "none" })).reason).toBe("FailedGetResourceMetric");
  });
});

test.each([
  [400, "now"],
  [12_000, "12 s ago"],
  [95_000, "95 s ago"],
  [130_000, "2 min ago"],
  [7_300_000, "2 h ago"],
])("%i ms is %s", (age, text) => {
  expect(agoText(age)).toBe(text);
});

test.each([
  ["web", 5, "web  "],
  ["web", 3, "web"],
  ["worker", 4, "wor…"],
  ["worker", 0, ""],
])("%s in %i columns is '%s'", (text, width, fitted) => {
  expect(fit(text, width)).toBe(fitted);
});

function heldBy(rail: "behavior" | "bounds"): DecisionRecord {
  const metric = aValidMetric({ because: "usage-under-target", replicas: 2 });
  const { proposal } = aPlan({ to: 2 });
  const moves = [{ rail, before: 2, after: 4, why: "as planned" }];
  return planned(aPlan({ to: 4, proposal: { ...proposal, metrics: [metric] }, moves }), { kind: "none" });
}

function size(width: number): { width: number; height: number } {
  return { width, height: 24 };
}

function pictureOf(records: readonly DecisionRecord[]): Picture {
  const board = new Board(seconds(120));
  for (const record of records) board.add(record);
  return {
    now: later(T0, seconds(12)),
    speed: 60,
    podCount: 1204,
    tally: board.tally(),
    entries: board.entries(T0),
  };
}

function named(name: string, record: DecisionRecord, namespace = "shop"): DecisionRecord {
  return {
    ...record,
    id: { ...record.id, policy: objectKey(namespace, name) },
    policy: { ...record.policy, namespace, name },
  };
}

function withMetric(over: Parameters<typeof aValidMetric>[0], to: number): DecisionRecord {
  const { proposal } = aPlan({ to });
  const metric = aValidMetric({ replicas: to, ...over });
  const sentence = `${levelText(metric)}: ${to === 4 ? "4 stay" : `4 → ${to}`}`;
  return planned(aPlan({ to, sentence, proposal: { ...proposal, metrics: [metric] } }), { kind: "none" });
}

/** No answer, because all pods are silent. */
function silent(): DecisionRecord {
  const { evidence } = aQuestion();
  const lacking = [{ name: "web-1", node: "n7", because: "sample-too-old" as const, silentFor: seconds(95) }];
  const question = aQuestion({ evidence: { ...evidence, lacking } });
  return planned(aBlindPlan(), { kind: "none" }, { question });
}

function steadyAtMark(after = 0): DecisionRecord {
  const record = withMetric({ because: "within-tolerance", ratio: 1, utilization: 60 }, 4);
  return { ...record, at: later(T0, seconds(after)) };
}
