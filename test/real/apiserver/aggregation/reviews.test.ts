/** What the adapters of the metrics API make of the API server's answers; what they ask is seen in the cluster lane. */
import { describe, expect, test } from "vitest";
import { createAccessPort } from "../../../../src/real/apiserver/aggregation/access.ts";
import { createRegistrationPort } from "../../../../src/real/apiserver/aggregation/registrations.ts";
import { createSecretPort } from "../../../../src/real/apiserver/aggregation/secret.ts";
import type { ApiAnswer, ApiRequest, ApiTransport } from "../../../../src/real/apiserver/transport.ts";

function answering(answer: (request: ApiRequest) => ApiAnswer | object) {
  const sent: ApiRequest[] = [];
  const transport: ApiTransport = {
    send: (request) => {
      sent.push(request);
      const given = answer(request);
      const isWhole = "kind" in given && (given.kind === "answered" || given.kind === "unreachable");
      return Promise.resolve(isWhole ? (given as ApiAnswer) : answered(200, given));
    },
    stream: () => Promise.reject(new Error("nothing is followed here")),
    close: () => Promise.resolve(),
  };
  return { transport, sent };
}
const answered = (status: number, body: unknown): ApiAnswer => ({
  kind: "answered",
  status,
  retryAfter: undefined,
  body,
});
const SAR = "SubjectAccessReview";
const CALLER = { user: "alice", uid: "u", groups: ["a,b"], extra: { scopes: ["x"] } };
const PATH = { kind: "path", verb: "get", path: "/metrics" } as const;

describe("a token", () => {
  const user = { username: "bot", uid: "u", groups: ["g"], extra: { k: ["v"] } };
  test.each([
    { answer: { status: { authenticated: true, user } }, is: { user: "bot", uid: "u", groups: ["g"], extra: { k: ["v"] } } },
    { answer: { status: { authenticated: true, user: { username: "bot" } } }, is: { user: "bot", uid: undefined, groups: [], extra: {} } },
    { answer: { status: { authenticated: false, error: "expired" } }, is: undefined },
    { answer: { status: { authenticated: true, user: { username: "" } } }, is: undefined },
    { answer: {}, is: undefined },
  ])("of which the API server says $answer", async ({ answer, is }) => {
    const { transport } = answering(() => ({ kind: "TokenReview", ...answer }));
    expect(await createAccessPort(transport).reviewToken("abc")).toEqual({ kind: "read", value: is });
  }); // prettier-ignore
});

describe("a right", () => {
  test.each([
    { status: { allowed: true, reason: "RBAC" }, is: { allowed: true, reason: "RBAC" } },
    { status: { allowed: false }, is: { allowed: false, reason: "" } },
    { status: { allowed: true, denied: true }, is: { allowed: false, reason: "" } },
    { status: {}, is: { allowed: false, reason: "" } },
  ])("of which the API server says $status", async ({ status, is }) => {
    const { transport } = answering(() => ({ kind: SAR, status }));
    expect(await createAccessPort(transport).reviewAccess(CALLER, PATH)).toEqual({ kind: "read", value: is });
  });

  test("is asked for with everything that is known of the caller", async () => {
    const { transport, sent } = answering(() => ({ kind: SAR, status: {} }));
    await createAccessPort(transport).reviewAccess(CALLER, PATH);
    expect(sent[0]?.body).toMatchObject({
      spec: { ...CALLER, nonResourceAttributes: { path: "/metrics", verb: "get" } },
    });
  });

  test.each([
    answered(403, {}),
    answered(200, { kind: "Pod" }),
    { kind: "unreachable", message: "" } as const,
  ])("is nobody's when the answer is %o", async (answer) => {
    const { transport } = answering(() => answer);
    expect((await createAccessPort(transport).reviewAccess(CALLER, PATH)).kind).not.toBe("read");
  });
});

describe("an APIService", () => {
  const port = (answer: Parameters<typeof answering>[0]) => {
    const { transport, sent } = answering(answer);
    return { made: createRegistrationPort(transport, { group: "metrics.k8s.io", owner: "plimsoll" }), sent };
  };
  const wanted = { service: { namespace: "n", name: "s", port: 443 }, authorities: "pem" };

  test("that is not there is none, and one that cannot be read is not none", async () => {
    expect(await port(() => answered(404, {})).made.readRegistration("v1")).toEqual({
      kind: "read",
      value: undefined,
    });
    expect((await port(() => answered(403, {})).made.readRegistration("v1")).kind).toBe("forbidden");
  });

  test("is not made where its owner is not there: an installation that is being removed stays removed", async () => {
    const { made, sent } = port(() => answered(404, { kind: "Status", message: "gone" }));
    expect(await made.createRegistration("v1", wanted)).toMatchObject({ kind: "absent", message: /owns our APIServices/ });
    expect(sent.map(({ method }) => method)).toEqual(["GET"]);
  }); // prettier-ignore

  test("that was taken over without a memory is removed when it should be given back", async () => {
    const { made, sent } = port(() => ({ kind: "Status" }));
    const registration = { version: "v1", resourceVersion: "7", service: wanted.service, authorities: "", insecure: false };
    expect(await made.restoreRegistration({ ...registration, replaced: "garbage" })).toMatchObject({ kind: "written" });
    expect(sent[0]).toMatchObject({ method: "DELETE", body: { preconditions: { resourceVersion: "7" } } });
  }); // prettier-ignore
});

test("a Secret is read as texts, and written on the version that was read", async () => {
  const data = { "tls.crt": Buffer.from("pem").toString("base64") };
  const { transport, sent } = answering(() => ({ kind: "Secret", metadata: { resourceVersion: "3" }, data }));
  const secret = createSecretPort(transport, { namespace: "n", name: "s" });
  expect(await secret.readSecret()).toEqual({ kind: "read", value: { contents: { "tls.crt": "pem" }, resourceVersion: "3" } });
  await secret.writeSecret({ "tls.crt": "pem" }, "3");
  expect(sent[1]).toMatchObject({ method: "PATCH", body: { metadata: { resourceVersion: "3" }, data } });
}); // prettier-ignore
