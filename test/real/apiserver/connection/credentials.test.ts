import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { millis, seconds } from "../../../../src/base/units.ts";
import type { ApiRequest } from "../../../../src/real/apiserver/transport.ts";
import { createAuthority } from "../../../control-plane/certificates.ts";
import {
  answerJson, answerOk, AUTHORITY, createHandClock, load, makeFolder, open, serve, TRUSTED, writeKubeconfig, type Reply,
} from "../loopback.ts"; // prettier-ignore

const GET: ApiRequest = { method: "GET", path: "/" };
const PUT: ApiRequest = { method: "PUT", path: "/", body: { replicas: 3 } };
const OK = { kind: "answered", status: 200 };

/** A server that knows one token, which a test may change. */
async function serveToken(token: { valid: string }) {
  const reply: Reply = (response, seen, nth) =>
    seen.headers.authorization === `Bearer ${token.valid}`
      ? answerOk(response, seen, nth)
      : answerJson(response, 401, { kind: "Status", message: "Unauthorized" });
  return serve(reply);
}

async function openWithTokenFile() {
  const token = { valid: "one" };
  const server = await serveToken(token);
  const folder = makeFolder();
  const file = join(folder, "token");
  writeFileSync(file, "one\n");
  const [clock, logged] = [createHandClock(), [] as string[]];
  const kubeconfig = writeKubeconfig(folder, { server: server.url, ...TRUSTED }, { tokenFile: file });
  const transport = open(await load({ kubeconfig, clock, logged }));
  const tokens = () => server.seen.map(({ headers }) => headers.authorization);
  return { token, server, file, clock, transport, logged, tokens };
}

test("a token file is read again after a minute, not before", async () => {
  const { file, clock, transport, tokens } = await openWithTokenFile();
  await transport.send(GET);
  writeFileSync(file, "two");
  clock.advance(seconds(59));
  await transport.send({ ...GET, path: "/59s" });
  clock.advance(seconds(1));
  await transport.send({ ...GET, path: "/60s" });
  expect(tokens().slice(0, 2)).toEqual(["Bearer one", "Bearer one"]);
  expect(tokens()[2]).toBe("Bearer two");
});

test("a refused token is read again at once, and the request, write or not, is sent once more", async () => {
  const { token, server, file, transport, tokens } = await openWithTokenFile();
  token.valid = "two";
  writeFileSync(file, "two");
  expect(await transport.send(PUT)).toMatchObject(OK);
  expect(tokens()).toEqual(["Bearer one", "Bearer two"]);
  expect(server.seen.map(({ body }) => body)).toEqual(['{"replicas":3}', '{"replicas":3}']);
});

test("a stream whose token is refused is opened with the new one", async () => {
  const { token, file, transport } = await openWithTokenFile();
  token.valid = "two";
  writeFileSync(file, "two");
  expect(await transport.stream(GET)).toMatchObject({ kind: "open" });
});

test("a refused token that has not changed is not sent again, and its file is not read for each request", async () => {
  const { token, file, clock, transport, tokens } = await openWithTokenFile();
  token.valid = "two";
  expect(await transport.send(GET)).toMatchObject({ status: 401 });
  writeFileSync(file, "two");
  expect(await transport.send(GET)).toMatchObject({ status: 401 });
  expect(tokens()).toHaveLength(2);
  clock.advance(seconds(5));
  expect(await transport.send(GET)).toMatchObject(OK);
});

test("many requests that are refused together all get through with the new token", async () => {
  const { token, file, transport } = await openWithTokenFile();
  token.valid = "two";
  writeFileSync(file, "two");
  const answers = await Promise.all(Array.from({ length: 20 }, () => transport.send(GET)));
  expect(answers.every((answer) => answer.kind === "answered" && answer.status === 200)).toBe(true);
});

test("a token file that is empty or gone for a moment changes nothing, and the log says so", async () => {
  const { file, clock, transport, logged } = await openWithTokenFile();
  writeFileSync(file, "");
  clock.advance(seconds(61));
  expect(await transport.send(GET)).toMatchObject(OK);
  expect(logged).toEqual(["a credential file cannot be read; its last content stays in use"]);
});

