/**
 * What is kept of a policy between its decisions: whose change was the last, and what the watch owes us.
 */
import { describe, expect, test } from "vitest";
import { objectKey, uid } from "../../src/base/ids.ts";
import { later, millis, minutes, monoMillis, type MonoMillis, seconds } from "../../src/base/units.ts";
import { makePlan } from "../../src/coordinate/make-plan.ts";
import { PolicyState, PolicyStates } from "../../src/reconcile/policy-state.ts";
import { WriteLedger } from "../../src/reconcile/write-ledger.ts";
import type { Decision } from "../../src/reconcile/round/phases.ts";
import { aMeta, aPolicyObject, aWorkload, T0 } from "../builders.ts";
import { aPlanQuestion } from "../coordinate/questions.ts";

const START = monoMillis(10_000_000);
const after = (length: number): MonoMillis => later(START, seconds(length));

const aState = (ledger = new WriteLedger()): PolicyState => new PolicyState(uid("policy"), ledger);

/** A decision on a target that has `from` replicas. */
function decisionAt(from: number, to = from): Decision {
  const question = aPlanQuestion({ replicas: from });
  const { plan, memory } = makePlan(question);
  return { question, plan: { ...plan, from, to }, memory, standing: { kind: "owner" }, nodes: new Set() };
}

/** Decided at `from` replicas and wrote `to`, which the API server stored as `version`. */
function wroteAt(
  { from, to, at = START, version = "100" }: { from: number; to: number; at?: MonoMillis; version?: string },
  state = aState(),
): PolicyState {
  const decision = decisionAt(from, to);
  state.decided(decision, at);
  state.wrote(decision, version, { wall: T0, mono: at });
  return state;
}

const seenAt = (resourceVersion: string, replicas = 4) =>
  aWorkload({ replicas, meta: aMeta({ resourceVersion }) });

describe("the cached target after our own write", () => {
  test.each([
    { when: "the watch shows an older version", version: "99", replicas: 4, age: 0, trust: "not-yet" },
    {
      when: "an older version has the same count by chance",
      version: "99",
      replicas: 6,
      age: 0,
      trust: "not-yet",
    },
    { when: "the watch shows our write", version: "100", replicas: 6, age: 0, trust: "yes" },
    { when: "the watch shows something later", version: "101", replicas: 4, age: 0, trust: "yes" },
    { when: "a version has more digits", version: "1000", replicas: 4, age: 0, trust: "yes" },
    { when: "versions say nothing, and the old count", version: "v7", replicas: 4, age: 0, trust: "not-yet" },
    { when: "versions say nothing, but the count is ours", version: "v7", replicas: 6, age: 0, trust: "yes" },
    { when: "just under 30 s have passed", version: "99", replicas: 4, age: 29.999, trust: "not-yet" },
    { when: "30 s have passed: the live scale has to do", version: "99", replicas: 4, age: 30, trust: "no" },
  ])("is trusted ($trust) when $when", ({ version, replicas, age, trust }) => {
    const state = wroteAt({ from: 4, to: 6 });
    expect(state.trusts(seenAt(version, replicas), later(START, millis(age * 1000)))).toBe(trust);
  });

  test("is not trusted when it is older than what was seen before, in the cache or live", () => {
    const state = aState();
    expect(state.trusts(seenAt("100"), START)).toBe("yes");
    expect(state.trusts(seenAt("99"), START), "an API server that is behind was listed").toBe("no");
    expect(state.trusts(seenAt("100"), START)).toBe("yes");
    state.looked({ uid: uid("target"), replicas: 4 }, { resourceVersion: "105", generation: 1 });
    expect(state.trusts(seenAt("104"), START), "the live scale was newer").toBe("no");
    expect(state.trusts(seenAt("105"), START)).toBe("yes");
  });

  test("is trusted again after a cluster came back from a backup: what is read live is what there is", () => {
    const state = aState();
    expect(state.trusts(seenAt("5000"), START)).toBe("yes");
    expect(state.trusts(seenAt("300"), START)).toBe("no");
    state.looked({ uid: uid("target"), replicas: 4 }, { resourceVersion: "300", generation: 1 });
    expect(state.trusts(seenAt("300"), START)).toBe("yes");
  });

  test("is trusted by whoever wrote nothing, and once the write was seen", () => {
    expect(aState().trusts(seenAt("1"), START)).toBe("yes");
    const state = wroteAt({ from: 4, to: 6 });
    expect([state.trusts(seenAt("100"), after(1)), state.trusts(seenAt("v7"), after(2))]).toEqual([
      "yes",
      "yes",
    ]);
  });

  test("is not believed again until the watch has caught up, however long that takes", () => {
    const state = wroteAt({ from: 4, to: 6 });
    expect([31, 300, 3000].map((s) => state.trusts(seenAt("99"), after(s)))).toEqual(["no", "no", "no"]);
    expect(state.trusts(seenAt("100"), after(3001))).toBe("yes");
  });

  test("counts from the latest write", () => {
    const state = wroteAt({ from: 6, to: 8, at: after(20), version: "200" }, wroteAt({ from: 4, to: 6 }));
    expect(state.trusts(seenAt("100", 6), after(40))).toBe("not-yet");
    expect(state.trusts(seenAt("100", 6), after(50))).toBe("no");
  });
});

