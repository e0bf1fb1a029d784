/** The API server's word on tokens and rights, and for how long it is believed. */
import { describe, expect, test } from "vitest";
import type { ReadOutcome } from "../../../../src/base/outcome.ts";
import { monoMillis, seconds } from "../../../../src/base/units.ts";
import { AnswerCache } from "../../../../src/serve/aggregated/access/answer-cache.ts";
import { Authorizer } from "../../../../src/serve/aggregated/access/authorization.ts";
import type { Caller } from "../../../../src/serve/aggregated/access/caller.ts";
import type { AccessAttributes, Verdict } from "../../../../src/serve/aggregated/access/port.ts";
import { TokenReviews } from "../../../../src/serve/aggregated/access/token-reviews.ts";

const FAILED: ReadOutcome<never> = { kind: "unreachable", message: "no answer" };
const ALICE: Caller = { user: "alice", uid: undefined, groups: ["dev"], extra: {} };
const PODS: AccessAttributes = {
  kind: "resource", verb: "list", group: "metrics.k8s.io", version: "v1", resource: "pods", subresource: "", namespace: "shop", name: "",
}; // prettier-ignore

function aClock() {
  const clock = { at: 0, mono: () => monoMillis(clock.at) };
  return clock;
}

describe("an answer cache", () => {
  function cache() {
    const clock = aClock();
    let asked = 0;
    const kept = new AnswerCache<number>(clock, seconds(10));
    const get = (key: string, answer?: ReadOutcome<number>) =>
      kept.get(key, () => Promise.resolve(answer ?? { kind: "read", value: ++asked }));
    return { clock, get, asked: () => asked };
  }

  test("believes an answer for ten seconds", async () => {
    const { clock, get } = cache();
    expect(await get("a")).toMatchObject({ value: 1 });
    clock.at = 9_999;
    expect(await get("a")).toMatchObject({ value: 1 });
    clock.at = 10_000;
    expect(await get("a")).toMatchObject({ value: 2 });
  });

  test("asks once for what many want together", async () => {
    const { get, asked } = cache();
    await Promise.all([get("a"), get("a"), get("b"), get("a")]);
    expect(asked()).toBe(2);
  });

  test("does not keep a failure", async () => {
    const { get } = cache();
    expect(await get("a", FAILED)).toEqual(FAILED);
    expect(await get("a")).toMatchObject({ value: 1 });
  });

  test("keeps 4,096 answers, the newest", async () => {
    const { get, asked } = cache();
    for (let at = 0; at <= 4096; at++) await get(`key-${at}`);
    await get("key-1");
    expect(asked()).toBe(4097);
    await get("key-0");
    expect(asked()).toBe(4098);
  });
});

describe("a right", () => {
  type Setup = Readonly<{ caller?: Caller; attributes?: AccessAttributes; review?: ReadOutcome<Verdict> }>;
  function authorizer({ review = { kind: "read", value: { allowed: false, reason: "" } } }: Setup = {}) {
    const asked: (readonly [Caller, AccessAttributes])[] = [];
    const clock = aClock();
    const made = new Authorizer(
      { reviewAccess: (caller, attributes) => (asked.push([caller, attributes]), Promise.resolve(review)) },
      clock,
    );
    return { made, asked, clock };
  }
  const refuse = (setup: Setup) =>
    authorizer(setup).made.refuse(setup.caller ?? ALICE, setup.attributes ?? PODS);

  test("that the API server gives is given", async () => {
    expect(await refuse({ review: { kind: "read", value: { allowed: true, reason: "" } } })).toBeUndefined();
  });

  test.each<{ of: string; attributes: AccessAttributes; reason?: string; message: string; details?: object }>([
    {
      of: "a namespace's list", attributes: PODS, details: { group: "metrics.k8s.io", kind: "pods" },
      message: 'pods.metrics.k8s.io is forbidden: User "alice" cannot list resource "pods" in API group "metrics.k8s.io" in the namespace "shop"',
    },
    {
      of: "one node", attributes: { ...PODS, verb: "get", resource: "nodes", namespace: "", name: "n1" },
      details: { group: "metrics.k8s.io", kind: "nodes", name: "n1" }, reason: "no such role",
      message: 'nodes.metrics.k8s.io "n1" is forbidden: User "alice" cannot get resource "nodes" in API group "metrics.k8s.io" at the cluster scope: no such role',
    },
    { of: "a path", attributes: { kind: "path", verb: "get", path: "/metrics" }, message: 'forbidden: User "alice" cannot get path "/metrics"' },
  ])("to $of that it does not give is refused in its words", async ({ attributes, message, details, reason = "" }) => {
    const review = { kind: "read", value: { allowed: false, reason } } as const;
    const refusal = { code: 403, reason: "Forbidden", message, ...(details && { details }) };
    expect(await refuse({ attributes, review })).toEqual(refusal);
  }); // prettier-ignore

  test("is system:masters' without asking", async () => {
    const { made, asked } = authorizer();
    expect(await made.refuse({ ...ALICE, groups: ["system:masters"] }, PODS)).toBeUndefined();
    expect(asked).toEqual([]);
  });

  test("is nobody's while the API server cannot be asked: 503, and nothing is remembered", async () => {
    const { made, asked } = authorizer({ review: FAILED });
    for (const _ of [1, 2])
      expect(await made.refuse(ALICE, PODS)).toMatchObject({ code: 503, retryAfter: 1 });
    expect(asked).toHaveLength(2);
  });

  test("is asked for once in ten seconds for each caller and each thing", async () => {
    const { made, asked, clock } = authorizer();
    const others: readonly (readonly [Caller, AccessAttributes])[] = [
      [ALICE, PODS], [ALICE, { ...PODS, namespace: "blog" }], [ALICE, { ...PODS, verb: "get" }],
      [{ ...ALICE, groups: ["ops"] }, PODS], [{ ...ALICE, extra: { scopes: ["x"] } }, PODS], [{ ...ALICE, uid: "u" }, PODS],
    ]; // prettier-ignore
    for (const _ of [1, 2]) for (const [caller, attributes] of others) await made.refuse(caller, attributes);
    expect(asked).toEqual(others);
    clock.at = 10_000;
    await made.refuse(ALICE, PODS);
    expect(asked).toHaveLength(others.length + 1);
  });
});

describe("a token", () => {
  test("is asked about once in ten seconds, and one that is too long never", async () => {
    const asked: string[] = [];
    const reviews = new TokenReviews(
      { reviewToken: (token) => (asked.push(token), Promise.resolve({ kind: "read", value: ALICE })) },
      aClock(),
    );
    for (const _ of [1, 2]) expect(await reviews.review("abc")).toEqual({ kind: "read", value: ALICE });
    expect(await reviews.review("x".repeat(16_385))).toEqual({ kind: "read", value: undefined });
    expect(asked).toEqual(["abc"]);
  });
});