test("F54 a certificate authority that rotates on disk is trusted without a restart", async () => {
  const server = await serve(answerOk);
  const folder = makeFolder();
  const file = join(folder, "ca.crt");
  writeFileSync(file, AUTHORITY.sealed.certificate);
  const cluster = { server: server.url, "certificate-authority": file };
  const transport = open(await load({ kubeconfig: writeKubeconfig(folder, cluster, { token: "t" }) }));
  expect(await transport.send(GET)).toMatchObject(OK);
  const next = createAuthority("next");
  writeFileSync(file, next.sealed.certificate);
  server.present(next);
  server.dropConnections();
  // No minute has passed: the refused handshake is what makes it look.
  expect(await transport.send(PUT)).toMatchObject(OK);
});

test("a server that is not trusted gets no token, and the message says where to look", async () => {
  const server = await serve(answerOk);
  server.present(createAuthority("stranger"));
  const kubeconfig = writeKubeconfig(makeFolder(), { server: server.url, ...TRUSTED }, { token: "t" });
  expect(await open(await load({ kubeconfig })).send(GET)).toMatchObject({
    kind: "unreachable",
    message: expect.stringMatching(
      /^no answer from https:\S+: .*; check the certificates of context "here" of the kubeconfig$/,
    ),
  });
  expect(server.seen).toEqual([]);
});

test.each([
  { what: "insecure-skip-tls-verify", cluster: { "insecure-skip-tls-verify": true } },
  { what: "tls-server-name", cluster: { ...TRUSTED, "tls-server-name": "api.example.com" } },
])("$what is respected", async ({ cluster }) => {
  const server = await serve(answerOk);
  const kubeconfig = writeKubeconfig(makeFolder(), { server: server.url, ...cluster }, {});
  expect(await open(await load({ kubeconfig })).send(GET)).toMatchObject(OK);
});

test("a certificate that names another server is refused", async () => {
  const server = await serve(answerOk);
  const cluster = { server: server.url, ...TRUSTED, "tls-server-name": "other.example.com" };
  const kubeconfig = writeKubeconfig(makeFolder(), cluster, {});
  expect(await open(await load({ kubeconfig })).send(GET)).toMatchObject({ kind: "unreachable" });
});

test("a client certificate that rotates on disk is used for new connections; a key that does not fit yet is not", async () => {
  const server = await serve(answerOk);
  const folder = makeFolder();
  const [cert, key] = [join(folder, "client.crt"), join(folder, "client.key")];
  const first = AUTHORITY.client({ name: "first" });
  const second = AUTHORITY.client({ name: "second" });
  writeFileSync(cert, first.certificate);
  writeFileSync(key, first.key);
  const [clock, logged] = [createHandClock(), [] as string[]];
  const user = { "client-certificate": cert, "client-key": key };
  const kubeconfig = writeKubeconfig(folder, { server: server.url, ...TRUSTED }, user);
  const transport = open(await load({ kubeconfig, clock, logged }));
  const sendAfter = async (pause: number) => {
    clock.advance(millis(pause));
    expect(await transport.send(GET)).toMatchObject(OK);
    return server.seen.at(-1)?.client;
  };
  expect(await sendAfter(0)).toBe("first");
  writeFileSync(cert, second.certificate);
  expect(await sendAfter(61_000)).toBe("first");
  expect(logged).toEqual(["new certificates cannot be used; the last ones stay in use"]);
  writeFileSync(key, second.key);
  expect(await sendAfter(61_000)).toBe("second");
});

test("a request that is under way on old certificates is not cut off by new ones", async () => {
  let finish: () => void = () => undefined;
  const server = await serve((response, seen, nth) => {
    finish = nth === 1 ? () => answerOk(response, seen, nth) : finish;
    if (nth > 1) answerOk(response, seen, nth);
  });
  const folder = makeFolder();
  const file = join(folder, "ca.crt");
  writeFileSync(file, AUTHORITY.sealed.certificate);
  const clock = createHandClock();
  const cluster = { server: server.url, "certificate-authority": file };
  const transport = open(await load({ kubeconfig: writeKubeconfig(folder, cluster, {}), clock }));
  const slow = transport.send(GET);
  await expect.poll(() => server.seen.length).toBe(1);
  writeFileSync(file, `${AUTHORITY.sealed.certificate}${createAuthority("next").sealed.certificate}`);
  clock.advance(seconds(61));
  expect(await transport.send(GET)).toMatchObject(OK);
  finish();
  expect(await slow).toMatchObject(OK);
});
