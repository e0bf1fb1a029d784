/**
 * The secure side whole, over real TLS, with an API server that the test plays: what is answered to whom.
 */
import { describe, expect, onTestFinished, test } from "vitest";
import type { ReadOutcome } from "../../../src/base/outcome.ts";
import { epochMillis, millis, monoMillis } from "../../../src/base/units.ts";
import type { Caller } from "../../../src/serve/aggregated/access/caller.ts";
import type {
  AccessAttributes,
  FrontProxyTrust,
  TrustPort,
  Verdict,
} from "../../../src/serve/aggregated/access/port.ts";
import { json } from "../../../src/serve/aggregated/reply.ts";
import type { MaterialSource } from "../../../src/serve/certificate/port.ts";
import { createProbeRoute } from "../../../src/serve/routes.ts";
import { createPages } from "../../../src/serve/secure/pages.ts";
import { openServing, type ServingParts } from "../../../src/serve/secure/serving.ts";
import type { Issued } from "../../../src/serve/certificate/issue.ts";
import { createAuthority } from "../../control-plane/certificates.ts";
import { nameOf } from "../../fail-safe/row.ts";
import { someFacts } from "../facts.ts";
import { ask, type Asked, SERVER } from "./secured.ts";

const FRONT = createAuthority("front-proxy-authority");
const CLIENTS = createAuthority("clients-authority");
const TRUST: FrontProxyTrust = {
  requestHeaderCa: FRONT.sealed.certificate,
  allowedNames: ["front-proxy"],
  usernameHeaders: ["X-Remote-User"],
  groupHeaders: ["X-Remote-Group"],
  uidHeaders: ["X-Remote-Uid"],
  extraHeaderPrefixes: ["X-Remote-Extra-"],
  clientCa: CLIENTS.sealed.certificate,
};
const PROXY = FRONT.client({ name: "front-proxy" });

type Stage = Readonly<{
  allow?: (caller: Caller, attributes: AccessAttributes) => ReadOutcome<Verdict>;
  /** Never told, when absent. */
  trust?: FrontProxyTrust | undefined;
  material?: Issued | undefined;
  inFlightMax?: number;
  api?: ServingParts["api"];
  mode?: ServingParts["setup"]["mode"];
}>;

const ALLOWED: ReadOutcome<Verdict> = { kind: "read", value: { allowed: true, reason: "" } };
const REFUSED: ReadOutcome<Verdict> = { kind: "read", value: { allowed: false, reason: "" } };

async function stage(setup: Stage = {}) {
  const {
    allow = () => ALLOWED,
    inFlightMax = 100,
    api = () => json({ served: true }),
    mode = "Auto",
  } = setup;
  const asked: (readonly [string, AccessAttributes])[] = [];
  const until = (signal: AbortSignal) =>
    new Promise<void>((settle) => signal.addEventListener("abort", () => settle(), { once: true }));
  const trust: TrustPort = {
    followTrust({ believe, trouble }, signal) {
      const told = "trust" in setup ? setup.trust : TRUST;
      if (told === undefined) trouble("the ConfigMap cannot be read");
      else believe(told);
      return until(signal);
    },
  };
  const source: MaterialSource = {
    followMaterial({ use, trouble }, signal) {
      const given = "material" in setup ? setup.material : SERVER;
      if (given === undefined) trouble("the Secret cannot be read");
      else use({ ...given, authorities: SERVER.authority.certificate });
      return until(signal);
    },
  };
  const stop = new AbortController();
  const logged: string[] = [];
  const counted: Record<string, string>[] = [];
  const log: ServingParts["log"] = (level, message, fields) =>
    void logged.push(`${level} ${message} ${String(fields?.["problem"])}`);
  const meter: ServingParts["meter"] = {
    count: (_, labels = {}) => void counted.push(labels), set: () => undefined, observe: () => undefined, forget: () => undefined,
  }; // prettier-ignore
  const facts = someFacts();
  const serving = await openServing(
    {
      ports: {
        access: {
          reviewToken: (token) =>
            Promise.resolve({ kind: "read", value: token === "good" ? { user: "bot", uid: undefined, groups: [], extra: {} } : undefined }),
          reviewAccess: (caller, attributes) => {
            asked.push([caller.user, attributes]);
            return Promise.resolve(allow(caller, attributes));
          },
        },
        trust,
        tellStayingOut: () => Promise.resolve({ kind: "written", resourceVersion: "1" }),
        material: source,
        registration: { readRegistration: () => Promise.resolve({ kind: "unreachable", message: "down" }) } as never,
      },
      setup: { host: "127.0.0.1", port: 0, mode, service: { namespace: "n", name: "s", port: 443 }, inFlightMax, lingerFor: millis(0) },
      clock: { wall: () => epochMillis(Date.now()), mono: () => monoMillis(0), sleep: (_, signal) => until(signal) },
      log,
      meter,
      api,
      versions: ["v1"],
      pages: createPages({ facts, probe: createProbeRoute(facts, log), meter, render: () => Promise.resolve("figures 1\n") }),
      leads: () => true,
      hasFigures: () => true,
    },
    stop.signal,
  ); // prettier-ignore
  if (serving.listening.kind === "failed") throw new Error(serving.listening.message);
  const { port } = serving.listening;
  const running = serving.run(stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await running;
  });
  const get = async (path: string, rest: Asked = {}) => {
    const { status, headers, body } = await ask(port, { path, ...rest });
    return { status, headers, body: body.toString() };
  };
  return { get, asked, logged, counted, serving, stop };
}