describe("the last change of the target was ours", () => {
  test("after a write, as long as the count is the one we wrote", () => {
    const state = wroteAt({ from: 4, to: 6 });
    expect([state.wroteLast(6), state.wroteLast(7)]).toEqual([true, false]);
  });

  test("no more once something was decided on what followed", () => {
    const state = wroteAt({ from: 4, to: 6 });
    state.decided(decisionAt(6), after(15));
    expect(state.wroteLast(6)).toBe(false);
  });

  test("never before a write", () => {
    const state = aState();
    state.decided(decisionAt(6), START);
    expect(state.wroteLast(6)).toBe(false);
  });
});

describe("acts of others", () => {
  const unknown = { workload: undefined, shown: undefined };
  const scaledBy = { manager: "kubectl-scale", at: T0 };
  const byKubectl = { ...unknown, workload: aWorkload({ scaledBy }) };

  test.each([
    { what: "by a known manager", seen: byKubectl, why: "set by kubectl-scale" },
    { what: "by nobody knows whom", seen: { ...unknown, workload: aWorkload() }, why: "set by someone else" },
    { what: "of a kind that is not followed", seen: unknown, why: "set by someone else" },
  ])("name a change $what", ({ seen, why }) => {
    const acts = wroteAt({ from: 4, to: 6 }).actsOfOthers(decisionAt(3), seen);
    expect(acts).toEqual([{ time: "2026-11-25T12:00:00Z", what: "replicas 6 → 3", why }]);
  });

  test("are none while the count is the one that we left", () => {
    expect(wroteAt({ from: 4, to: 6 }).actsOfOthers(decisionAt(6), byKubectl)).toEqual([]);
  });

  test("are told once: a decision takes the count as known", () => {
    const state = wroteAt({ from: 4, to: 6 });
    state.decided(decisionAt(3), after(15));
    expect(state.actsOfOthers(decisionAt(3), byKubectl)).toEqual([]);
  });
});

describe("the next write", () => {
  const contested = (state: PolicyState, from: number, at: MonoMillis): boolean =>
    state.nextWrite(decisionAt(from, 9), at).contention !== "none";

  test.each([
    { found: 6, what: "our own count", is: false },
    { found: 4, what: "our increase taken back", is: true },
    { found: 5, what: "our increase taken back in part", is: true },
    { found: 8, what: "our increase carried further", is: false },
  ])("is contested: $is, when it finds $what", ({ found, is }) => {
    expect(contested(wroteAt({ from: 4, to: 6 }), found, after(15))).toBe(is);
  });

  test("stays contested for 10 min after a reversion, whatever is found meanwhile", () => {
    const state = wroteAt({ from: 4, to: 6 });
    state.decided(decisionAt(4), after(15));
    const end = later(after(15), minutes(10));
    expect(contested(state, 4, after(16))).toBe(true);
    expect(contested(state, 4, later(end, millis(-1)))).toBe(true);
    expect(contested(state, 4, end)).toBe(false);
  });

  test("is contested constantly from the third reversion in 10 min on, until 10 min have passed without one", () => {
    const ledger = new WriteLedger();
    const state = aState(ledger);
    const revert = (at: MonoMillis): void => {
      wroteAt({ from: 4, to: 6, at }, state);
      state.decided(decisionAt(4), later(at, seconds(5)), "argocd-controller");
    };
    const contestAt = (at: MonoMillis) => state.contest(decisionAt(4), at);
    revert(START);
    revert(after(60));
    expect(contestAt(after(66))).toEqual({ contention: "lately", reversions: 2, by: "argocd-controller" });
    revert(after(540));
    expect(contestAt(after(546))).toMatchObject({ contention: "constant", reversions: 3 });
    revert(after(1100));
    expect(contestAt(after(1106)), "fewer, and no end of it").toMatchObject({
      contention: "constant",
      reversions: 2,
    });
    expect(contestAt(after(1704)).contention).toBe("constant");
    expect(contestAt(after(1705)).contention).toBe("none");
    revert(after(1800));
    expect(contestAt(after(1806)).contention, "begins anew").toBe("lately");
  });

  test.each([
    { what: "the version is that of before", version: "7", generation: undefined, found: 4, counts: false },
    { what: "the spec is that of before", version: "8", generation: 3, found: 4, counts: false },
    { what: "the spec is another", version: "8", generation: 4, found: 4, counts: true, contested: true },
    { what: "nobody can tell", version: "8", generation: undefined, found: 4, counts: true, contested: true },
    { what: "our count is there", version: "8", generation: 4, found: 6, counts: true },
  ])("counts one that was never answered: $counts, when $what", (row) => {
    const { version, generation, found, counts, contested: isContested = false } = row;
    const state = aState();
    const basis = { uid: decisionAt(4).question.target.uid, replicas: 4 };
    state.looked(basis, { resourceVersion: "7", generation: 3 });
    state.decided(decisionAt(4, 6), START);
    state.mayHaveWritten(decisionAt(4, 6), START);
    expect(state.nextWrite(decisionAt(4, 9), after(1)), "before it is looked at").toMatchObject({
      contention: "none",
      earlier: [{ from: 4, to: 6 }],
    });
    state.looked({ ...basis, replicas: found }, { resourceVersion: version, generation });
    expect(state.nextWrite(decisionAt(found, 9), after(2))).toMatchObject({
      contention: isContested ? "lately" : "none",
      earlier: counts ? [{ from: 4, to: 6 }] : [],
    });
  });

  test("that finds only our unanswered one is no recovery", () => {
    const state = aState();
    state.looked(
      { uid: decisionAt(4).question.target.uid, replicas: 4 },
      { resourceVersion: "7", generation: 3 },
    );
    state.decided(decisionAt(4, 6), START);
    state.mayHaveWritten(decisionAt(4, 6), START);
    state.decided(decisionAt(6), after(1));
    expect(state.findsUnanswered()).toBe(true);
    state.decided(decisionAt(4), after(2));
    expect(state.findsUnanswered()).toBe(false);
  });

  test("knows the writes of another policy of the target, and whether they were taken back", () => {
    const ledger = new WriteLedger();
    wroteAt({ from: 4, to: 6 }, aState(ledger));
    const anew = aState(ledger);
    expect(anew.nextWrite(decisionAt(6, 9), after(15))).toMatchObject({
      contention: "none",
      earlier: [{ from: 4, to: 6 }],
    });
    expect(contested(anew, 4, after(15))).toBe(true);
    anew.decided(decisionAt(4), after(15));
    expect(contested(aState(ledger), 4, after(30))).toBe(true);
  });

  test("is what the plan says", () => {
    expect(wroteAt({ from: 4, to: 6 }).nextWrite(decisionAt(6, 9), after(15))).toMatchObject({
      from: 6,
      to: 9,
      contention: "none",
    });
  });
});

