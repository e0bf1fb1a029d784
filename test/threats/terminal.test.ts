/**
 * S24: whatever names and messages hold, what the command line prints steers no terminal.
 */
import { expect, test } from "vitest";
import { objectKey } from "../../src/base/ids.ts";
import { seconds } from "../../src/base/units.ts";
import { Board } from "../../src/cli/view/board.ts";
import { renderFrame } from "../../src/cli/view/frame.ts";
import { createJsonView } from "../../src/cli/view/json-view.ts";
import { lineOf } from "../../src/cli/view/line-view.ts";
import type { Output } from "../../src/cli/view/view.ts";
import { plainly } from "../../src/cli/view/text.ts";
import type { DecisionRecord } from "../../src/report/record.ts";
import { nameOf } from "../fail-safe/row.ts";
import { aPlan, notDecided, planned, scaledWith } from "../report/records.ts";

/** What is not one line of visible text: C0, DEL, C1 and the marks that turn the direction of writing. */
const STEERS = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u;

const SEQUENCES = [
  "\u001b[31mred", "\u001b]0;title\u0007", "\u001b[2J\u001b[H", "\u001b]8;;http://evil.example\u001b\\link",
  "\u009b31m", "\u009d0;title\u009c", "a\rb", "a\nFAKE LINE", "\u0008\u0008\u0008ok", "\u0000", "\u007f",
  "\u202egnp.exe", "\u2066x\u2069", "\u001bP+q544e\u001b\\", "\u000e\u000f", "\u001b[?1049h", "\u0085next",
  "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "${jndi:ldap://x}", "%1b[31m", "=cmd|' /C calc'!A0",
  "\t\u000b\u000c", "\u001b[6n", "\u001bc",
]; // prettier-ignore
const PLACES = ["{}", "a{}", "{}b", "x{}y{}z", "💥{}", "{}{}{}{}", "{}\u00e9", "0{}", "{}-", "é{}", " {}", "{} ",
  "{}/{}", "web {}", "it's {}", '"{}"', "[{}]", "\\{}", "'{}'", "({})"]; // prettier-ignore
const PAYLOADS = PLACES.flatMap((place) => SEQUENCES.map((sequence) => place.replaceAll("{}", sequence)));

/** Records in which each text that others write is the payload. */
function poisoned(payload: string): DecisionRecord[] {
  const whose = (record: DecisionRecord): DecisionRecord => ({
    ...record,
    id: { ...record.id, policy: objectKey("shop", payload) },
    policy: { ...record.policy, namespace: payload, name: payload },
  });
  const undecided = notDecided("InvalidSpec", "Ready");
  if (undecided.verdict.kind !== "not-decided") throw new Error("it is not decided");
  const why = { ...undecided.verdict.why, message: payload };
  return [
    { ...undecided, verdict: { kind: "not-decided" as const, why } },
    planned(aPlan({ sentence: payload }), scaledWith({ kind: "written", resourceVersion: "1" })),
    planned(aPlan({ sentence: payload }), scaledWith({ kind: "forbidden", status: 403, message: payload })),
    planned(aPlan({ sentence: payload }), {
      kind: "withheld",
      because: "ForeignAutoscaler",
      message: payload,
    }),
  ].map(whose);
}

const outputTo = (lines: string[]): Output => ({
  write: (text) => void lines.push(text.slice(0, -1)),
  complain: () => undefined,
  closed: new AbortController().signal,
  paint: plainly,
  terminal: undefined,
});

/** Every line that the three views print of a record. */
function linesOf(record: DecisionRecord): string[] {
  const board = new Board(seconds(120));
  const entries = board.add(record);
  const json: string[] = [];
  createJsonView(outputTo(json)).show(entries, record);
  const before = { ...entries.after, settled: true, row: { ...entries.after.row, state: "calm" as const } };
  const line = lineOf({ before, after: entries.after }, record) ?? "";
  const shown = { entries: board.entries(record.at), tally: board.tally() };
  const picture = { now: record.at, speed: 60, podCount: 12, ...shown };
  return [...renderFrame(picture, { width: 120, height: 24 }, plainly), ...json, line];
}

test(nameOf("S24"), () => {
  expect(PAYLOADS.length).toBeGreaterThanOrEqual(500);
  let printed = 0;
  for (const payload of PAYLOADS)
    for (const record of poisoned(payload))
      for (const line of linesOf(record)) {
        printed += 1;
        expect(STEERS.test(line), JSON.stringify(line)).toBe(false);
      }
  console.log(`S24: ${PAYLOADS.length} payloads, ${printed} lines, none with a control character`);
});
