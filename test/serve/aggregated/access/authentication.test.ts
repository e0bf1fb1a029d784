/**
 * Who asks. Every way to pass for someone else that is known of aggregated API servers is a row (threat S19).
 */
import { describe, expect, test } from "vitest";
import type { ReadOutcome } from "../../../../src/base/outcome.ts";
import { epochMillis } from "../../../../src/base/units.ts";
import { Authenticator } from "../../../../src/serve/aggregated/access/authentication.ts";
import { ANONYMOUS, type Caller } from "../../../../src/serve/aggregated/access/caller.ts";
import type { Presented } from "../../../../src/serve/aggregated/access/certificate-chain.ts";
import type { Disbelief } from "../../../../src/serve/aggregated/access/disbelief.ts";
import { type FrontProxyTrust, NOBODY } from "../../../../src/serve/aggregated/access/port.ts";
import { AUTHORITIES, client, NOW, OVER, presented, server, TO_COME, TRUST, VALID } from "./authority.ts";
import { issueAuthority, issueClient } from "../../../../src/serve/certificate/issue.ts";

const KUBE: Caller = { user: "kube", uid: undefined, groups: [], extra: {} };

type Setup = Readonly<{ trust?: FrontProxyTrust; review?: ReadOutcome<Caller | undefined> }>;

function authenticator({ trust = TRUST, review = { kind: "read", value: undefined } }: Setup = {}) {
  const clock = { now: NOW };
  const told: Disbelief[] = [];
  const made = new Authenticator(
    { review: () => Promise.resolve(review) },
    { wall: () => epochMillis(clock.now) },
    (disbelief) => void told.push(disbelief),
  );
  made.believe(trust);
  return Object.assign(made, { clock, told });
}

const FRONT_PROXY = presented(client("frontProxy", { name: "front-proxy" }));
const ALICE = presented(client("clients", { name: "alice", groups: ["dev", "ops"] }));
const AS_ADMIN = ["X-Remote-User", "admin", "X-Remote-Group", "system:masters"];

async function whoIs(presentedBy: Presented | undefined, headers: readonly string[] = [], setup: Setup = {}) {
  const outcome = await authenticator(setup).authenticate({ headers, presented: presentedBy });
  return outcome.kind === "caller" ? outcome.caller : outcome.refusal.code;
}

describe("a front proxy speaks for someone", () => {
  test("with user, uid, groups and extras, and everyone recognised is authenticated", async () => {
    const headers = [
      "X-Remote-User", "alice", "x-remote-uid", "u-1", "X-Remote-Group", "dev", "X-REMOTE-GROUP", "ops",
      "X-Remote-Extra-Acme.com%2fProject", "p1", "X-Remote-Extra-Acme.com%2FProject", "p2", "X-Remote-Extra-Scopes", "a,b",
    ]; // prettier-ignore
    expect(await whoIs(FRONT_PROXY, headers)).toEqual({
      user: "alice",
      uid: "u-1",
      groups: ["dev", "ops", "system:authenticated"],
      extra: { "acme.com/project": ["p1", "p2"], scopes: ["a,b"] },
    });
  });

  test("a group with a comma in its name stays one group", async () => {
    const headers = ["X-Remote-User", "eve", "X-Remote-Group", "dev, system:masters"];
    expect(await whoIs(FRONT_PROXY, headers)).toMatchObject({
      groups: ["dev, system:masters", "system:authenticated"],
    });
  });

  test("the aggregator's own calls, which name no group, are authenticated", async () => {
    const headers = ["X-Remote-User", "system:kube-aggregator"];
    expect(await whoIs(FRONT_PROXY, headers)).toMatchObject({ groups: ["system:authenticated"] });
  });

  test("with any name, when none is asked for", async () => {
    const other = presented(client("frontProxy", { name: "whoever" }));
    expect(await whoIs(other, AS_ADMIN)).toBe(ANONYMOUS);
    expect(await whoIs(other, AS_ADMIN, { trust: { ...TRUST, allowedNames: [] } })).toMatchObject({
      user: "admin",
    });
  });

  test("through an authority in between that it sends along", async () => {
    const between = issueAuthority("between", VALID);
    const leaf = issueClient(between, { name: "front-proxy" }, VALID);
    expect(await whoIs(presented(leaf, between), AS_ADMIN)).toBe(ANONYMOUS);
    const trust = { ...TRUST, requestHeaderCa: between.certificate };
    expect(await whoIs(presented(leaf, between), AS_ADMIN, { trust })).toMatchObject({ user: "admin" });
  });

  test("without naming anyone it is nobody", async () => {
    expect(await whoIs(FRONT_PROXY)).toBe(ANONYMOUS);
    expect(await whoIs(FRONT_PROXY, ["X-Remote-User", "", "X-Remote-Group", "system:masters"])).toBe(
      ANONYMOUS,
    );
  });
});

