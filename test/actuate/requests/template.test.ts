/** The write of a template: its phases, what it leaves in the annotation, and what is said of it. */
import { describe, expect, test } from "vitest";
import { uid } from "../../../src/base/ids.ts";
import type { TemplateBasis, TemplateOutcome } from "../../../src/actuate/request-port.ts";
import {
  beginTemplate,
  stepTemplate,
  type TemplatePhase,
} from "../../../src/actuate/requests/template-phases.ts";
import {
  annotationFor,
  templateBases,
  templateStateOf,
} from "../../../src/actuate/requests/template-state.ts";
import { applyingAfter } from "../../../src/actuate/requests/template-words.ts";
import { amounts, named, resources } from "../../coordinate/requests/questions.ts";
import { aPlan, asks } from "./pods.ts";

const ANNOTATION = "plimsoll.dev/requests";
const WRITTEN: TemplateOutcome = { kind: "written", resourceVersion: "2" };
const CONFLICT: TemplateOutcome = { kind: "conflict", message: "somebody was faster" };

const aBasis = (cpu = 500, over: Partial<TemplateBasis> = {}): TemplateBasis => ({
  uid: uid("uid-of-web"),
  resourceVersion: "1",
  containers: [{ ...named("app", resources(amounts(cpu))), written: {} }],
  annotations: {},
  gitOps: undefined,
  writtenAt: undefined,
  ...over,
});
const decide = () => aPlan(300);
const read = (basis = aBasis()) => ({ of: "reading", outcome: { kind: "read", value: basis } }) as const;
const trying = (): TemplatePhase => stepTemplate(beginTemplate(), read(), decide);
const writing = (): TemplatePhase => stepTemplate(trying(), { of: "trying", outcome: WRITTEN }, decide);
const end = (phase: TemplatePhase) => (phase.at === "settled" ? phase.end : expect.fail(`still ${phase.at}`));

describe("a template", () => {
  test("is read, tried, and then written, each on the same basis", () => {
    expect(beginTemplate()).toEqual({ at: "reading", attempt: 1 });
    const write = {
      basis: aBasis(),
      plan: aPlan(300),
      annotation: '{"app":{"cpu":{"base":"500m","set":"300m"}}}',
    };
    expect(trying()).toEqual({ at: "trying", attempt: 1, write });
    expect(writing()).toEqual({ at: "writing", attempt: 1, write });
    expect(end(stepTemplate(writing(), { of: "writing", outcome: WRITTEN }, decide))).toEqual({
      kind: "answered",
      outcome: WRITTEN,
      plan: aPlan(300),
    });
  });

  test("that cannot be read is not written", () => {
    const failure = { kind: "absent", message: "gone" } as const;
    const phase = stepTemplate(beginTemplate(), { of: "reading", outcome: failure }, decide);
    expect(end(phase)).toEqual({ kind: "unreadable", failure });
  });

  test("that is found as it should be is not written", () => {
    const phase = stepTemplate(beginTemplate(), read(), () => aPlan(undefined));
    expect(end(phase)).toEqual({ kind: "nothing-to-write", plan: aPlan(undefined) });
  });

  const OUTCOMES: readonly TemplateOutcome[] = [
    { kind: "mutated", message: "" },
    { kind: "absent", message: "" },
    { kind: "forbidden", status: 403, message: "" },
    { kind: "refused", status: 422, message: "" },
    { kind: "throttled", retryAfter: undefined, message: "" },
    { kind: "failed", status: 500, retryAfter: undefined, message: "" },
    { kind: "unreachable", message: "" },
  ];
  test.each(OUTCOMES)("that the dry run answers with $kind is not written", (outcome) => {
    expect(end(stepTemplate(trying(), { of: "trying", outcome }, decide))).toMatchObject({
      kind: "answered",
      outcome,
    });
  });

  test.each(["trying", "writing"] as const)("is read again after a conflict in %s", (of) => {
    const phase = of === "trying" ? trying() : writing();
    expect(stepTemplate(phase, { of, outcome: CONFLICT }, decide)).toEqual({ at: "reading", attempt: 2 });
  });

  test.each(["trying", "writing"] as const)("is left alone when there is a doubt in %s", (of) => {
    const phase = of === "trying" ? trying() : writing();
    const doubted = { kind: "doubted", doubt: "not-leading" } as const;
    expect(end(stepTemplate(phase, { of, outcome: doubted }, decide))).toMatchObject(doubted);
  });

  test("costs at most nine requests, however often somebody is faster", () => {
    let phase = beginTemplate();
    let requests = 0;
    for (; phase.at !== "settled"; requests += 1)
      phase = stepTemplate(
        phase,
        phase.at === "reading"
          ? read()
          : { of: phase.at, outcome: phase.at === "trying" ? WRITTEN : CONFLICT },
        decide,
      );
    expect(requests).toBe(9);
    expect(end(phase)).toMatchObject({ kind: "answered", outcome: CONFLICT });
  });

  test("an answer to another question is a bug", () => {
    expect(() => stepTemplate(beginTemplate(), { of: "writing", outcome: WRITTEN }, decide)).toThrow(
      /no edge/,
    );
    expect(() => stepTemplate(trying(), { of: "writing", outcome: WRITTEN }, decide)).toThrow(/no edge/);
  });
});