const as = (user: string, ...groups: string[]): Asked => ({
  client: PROXY,
  headers: { "X-Remote-User": user, "X-Remote-Group": groups },
});
const PODS = "/apis/metrics.k8s.io/v1/pods";

describe("the API", () => {
  test("is served to whom the front proxy names and the API server allows", async () => {
    const { get, asked } = await stage();
    expect(await get(PODS, as("alice", "dev"))).toMatchObject({ status: 200, body: '{"served":true}\n' });
    expect(asked).toEqual([["alice", expect.objectContaining({ verb: "list", resource: "pods" })]]);
  });

  test("is served to a client with a certificate or a token of its own", async () => {
    const { get, asked } = await stage();
    await get(PODS, { client: CLIENTS.client({ name: "carol" }) });
    await get(PODS, { headers: { authorization: "Bearer good" } });
    expect(asked.map(([user]) => user)).toEqual(["carol", "bot"]);
    expect(await get(PODS, { headers: { authorization: "Bearer bad" } })).toMatchObject({ status: 401 });
  });

  test.each<{ trick: string; asked: Asked }>([
    { trick: "headers without a certificate", asked: { headers: { "X-Remote-User": "admin", "X-Remote-Group": "system:masters" } } },
    { trick: "headers under a user's certificate that is named as the front proxy", asked: { ...as("admin", "system:masters"), client: CLIENTS.client({ name: "front-proxy" }) } },
    { trick: "headers under a front proxy of another authority", asked: { ...as("admin", "system:masters"), client: createAuthority("front-proxy-authority").client({ name: "front-proxy" }) } },
    { trick: "a group whose name holds another's", asked: as("eve", "dev, system:masters") },
  ])("is not served to $trick (threat S19)", async ({ asked }) => {
    const { get } = await stage({ allow: ({ groups }) => (groups.includes("system:masters") ? ALLOWED : REFUSED) });
    expect(await get(PODS, asked)).toMatchObject({ status: 403 });
  }); // prettier-ignore

  test("refuses with the caller's name and the right that lacks", async () => {
    const { get, counted } = await stage({ allow: () => REFUSED });
    const { status, body } = await get(PODS, as("alice"));
    expect(status).toBe(403);
    expect(JSON.parse(body)).toMatchObject({ message: expect.stringMatching(/^pods.metrics.k8s.io is forbidden: User "alice"/) });
    expect(counted).toEqual([{ resource: "pods", verb: "list", code: "403" }]);
  }); // prettier-ignore

  test("is refused with 503 while the API server cannot be asked", async () => {
    const { get } = await stage({ allow: () => ({ kind: "unreachable", message: "" }) });
    expect(await get(PODS, as("alice"))).toMatchObject({ status: 503, headers: { "retry-after": "1" } });
  });

  test("of which there is no such path is not found, for whom it may be asked", async () => {
    const { get } = await stage({ api: () => undefined });
    expect(await get("/nothing", as("alice"))).toMatchObject({ status: 404 });
  });

  test(nameOf("S20"), async () => {
    const { get } = await stage();
    const paths = [
      "/apis/../..", "//evil.example", "//evil.example/%2f..", "/apis//", "/apis", "/apis/", PODS, `${PODS}/`, `${PODS}//`, `${PODS}/..`,
      "/openapi/v3/apis/metrics.k8s.io/v1?hash=old", "/%2e%2e/", "/\\evil.example", "/http://evil.example", "/metrics/", "/livez/", "/", "/healthz/..",
      "/apis/metrics.k8s.io/v1/namespaces/a/pods/https:%2f%2fevil.example",
    ]; // prettier-ignore
    const tricks = {
      host: "evil.example",
      "x-forwarded-host": "evil.example",
      "x-original-url": "//evil.example",
    };
    for (const path of paths)
      for (const method of ["GET", "HEAD", "POST", "OPTIONS"]) {
        const { client, headers } = as("alice");
        const { status, headers: told } = await get(path, {
          client,
          headers: { ...headers, ...tricks },
          method,
        });
        expect(Math.floor(status / 100), `${method} ${path}: ${status}`).not.toBe(3);
        expect(told["location"] ?? told["refresh"], `${method} ${path}`).toBeUndefined();
      }
  });
});