describe("headers of identity are nothing but text", () => {
  test.each([
    { from: "nobody", shown: undefined },
    { from: "a certificate of an authority that nobody knows, of the same name", shown: presented(client("unknown", { name: "front-proxy" })) },
    { from: "a front proxy's certificate that is over", shown: presented(client("frontProxy", { name: "front-proxy" }, OVER)) },
    { from: "a front proxy's certificate that is not valid yet", shown: presented(client("frontProxy", { name: "front-proxy" }, TO_COME)) },
    { from: "a certificate of the front proxy's authority for another name", shown: presented(client("frontProxy", { name: "Front-Proxy" })) },
    { from: "a server's certificate of that authority", shown: presented(server("frontProxy", "front-proxy")) },
    { from: "that authority itself", shown: presented(AUTHORITIES.frontProxy) },
    { from: "a certificate with the true one sent along", shown: presented(client("unknown", { name: "front-proxy" }), AUTHORITIES.frontProxy) },
  ])("from $from: anonymous", async ({ shown }) => {
    expect(await whoIs(shown, AS_ADMIN)).toBe(ANONYMOUS);
  }); // prettier-ignore

  test("from a user's certificate: the user, and no more", async () => {
    expect(await whoIs(ALICE, AS_ADMIN)).toMatchObject({
      user: "alice",
      groups: ["dev", "ops", "system:authenticated"],
    });
  });

  test("from a user whose name is the front proxy's: that user, and no more", async () => {
    const posing = presented(client("clients", { name: "front-proxy" }));
    expect(await whoIs(posing, AS_ADMIN)).toMatchObject({
      user: "front-proxy",
      groups: ["system:authenticated"],
    });
  });

  test("from someone with a token: the token's user", async () => {
    const headers = [...AS_ADMIN, "Authorization", "Bearer abc"];
    const setup: Setup = { review: { kind: "read", value: KUBE } };
    expect(await whoIs(undefined, headers, setup)).toMatchObject({
      user: "kube",
      groups: ["system:authenticated"],
    });
  });

  test("before it is known whom to believe, from the front proxy too", async () => {
    expect(await whoIs(FRONT_PROXY, AS_ADMIN, { trust: NOBODY })).toBe(ANONYMOUS);
  });
});