describe("the states of all policies", () => {
  const key = objectKey("shop", "web");
  const policy = aPolicyObject();

  test("one policy has one state, through all its versions", () => {
    const states = new PolicyStates("ours/plimsoll");
    const state = states.of(key, policy);
    expect(states.of(key, aPolicyObject({ resourceVersion: "2", generation: 2 }))).toBe(state);
  });

  test("a namesake with another uid starts with nothing", () => {
    const states = new PolicyStates("ours/plimsoll");
    wroteAt({ from: 4, to: 6 }, states.of(key, policy));
    const fresh = states.of(key, aPolicyObject({ uid: uid("made anew") }));
    expect(fresh).toMatchObject({ replicas: undefined, memory: undefined, unseen: undefined });
    expect(states.known(key)).toBe(fresh);
  });

  test("a forgotten policy starts with nothing", () => {
    const states = new PolicyStates("ours/plimsoll");
    wroteAt({ from: 4, to: 6 }, states.of(key, policy));
    states.forget(key);
    expect(states.known(key)).toBeUndefined();
    expect(states.of(key, policy).replicas).toBeUndefined();
  });

  test("a spec is parsed once, whatever else of its object changes, until it is another spec", () => {
    const states = new PolicyStates("ours/plimsoll");
    const outcome = states.parse(policy);
    const { meta } = policy;
    expect(states.parse({ ...policy, meta: { ...meta, resourceVersion: "77" } })).toBe(outcome);
    const edited = { ...policy, meta: { ...meta, generation: meta.generation + 1 } };
    expect(states.parse(edited)).not.toBe(outcome);
    expect(states.parse({ ...policy, meta: { ...meta, uid: uid("another") } })).not.toBe(outcome);
  });

  test("a policy that is gone leaves nothing of its spec", () => {
    const states = new PolicyStates("ours/plimsoll");
    const outcome = states.parse(policy);
    states.forget(key);
    expect(states.parse(policy)).not.toBe(outcome);
  });

  test("a version is news by itself when it is back, or when someone else has made its status", () => {
    const states = new PolicyStates("ours/plimsoll");
    expect(states.shown(policy, START)).toBe(false);
    states.missing.missed(policy.meta, START);
    expect(states.shown(aPolicyObject({ resourceVersion: "2" }), START)).toBe(true);
    states.others.wrote(policy.meta.uid, "3");
    const status = { installation: "theirs/plimsoll" };
    expect(states.shown({ ...aPolicyObject({ resourceVersion: "4" }), status }, START)).toBe(true);
    states.missing.found(policy.meta.uid);
    expect(states.shown({ ...aPolicyObject({ resourceVersion: "5" }), status }, START), "told once").toBe(
      false,
    );
  });
});
