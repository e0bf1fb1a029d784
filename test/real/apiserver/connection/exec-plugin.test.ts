import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { minutes, seconds } from "../../../../src/base/units.ts";
import {
  answerJson, answerOk, AUTHORITY, createHandClock, load, makeFolder, open, serve, SHORT, TRUSTED, tryLoad, writeKubeconfig,
} from "../loopback.ts"; // prettier-ignore

const API_VERSION = "client.authentication.k8s.io/v1";

/** A program that prints what is in `answer.json`, and keeps a line of what it was asked, per run. */
function writePlugin(folder: string) {
  const script = join(folder, "plugin");
  const lines = [
    "#!/bin/sh",
    `cd '${folder}' || exit 1`,
    "test -e linger && sleep 0.3",
    'echo "$KUBERNETES_EXEC_INFO $EXTRA $*" >> runs',
    "cat answer.json",
  ];
  writeFileSync(script, lines.join("\n"));
  chmodSync(script, 0o755);
  const runs = join(folder, "runs");
  return {
    answer: (status: object) =>
      writeFileSync(
        join(folder, "answer.json"),
        JSON.stringify({ apiVersion: API_VERSION, kind: "ExecCredential", status }),
      ),
    /** From now on each run takes a while. */
    linger: () => writeFileSync(join(folder, "linger"), ""),
    runs: (): string[] => (existsSync(runs) ? readFileSync(runs, "utf8").trim().split("\n") : []),
  };
}

async function openWithPlugin(status: object, exec: object = {}) {
  const valid = { token: "one" };
  const server = await serve((response, seen, nth) =>
    seen.headers.authorization === `Bearer ${valid.token}` || seen.client !== undefined
      ? answerOk(response, seen, nth)
      : answerJson(response, 401, {}),
  );
  const folder = makeFolder();
  const plugin = writePlugin(folder);
  plugin.answer(status);
  const clock = createHandClock();
  const user = { exec: { apiVersion: API_VERSION, command: "./plugin", ...exec } };
  const kubeconfig = writeKubeconfig(folder, { server: server.url, ...TRUSTED }, user);
  const transport = open(await load({ kubeconfig, clock }));
  const send = () => transport.send({ method: "GET", path: "/" });
  const expiry = (after: number) => new Date(clock.wall() + after).toISOString();
  return { valid, server, plugin, clock, transport, send, expiry };
}

test("a plugin is asked once, told what the kubeconfig says, and its token is sent", async () => {
  const { plugin, server, send } = await openWithPlugin(
    { token: "one" },
    { args: ["get", "token"], env: [{ name: "EXTRA", value: "more" }], provideClusterInfo: true },
  );
  expect(await send()).toMatchObject({ status: 200 });
  expect(await send()).toMatchObject({ status: 200 });
  const [run = "", ...others] = plugin.runs();
  expect(others).toEqual([]);
  expect(run.endsWith(" more get token")).toBe(true);
  expect(JSON.parse(run.slice(0, -" more get token".length))).toEqual({
    apiVersion: API_VERSION,
    kind: "ExecCredential",
    spec: { interactive: false, cluster: { server: server.url, ...TRUSTED } },
  });
});

test("a token is renewed before it expires, while the old one still does", async () => {
  const { plugin, clock, send, expiry, valid } = await openWithPlugin({
    token: "one",
    expirationTimestamp: new Date(1_000_000 + minutes(10)).toISOString(),
  });
  clock.advance(minutes(8));
  expect(await send()).toMatchObject({ status: 200 });
  expect(plugin.runs()).toHaveLength(1);
  clock.advance(seconds(61));
  plugin.answer({ token: "two", expirationTimestamp: expiry(minutes(10)) });
  expect(await send()).toMatchObject({ status: 200 });
  await expect.poll(() => plugin.runs()).toHaveLength(2);
  valid.token = "two";
  await expect.poll(send).toMatchObject({ status: 200 });
  expect(plugin.runs()).toHaveLength(2);
});

test("an expired token is never sent", async () => {
  const { plugin, clock, send, server, valid } = await openWithPlugin({
    token: "one",
    expirationTimestamp: new Date(1_000_000 + minutes(10)).toISOString(),
  });
  clock.advance(minutes(11));
  valid.token = "two";
  plugin.answer({ token: "two" });
  expect(await send()).toMatchObject({ status: 200 });
  expect(server.seen.map(({ headers }) => headers.authorization)).toEqual(["Bearer two"]);
});

test("a refused token makes the plugin run again", async () => {
  const { plugin, send, valid } = await openWithPlugin({ token: "one" });
  valid.token = "two";
  plugin.answer({ token: "two" });
  expect(await send()).toMatchObject({ status: 200 });
  expect(plugin.runs()).toHaveLength(2);
});

test("a plugin may hand out a client certificate", async () => {
  const { certificate, key } = AUTHORITY.client({ name: "from-plugin" });
  const { send, server } = await openWithPlugin({ clientCertificateData: certificate, clientKeyData: key });
  expect(await send()).toMatchObject({ status: 200 });
  expect(server.seen[0]?.client).toBe("from-plugin");
});

test("a plugin that fails later is left in peace for five seconds, and then asked again", async () => {
  const { plugin, clock, send } = await openWithPlugin({
    token: "one",
    expirationTimestamp: new Date(1_000_000 + minutes(10)).toISOString(),
  });
  clock.advance(minutes(11));
  plugin.answer({});
  const failed = await send();
  expect(failed).toMatchObject({ kind: "unreachable", message: expect.stringMatching(/gave no credential/) });
  expect(await send()).toEqual(failed);
  expect(plugin.runs()).toHaveLength(2);
  clock.advance(seconds(5));
  plugin.answer({ token: "one" });
  expect(await send()).toMatchObject({ status: 200 });
});

test("a plugin that takes its time makes nobody wait longer than they would", async () => {
  const { plugin, clock, transport } = await openWithPlugin({
    token: "one",
    expirationTimestamp: new Date(1_000_000 + minutes(10)).toISOString(),
  });
  plugin.linger();
  clock.advance(minutes(11));
  expect(await transport.send({ method: "GET", path: "/", timeout: SHORT })).toMatchObject({
    kind: "unreachable",
    message: expect.stringContaining("nothing within 0.05 s"),
  });
  expect(await transport.send({ method: "GET", path: "/" })).toMatchObject({ status: 200 });
});

test.each([
  { what: "is not there", script: undefined, says: /ENOENT: install it with brew$/ },
  { what: "fails", script: "echo no session >&2; exit 1", says: /gave no credential: no session$/ },
  { what: "prints no JSON", script: "echo hello", says: /its answer is not JSON$/ },
  { what: "prints something else", script: "echo '{}'", says: /its answer is not an ExecCredential/ },
  { what: "wants to ask", script: "read answer || { echo nobody >&2; exit 1; }", says: /: nobody$/ },
  {
    what: "says a token while it fails",
    script: "echo Bearer abc.def >&2; exit 1",
    says: /gave no credential: Bearer \*\*\*$/,
  },
])("a plugin that $what is said to", async ({ script, says }) => {
  const folder = makeFolder();
  if (script !== undefined) {
    writeFileSync(join(folder, "plugin"), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, "plugin"), 0o755);
  }
  const exec = { apiVersion: API_VERSION, command: "./plugin", installHint: "install it with brew" };
  const kubeconfig = writeKubeconfig(folder, { server: "https://x", ...TRUSTED }, { exec });
  expect(await tryLoad({ kubeconfig })).toEqual({ kind: "unusable", message: expect.stringMatching(says) });
});