describe("why someone is not believed is told", () => {
  const expiredAuthority = issueAuthority("front-proxy-authority", OVER);
  const trustingExpired = { ...TRUST, requestHeaderCa: expiredAuthority.certificate };
  test.each<{ when: string; shown: Presented | undefined; trust?: FrontProxyTrust; name: string; problem: RegExp }>([
    { when: "there is no certificate", shown: undefined, name: "", problem: /^it showed no certificate$/ },
    { when: "the certificate is over", shown: presented(client("frontProxy", { name: "front-proxy" }, OVER)), name: "front-proxy", problem: /^its certificate ran out on 2026-11-24T00:00:00Z$/ },
    { when: "the certificate is not valid yet", shown: presented(client("frontProxy", { name: "front-proxy" }, TO_COME)), name: "front-proxy", problem: /^its certificate is not valid before 2026-11-26/ },
    { when: "its authority is over", shown: presented(issueClient(expiredAuthority, { name: "front-proxy" }, VALID)), trust: trustingExpired, name: "front-proxy", problem: /^the authority that issued it ran out on 2026-11-24/ },
    { when: "its authority is another", shown: presented(client("unknown", { name: "front-proxy" })), name: "front-proxy", problem: /not issued by requestheader-client-ca-file's authority/ },
    { when: "its name is another", shown: presented(client("frontProxy", { name: "other" })), name: "other", problem: /none of requestheader-allowed-names/ },
    { when: "it is a user's", shown: ALICE, name: "alice", problem: /not issued by requestheader-client-ca-file's authority/ },
    { when: "its name is long", shown: presented(client("unknown", { name: "x".repeat(200) })), name: "x".repeat(64), problem: /not issued/ },
  ])("when $when", async ({ shown, trust = TRUST, name, problem }) => {
    const made = authenticator({ trust });
    await made.authenticate({ headers: AS_ADMIN, presented: shown });
    expect(made.told).toEqual([{ name, problem: expect.stringMatching(problem) }]);
  }); // prettier-ignore

  test("once a minute, however many try", async () => {
    const made = authenticator();
    const tries = async (): Promise<number> => {
      for (let nth = 0; nth < 5; nth++) await made.authenticate({ headers: AS_ADMIN, presented: undefined });
      return made.told.length;
    };
    expect(await tries()).toBe(1);
    made.clock.now = epochMillis(NOW + 59_999);
    expect(await tries()).toBe(1);
    made.clock.now = epochMillis(NOW + 60_000);
    expect(await tries()).toBe(2);
  });

  test("and not of those who speak for nobody, or may", async () => {
    const made = authenticator();
    await made.authenticate({ headers: [], presented: ALICE });
    await made.authenticate({ headers: [], presented: undefined });
    await made.authenticate({ headers: AS_ADMIN, presented: FRONT_PROXY });
    expect(made.told).toEqual([]);
  });
});

describe("a hop on the way could take identity away", () => {
  test.each([
    "X-Remote-Group", "x-remote-user", "close, X-Remote-Uid", "keep-alive,x-remote-extra-scopes", "Authorization",
  ])("so Connection: %s is refused", async (connection) => {
    expect(await whoIs(FRONT_PROXY, [...AS_ADMIN, "Connection", connection])).toBe(400);
  }); // prettier-ignore

  test.each(["close", "keep-alive", "Upgrade, x-other"])("and Connection: %s is not", async (connection) => {
    expect(await whoIs(FRONT_PROXY, [...AS_ADMIN, "Connection", connection])).toMatchObject({
      user: "admin",
    });
  });
});

describe("a client", () => {
  test.each([
    { who: "of another authority", shown: presented(client("unknown", { name: "alice" })) },
    { who: "whose certificate is over", shown: presented(client("clients", { name: "alice" }, OVER)) },
    { who: "without a name", shown: presented(client("clients", { name: "" })) },
  ])("$who is anonymous", async ({ shown }) => {
    expect(await whoIs(shown)).toBe(ANONYMOUS);
  });

  test("with a name that looks like two lines has the name that was signed", async () => {
    const shown = presented(client("clients", { name: "eve\nO=system:masters" }));
    expect(await whoIs(shown)).not.toMatchObject({ groups: expect.arrayContaining(["system:masters"]) });
  });
});

describe("a token", () => {
  const bearer = ["Authorization", "Bearer abc"];
  test.each<{ answer: string; review: ReadOutcome<Caller | undefined>; is: unknown }>([
    { answer: "known", review: { kind: "read", value: KUBE }, is: { user: "kube" } },
    { answer: "unknown", review: { kind: "read", value: undefined }, is: 401 },
    { answer: "not to be had", review: { kind: "unreachable", message: "" }, is: 503 },
  ])("that is $answer", async ({ review, is }) => {
    const who = await whoIs(undefined, bearer, { review });
    if (typeof is === "number") expect(who).toBe(is);
    else expect(who).toMatchObject(is as object);
  });

  test.each(["Basic abc", "Bearer", "abc", "Bearer a b"])("is not in %s", async (value) => {
    expect(await whoIs(undefined, ["Authorization", value])).toBe(ANONYMOUS);
  });
});

describe("rotation", () => {
  test("the next request of a connection is judged by the new authorities", async () => {
    const made = authenticator();
    const asked = { headers: AS_ADMIN, presented: FRONT_PROXY };
    expect(await made.authenticate(asked)).toMatchObject({ caller: { user: "admin" } });
    made.believe({ ...TRUST, requestHeaderCa: AUTHORITIES.unknown.certificate });
    expect(await made.authenticate(asked)).toEqual({ kind: "caller", caller: ANONYMOUS });
    made.believe({ ...TRUST, requestHeaderCa: AUTHORITIES.unknown.certificate + TRUST.requestHeaderCa });
    expect(await made.authenticate(asked)).toMatchObject({ caller: { user: "admin" } });
  });

  test("a certificate that runs out while its connection lives counts no more", async () => {
    const made = authenticator();
    const asked = { headers: AS_ADMIN, presented: FRONT_PROXY };
    expect(await made.authenticate(asked)).toMatchObject({ caller: { user: "admin" } });
    made.clock.now = epochMillis(VALID.until + 1);
    expect(await made.authenticate(asked)).toEqual({ kind: "caller", caller: ANONYMOUS });
  });

  test("a bundle that cannot be read is nobody's", async () => {
    const garbled = {
      ...TRUST,
      requestHeaderCa: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
    };
    expect(await whoIs(FRONT_PROXY, AS_ADMIN, { trust: garbled })).toBe(ANONYMOUS);
  });
});