describe("what is let in at a time", () => {
  test("is bounded: what is more is told to come back, and probes are always answered", async () => {
    const held = Promise.withResolvers<ReadOutcome<Verdict>>();
    const { get } = await stage({ inFlightMax: 2, allow: (() => held.promise) as never });
    const inside = [get(`${PODS}?a`, as("a")), get(`${PODS}?b`, as("b"))];
    await expect.poll(async () => (await get(PODS, as("c"))).status).toBe(429);
    expect((await get(PODS, as("c"))).headers["retry-after"]).toBe("1");
    expect(await get("/livez")).toMatchObject({ status: 200, body: "ok" });
    held.resolve(ALLOWED);
    for (const one of await Promise.all(inside)) expect(one.status).toBe(200);
    expect((await get(PODS, as("c"))).status).toBe(200);
  });
});

describe(nameOf("S25"), () => {
  test("is read by whom the API server allows the path", async () => {
    const { get, asked } = await stage();
    expect(await get("/metrics", as("prometheus"))).toMatchObject({ status: 200, body: "figures 1\n" });
    expect(asked).toEqual([["prometheus", { kind: "path", verb: "get", path: "/metrics" }]]);
  });

  test("is not read by others", async () => {
    const { get } = await stage({ allow: ({ user }) => (user === "prometheus" ? ALLOWED : REFUSED) });
    expect(await get("/metrics")).toMatchObject({ status: 403 });
    expect(await get("/metrics", as("alice"))).toMatchObject({ status: 403 });
    expect((await get("/metrics", as("alice"))).body).not.toContain("figures");
    expect(await get("/metrics", { headers: { authorization: "Bearer bad" } })).toMatchObject({
      status: 401,
    });
  });

  test.each([
    "/debug/pprof", "/debug/pprof/heap", "/debug/flags/v", "/json", "/json/list", "/configz", "/statusz", "/flagz", "/logs", "/metricsz",
    "/metrics/cadvisor", "/.env", "/heapdump",
  ])("%s is no page of ours, even to an administrator", async (path) => {
    const { get } = await stage({ api: () => undefined });
    expect(await get(path, as("admin", "system:masters"))).toMatchObject({ status: 404 });
  }); // prettier-ignore
});

describe("probes", () => {
  test.each(["/livez", "/readyz", "/healthz", "/livez/ping"])("%s is answered to anyone", async (path) => {
    const { get, asked } = await stage({ allow: () => REFUSED, trust: undefined });
    expect(await get(path)).toMatchObject({ status: 200, body: "ok" });
    expect(asked).toEqual([]);
  });
});

describe("what is missing", () => {
  test.each<{ what: string; setup: Stage; trouble: RegExp | undefined }>([
    { what: "nothing", setup: {}, trouble: undefined },
    { what: "the certificate", setup: { material: undefined }, trouble: /no serving certificate/ },
    { what: "whom to believe", setup: { trust: undefined }, trouble: /front proxy/ },
    { what: "either, where nobody is to come", setup: { trust: undefined, mode: "Off" }, trouble: undefined },
  ])("is told: $what", async ({ setup, trouble }) => {
    const { serving } = await stage(setup);
    await expect.poll(() => serving.trouble() ?? "nothing").toMatch(trouble ?? /^nothing$/);
  });

  test("is logged, and until it is there nobody is believed", async () => {
    const { get, logged } = await stage({
      trust: undefined,
      allow: ({ user }) => (user === "admin" ? ALLOWED : REFUSED),
    });
    await expect.poll(() => logged.join()).toContain("the ConfigMap cannot be read");
    expect(await get(PODS, as("admin", "system:masters"))).toMatchObject({ status: 403 });
  });
});

test("a port that is taken is told, not thrown", async () => {
  const { serving } = await stage();
  const port = serving.listening.kind === "listening" ? serving.listening.port : 0;
  const { listenSecurely } = await import("../../../src/serve/secure/listen.ts");
  const again = await listenSecurely({
    host: "127.0.0.1", port, keyPair: SERVER, answer: () => Promise.resolve(json({})),
    signal: new AbortController().signal, leaving: () => false, log: () => undefined,
  }); // prettier-ignore
  expect(again).toMatchObject({ kind: "failed", message: expect.stringContaining("EADDRINUSE") });
});
