import { describe, expect, test } from "vitest";
import type { Scale } from "../../src/actuate/port.ts";
import { uid } from "../../src/base/ids.ts";
import type { WriteOutcome } from "../../src/base/outcome.ts";
import {
  type Answer,
  ATTEMPTS_MAX,
  begin,
  type Decide,
  type Decision,
  type Phase,
  step,
} from "../../src/reconcile/round/phases.ts";

const scaleAt = (replicas: number, resourceVersion = "1"): Scale => ({
  uid: uid("target"),
  resourceVersion,
  replicas,
  observedReplicas: replicas,
  selector: undefined,
});
const wanting =
  (to: number, standing: Decision["standing"] = { kind: "owner" }): Decide =>
  ({ replicas }) =>
    ({ plan: { from: replicas, to }, standing }) as Decision;
const free = () => undefined;
const shadow = { kind: "withheld", because: "Shadow", message: "…" } as const;
const reading = (value: Scale): Answer => ({ of: "reading", outcome: { kind: "read", value } });
const writing = (outcome: Extract<Answer, { of: "writing" }>["outcome"]): Answer => ({
  of: "writing",
  outcome,
});
const conflict: WriteOutcome = { kind: "conflict", message: "someone wrote first" };

describe("a round", () => {
  test("that changes nothing is settled by the cache alone", () => {
    expect(begin(scaleAt(4), wanting(4), free)).toMatchObject({
      at: "settled",
      end: { kind: "decided", effect: { kind: "none" } },
    });
  });

  test("reads the live scale before it writes, and when the kind is not cached", () => {
    expect(begin(scaleAt(4), wanting(6), free)).toEqual({ at: "reading", attempt: 1 });
    expect(begin(undefined, wanting(6), free)).toEqual({ at: "reading", attempt: 1 });
  });

  test("decides again on what the live scale says", () => {
    const held = step({ at: "reading", attempt: 1 }, reading(scaleAt(6)), wanting(6));
    expect(held).toMatchObject({ at: "settled", end: { effect: { kind: "none" } } });
    const acting = step({ at: "reading", attempt: 1 }, reading(scaleAt(5, "9")), wanting(6));
    expect(acting).toMatchObject({
      at: "writing",
      scale: { resourceVersion: "9" },
      decision: { plan: { from: 5, to: 6 } },
    });
  });

  test("writes nothing in Shadow, whatever is wanted", () => {
    expect(begin(scaleAt(4), wanting(6, shadow), free)).toMatchObject({
      at: "settled",
      end: { effect: shadow },
    });
    expect(step({ at: "reading", attempt: 1 }, reading(scaleAt(4)), wanting(6, shadow)).at).toBe("settled");
  });

  test("ends when the scale cannot be read", () => {
    const failure = { kind: "absent", message: "not found" } as const;
    expect(step({ at: "reading", attempt: 1 }, { of: "reading", outcome: failure }, wanting(6))).toEqual({
      at: "settled",
      end: { kind: "unreadable", failure },
    });
  });

  test.each<Extract<Answer, { of: "writing" }>["outcome"]>([
    { kind: "written", resourceVersion: "2" },
    { kind: "refused", status: 422, message: "…" },
    { kind: "unreachable", message: "…" },
    { kind: "doubted", doubt: "not-leading" },
  ])("ends after a write that was answered '$kind'", (outcome) => {
    const phase: Phase = { at: "writing", attempt: 1, scale: scaleAt(4), decision: wanting(6)(scaleAt(4)) };
    expect(step(phase, writing(outcome), wanting(6)).at).toBe("settled");
  });

  test("gives way after three conflicts in a row", () => {
    let phase = begin(scaleAt(4), wanting(6), free);
    let requests = 0;
    while (phase.at !== "settled") {
      requests += 1;
      phase = step(phase, phase.at === "reading" ? reading(scaleAt(4)) : writing(conflict), wanting(6));
    }
    expect(requests).toBe(2 * ATTEMPTS_MAX);
    expect(phase.end).toMatchObject({ kind: "decided", effect: { kind: "scaled", outcome: conflict } });
  });

  test("has no edge for an answer to another question", () => {
    expect(() => step({ at: "reading", attempt: 1 }, writing(conflict), wanting(6))).toThrow("no edge");
  });
});
