/**
 * S27: a history that someone tampered with, or a backup brought back, is no history.
 */
import { expect, test } from "vitest";
import { seconds } from "../../src/base/units.ts";
import { encodeHistory } from "../../src/coordinate/history.ts";
import { makePlan } from "../../src/coordinate/make-plan.ts";
import { recallMemory } from "../../src/coordinate/memory.ts";
import { parseHistory } from "../../src/policy/parse-status.ts";
import { T0 } from "../builders.ts";
import { after, aMemory, anEvidence, aPlanQuestion, podsAt, TARGET } from "../coordinate/questions.ts";
import { nameOf } from "../fail-safe/row.ts";

/** What stands after an hour that ends with a falling level, so that several spans count. */
function anHour() {
  let question = aPlanQuestion({ level: 60, memory: aMemory() });
  for (let round = 0; round < 240; round += 1) {
    const level = round < 228 ? 60 : round < 232 ? 90 : round < 236 ? 75 : 60;
    const next = after(seconds(15), question, makePlan(question).memory);
    question = { ...next, evidence: anEvidence({ pods: podsAt(level, 4) }) };
  }
  return { question, history: encodeHistory(question.memory, question) };
}

const { question: LATER, history: WHOLE } = anHour();

/** None of these is of the right kind or in range, wherever it stands. */
const WRONG: readonly unknown[] = [null, "x", {}, [], true, -1, 1.5, 2 ** 40, "-1", "1970-13-40T00:00:00Z"];
const FIELDS = ["version", "targetUID", "bucketSeconds", "completeSince", "recordedAt", "buckets"] as const;
const IN_BUCKET = ["start", "low", "high"] as const;

type Damage = Readonly<{ what: string; history: unknown }>;

function damages(): Damage[] {
  const { buckets } = WHOLE;
  const inBucket = (index: number, over: object): unknown => ({
    ...WHOLE,
    buckets: buckets.map((bucket, at) => (at === index ? { ...bucket, ...over } : bucket)),
  });
  const last = buckets.length - 1;
  return [
    ...FIELDS.flatMap((field) =>
      WRONG.map((value) => ({
        what: `${field} ${JSON.stringify(value)}`,
        history: { ...WHOLE, [field]: value },
      })),
    ),
    ...FIELDS.map((field) => ({ what: `no ${field}`, history: { ...WHOLE, [field]: undefined } })),
    ...[0, Math.floor(last / 2), last].flatMap((index) =>
      IN_BUCKET.flatMap((field) =>
        WRONG.map((value) => ({
          what: `${field} ${JSON.stringify(value)} in span ${index}`,
          history: inBucket(index, { [field]: value }),
        })),
      ),
    ),
    ...[0, last].flatMap((index) =>
      ["added", "removed"].flatMap((field) =>
        WRONG.map((value) => ({
          what: `${field} ${JSON.stringify(value)}`,
          history: inBucket(index, { [field]: value }),
        })),
      ),
    ),
    { what: "spans in reverse", history: { ...WHOLE, buckets: buckets.toReversed() } },
    { what: "a span twice", history: { ...WHOLE, buckets: [buckets[0], ...buckets] } },
    { what: "recorded before it began", history: { ...WHOLE, recordedAt: "2001-01-01T00:00:00Z" } },
    { what: "another target's", history: { ...WHOLE, targetUID: "uid-of-another" } },
    {
      what: "more spans than there are",
      history: { ...WHOLE, buckets: Array.from({ length: 61 }, () => buckets[0]) },
    },
    ...WRONG.map((value) => ({ what: `instead of it ${JSON.stringify(value)}`, history: value })),
  ];
}

/** What is decided at two thirds of the load by the process that finds this history. */
function decisionOn(history: unknown) {
  const parsed = parseHistory({ horizontal: { history } });
  const memory = recallMemory({ history: parsed, target: TARGET, generation: 1, now: LATER.now });
  const low = aPlanQuestion({
    level: 40,
    now: LATER.now,
    mono: LATER.mono,
    memory: { ...memory, tookOver: false },
  });
  return makePlan(low).plan;
}

test(nameOf("S27"), () => {
  const wrong = damages();
  for (const { what, history } of wrong) {
    const { from, to, conditions } = decisionOn(history);
    expect(to, what).toBe(from);
    expect(conditions, what).toContainEqual(
      expect.objectContaining({ type: "ScalingLimited", status: "True", reason: "WindowsIncomplete" }),
    );
  }
  console.log(`S27: ${wrong.length} damaged histories, no decrease on any`);
  expect(wrong.length).toBeGreaterThanOrEqual(200);
});

test("S27 the history as it was written allows what the window allows", () => {
  expect(T0).toBeLessThan(LATER.now);
  const later = aPlanQuestion({ level: 40, now: LATER.now, mono: LATER.mono });
  const recalled = recallMemory({ history: parseHistory({ horizontal: { history: WHOLE } }), target: TARGET, generation: 1, now: LATER.now }); // prettier-ignore
  const six = after(seconds(15), later, { ...recalled, tookOver: false, recommendations: [] });
  expect(makePlan(six).plan.to).toBeLessThan(4);
});
