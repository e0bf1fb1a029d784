import { expect, test } from "vitest";
import { type Basis, type Doubt, doubtOf, type Present } from "../../src/actuate/doubt.ts";
import { uid } from "../../src/base/ids.ts";
import { monoMillis } from "../../src/base/units.ts";

const basis: Basis = { decidedAt: monoMillis(0), policy: uid("a"), generation: 3 };
const present: Present = { now: monoMillis(100), leading: true, policy: { uid: uid("a"), generation: 3 } };

test.each<{ when: string; now: Partial<Present>; doubt: Doubt | undefined }>([
  { when: "all is as it was", now: {}, doubt: undefined },
  { when: "the lease is lost", now: { leading: false }, doubt: "not-leading" },
  { when: "the process stalled for half a minute", now: { now: monoMillis(30_001) }, doubt: "plan-too-old" },
  { when: "the policy was deleted", now: { policy: undefined }, doubt: "policy-gone" },
  { when: "it was made anew", now: { policy: { uid: uid("b"), generation: 3 } }, doubt: "policy-gone" },
  { when: "it was edited", now: { policy: { uid: uid("a"), generation: 4 } }, doubt: "policy-edited" },
])("a plan is doubted when $when: $doubt", ({ now, doubt }) => {
  expect(doubtOf(basis, { ...present, ...now })).toBe(doubt);
});
