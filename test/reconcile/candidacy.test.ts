import { describe, expect, test } from "vitest";
import { epochMillis, monoMillis } from "../../src/base/units.ts";
import {
  type Candidacy,
  type Candidate,
  claim,
  ELECTION_TIMES,
  firstAttempt,
  leads,
  onAbsent,
  onLostAnswer,
  onRead,
  released,
} from "../../src/reconcile/election/candidacy.ts";
import type { Lease } from "../../src/reconcile/port.ts";
import { secondsOf, T0 } from "../builders.ts";

const me: Candidate = { identity: "me", times: ELECTION_TIMES };
const at = (s: number) => ({ candidate: me, now: monoMillis(s * 1000), wall: T0 });
const lease = (holder: string, over: Partial<Lease["record"]> = {}): Lease => ({
  resourceVersion: "7",
  record: { holder, duration: secondsOf(15), acquiredAt: T0, renewedAt: T0, transitions: 2, ...over },
});
const standbySince = (s: number, seen = lease("other")): Candidacy => ({
  kind: "standby",
  lease: seen,
  unchangedSince: monoMillis(s * 1000),
});

describe("a candidate", () => {
  test("creates the Lease when there is none", () => {
    expect(claim({ kind: "looking" }, at(0))).toMatchObject({
      kind: "create",
      record: { holder: "me", transitions: 0 },
    });
  });

  test.each([
    { when: "held and renewed 14.9 s ago", candidacy: standbySince(0), now: 14.9, takes: false },
    { when: "not renewed for 15 s by our own clock", candidacy: standbySince(0), now: 15, takes: true },
    { when: "released", candidacy: standbySince(0, lease("")), now: 0, takes: true },
  ])("takes a Lease that is $when: $takes", ({ candidacy, now, takes }) => {
    const attempt = claim(candidacy, at(now));
    expect(attempt?.kind).toBe(takes ? "update" : undefined);
    if (takes) expect(attempt).toMatchObject({ record: { holder: "me", transitions: 3 } });
  });

  test.each([
    { when: "at once, as it was told of it", accepted: lease("me").record, now: 0, takes: true },
    { when: "not at once, when nobody told it of that record", accepted: undefined, now: 14.9, takes: false },
    { when: "when it has run out, whatever was told", accepted: undefined, now: 15, takes: true },
  ])("takes its own Lease of a lost term $when", ({ accepted, now, takes }) => {
    const attempt = claim(standbySince(0, lease("me")), { ...at(now), accepted });
    expect(attempt?.kind).toBe(takes ? "update" : undefined);
  });

  test("leads by a claim whose answer was lost when the Lease shows it, from when it was sent", () => {
    const { record } = lease("me");
    const sent = { record, sentAt: monoMillis(1000) };
    const candidacy = onLostAnswer(standbySince(3, lease("me")), sent);
    expect([leads(candidacy, me, monoMillis(10_999)), leads(candidacy, me, monoMillis(11_000))]).toEqual([
      true,
      false,
    ]);
    const other = standbySince(3, lease("other"));
    expect(onLostAnswer(other, sent)).toBe(other);
  });

  test.each([
    {
      when: "a standby that saw it renewed 14.9 s ago waits",
      candidacy: standbySince(0),
      now: 14.9,
      waits: true,
    },
    { when: "a standby for whom it had run out does not", candidacy: standbySince(0), now: 15, waits: false },
    {
      when: "a standby that saw it released does not",
      candidacy: standbySince(0, lease("")),
      now: 1,
      waits: false,
    },
    { when: "who never saw one does not", candidacy: { kind: "looking" } as Candidacy, now: 1, waits: false },
  ])("that finds the Lease deleted: $when, for its holder may not know yet", ({ candidacy, now, waits }) => {
    const after = onAbsent(candidacy, at(now));
    expect(after).toEqual(waits ? candidacy : { kind: "looking" });
    expect(claim(after, at(now))?.kind).toBe(waits ? undefined : "create");
  });

  test("judges expiry by when it saw the record change, never by the times inside", () => {
    const yesterday = epochMillis(T0 - 86_400_000);
    const seen = onRead({ kind: "looking" }, lease("other", { renewedAt: yesterday }), at(100));
    expect(claim(seen, at(101)), "an old stamp is no expiry").toBeUndefined();
    const unchanged = onRead(seen, lease("other", { renewedAt: yesterday }), at(110));
    expect(unchanged).toMatchObject({ unchangedSince: 100_000 });
    const renewed = onRead(unchanged, lease("other", { renewedAt: T0 }), at(112));
    expect(renewed).toMatchObject({ unchangedSince: 112_000 });
  });

  test("leads from the moment its accepted renewal was sent, for the renew deadline and no longer", () => {
    const leading: Candidacy = { kind: "leading", lease: lease("me"), renewedAt: monoMillis(1000) };
    expect(leads(leading, me, monoMillis(10_999))).toBe(true);
    expect(leads(leading, me, monoMillis(11_000))).toBe(false);
    expect(
      leads(standbySince(0, lease("me")), me, monoMillis(0)),
      "a record of an earlier life is not ours",
    ).toBe(false);
  });

  test("renews while leading, and stands by once somebody else holds the Lease", () => {
    const leading: Candidacy = { kind: "leading", lease: lease("me"), renewedAt: monoMillis(0) };
    expect(firstAttempt(leading, T0)).toMatchObject({
      kind: "update",
      record: { holder: "me", transitions: 2 },
    });
    expect(onRead(leading, lease("me", { transitions: 9 }), at(2))).toMatchObject({
      kind: "leading",
      renewedAt: 0,
    });
    expect(onRead(leading, lease("other"), at(2))).toMatchObject({ kind: "standby", unchangedSince: 2000 });
    expect(claim(leading, at(2))).toBeUndefined();
  });

  test("lets go with an empty holder and a second's duration", () => {
    expect(released(lease("me"), T0)).toMatchObject({ holder: "", duration: 1000, transitions: 2 });
  });
});