describe("the annotation", () => {
  const ours = { [ANNOTATION]: '{"app":{"cpu":{"base":"500m","set":"300m"}}}' };
  test("keeps the first base through later writes, and goes when we are back at it", () => {
    const second = aBasis(300, { annotations: ours });
    expect(templateBases(second)).toEqual(asks(500));
    expect(annotationFor(second, aPlan(350))).toBe('{"app":{"cpu":{"base":"500m","set":"350m"}}}');
    expect(annotationFor(second, aPlan(500))).toBe("");
  });

  test("takes a person's new request for the base", () => {
    expect(annotationFor(aBasis(400, { annotations: ours }), aPlan(350))).toBe(
      '{"app":{"cpu":{"base":"400m","set":"350m"}}}',
    );
  });

  test.each([
    { cpu: 300, annotations: {}, annotation: "none", reverted: false },
    { cpu: 300, annotations: { [ANNOTATION]: "" }, annotation: "none", reverted: false },
    { cpu: 300, annotations: ours, annotation: "readable", reverted: false },
    { cpu: 500, annotations: ours, annotation: "readable", reverted: true },
    { cpu: 400, annotations: ours, annotation: "readable", reverted: false },
    { cpu: 500, annotations: { [ANNOTATION]: "{" }, annotation: "unreadable", reverted: false },
  ])(
    "a template with $cpu m and $annotations: $annotation, taken back: $reverted",
    ({ cpu, annotations, ...state }) => {
      const basis = aBasis(cpu, { annotations: annotations as Record<string, string>, gitOps: "Flux" });
      expect(templateStateOf(basis, true)).toEqual({
        gitOps: "Flux",
        requestsIgnored: true,
        writtenAt: undefined,
        ...state,
      });
    },
  );
});

test.each([
  { outcome: WRITTEN, status: "True", reason: "Applied" },
  { outcome: { kind: "mutated", message: "m" }, status: "False", reason: "MutatedByAdmission" },
  {
    outcome: { kind: "forbidden", status: 403, message: 'cannot patch resource "deployments"' },
    status: "False",
    reason: "NotPermitted",
  },
  {
    outcome: { kind: "forbidden", status: 403, message: "denied by a policy" },
    status: "False",
    reason: "WriteRefused",
  },
  { outcome: { kind: "refused", status: 422, message: "m" }, status: "False", reason: "WriteRefused" },
  {
    outcome: { kind: "failed", status: 500, retryAfter: undefined, message: "m" },
    status: "False",
    reason: "WriteFailed",
  },
  { outcome: CONFLICT, status: "False", reason: "WriteFailed" },
] as const)("answered with $outcome.kind: Applying=$status, $reason", ({ outcome, status, reason }) => {
  expect(applyingAfter({ kind: "answered", outcome, plan: aPlan(300) })).toMatchObject({ status, reason });
});
