/** What goes wrong around the secure port of a whole operator: it says so, stays within bounds, and recovers by itself. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { NAMESPACE } from "../../generate/rbac.ts";
import {
  issueAuthority,
  issueClient,
  type Issued,
  type Validity,
} from "../../src/serve/certificate/issue.ts";
import { createAuthority, openAuthority } from "../control-plane/certificates.ts";
import { freePorts } from "../control-plane/ports.ts";
import { getSecurely } from "../control-plane/secure-get.ts";
import { nameOf } from "../fail-safe/row.ts";
import {
  type ControlPlane,
  endOwnControlPlane,
  operatorKubeconfig,
  ownControlPlane,
} from "./control-plane.ts";
import { WAIT } from "./manifests.ts";
import { availableMetrics, type Installation, installMetricsApi } from "./metrics-api.ts";
import { adminOf, type OperatorProcess, startOperator } from "./operator-process.ts";

const NODES = "/apis/metrics.k8s.io/v1beta1/nodes";

let plane: ControlPlane;
let installation: Installation;
beforeAll(async () => {
  plane = await ownControlPlane();
  await plane.addKwokNodes(1);
  installation = await installMetricsApi(plane);
});
afterAll(async () => {
  await installation.remove();
  await endOwnControlPlane();
});

const isReady = (operator: OperatorProcess) => async () =>
  (await operator.get("/readyz").catch(() => ({ status: 0 }))).status;
const said = ({ lines }: OperatorProcess) =>
  lines.map(({ message, problem = "" }) => `${message}: ${String(problem)}`).join("\n");

test("a secure port that is taken ends the operator, and the log says which", async () => {
  const taken = createServer();
  await new Promise<void>((settle) => taken.listen(0, "127.0.0.1", settle));
  const { port } = taken.address() as { port: number };
  const operator = await installation.start(`--secure-port=${port}`);
  await expect.poll(() => said(operator), WAIT).toContain("the secure port cannot be opened");
  expect(said(operator)).toContain("EADDRINUSE");
  expect(await operator.stop()).toBe(1);
  taken.close();
}); // prettier-ignore

test("without the right to read whom to believe, it believes nobody and is not ready; with it, it is", async () => {
  const grant = ["rolebinding", "plimsoll-front-proxy", "-n", "kube-system"];
  const binding = JSON.parse(await plane.kubectl("get", ...grant, "-o", "json")) as { metadata: object };
  await plane.kubectl("delete", ...grant);
  const operator = await installation.start();
  await expect.poll(() => said(operator), WAIT).toMatch(/extension-apiserver-authentication cannot be read: .*forbidden/);
  expect((await operator.get("/readyz")).text).toContain("[-]secure-serving failed");
  const client = createAuthority("front-proxy-authority").client({ name: "front-proxy" });
  const headers = { "X-Remote-User": "admin", "X-Remote-Group": "system:masters" };
  expect((await getSecurely({ port: operator.securePort, path: NODES, client, headers })).status).toBe(403);
  await plane.apply({ ...binding, metadata: { name: "plimsoll-front-proxy", namespace: "kube-system" } });
  await expect.poll(isReady(operator), WAIT).toBe(200);
  await availableMetrics(plane);
  expect(await operator.stop()).toBe(0);
}); // prettier-ignore

const DAY = 86_400_000;
const NOW_VALID = { from: Date.now() - DAY, until: Date.now() + DAY };
const OVER = { from: Date.now() - 2 * DAY, until: Date.now() - DAY };
const AS_ADMIN = { "X-Remote-User": "admin", "X-Remote-Group": "system:masters" };

/** Of an authority of the control plane's own, as whoever stole its key would make one. */
function issuedBy(authority: "front-proxy" | "clients", name: string, validity: Validity = NOW_VALID): Issued {
  const read = (ending: string): string => readFileSync(join(plane.folder, `certs/${authority}.${ending}`), "utf8");
  return issueClient({ certificate: read("crt"), key: read("key") }, { name }, validity);
} // prettier-ignore

test(nameOf("S19"), async () => {
  const operator = await installation.start();
  await expect.poll(isReady(operator), WAIT).toBe(200);
  const ask = async (headers: Readonly<Record<string, string>>, client?: Issued) =>
    getSecurely({ port: operator.securePort, path: NODES, headers, ...(client && { client }) });
  expect((await ask(AS_ADMIN, issuedBy("front-proxy", "front-proxy"))).status, "the true one is believed").toBeOneOf([200, 503]);
  const anonymous = 'User "system:anonymous" cannot list';
  const strangers: Readonly<Record<string, Issued | undefined>> = {
    "no certificate": undefined,
    "a certificate that is over": issuedBy("front-proxy", "front-proxy", OVER),
    "another name of the right authority": issuedBy("front-proxy", "somebody"),
    "an authority that nobody knows": createAuthority("front-proxy-authority").client({ name: "front-proxy" }),
    "an authority that is over": issueClient(issueAuthority("front-proxy-authority", OVER), { name: "front-proxy" }, NOW_VALID),
  };
  for (const [what, client] of Object.entries(strangers)) {
    const { status, text } = await ask(AS_ADMIN, client);
    expect({ status, text }, what).toEqual({ status: 403, text: expect.stringContaining(JSON.stringify(anonymous).slice(1, -1)) });
  }
  const user = await ask(AS_ADMIN, issuedBy("clients", "alice"));
  expect(user, "a user is that user").toEqual({ status: 403, text: expect.stringContaining('User \\"alice\\" cannot list') });
  expect((await ask({ ...AS_ADMIN, authorization: "Bearer not-a-token" })).status).toBe(401);
  const comma = { "X-Remote-User": "eve", "X-Remote-Group": "dev, system:masters" };
  expect((await ask(comma, issuedBy("front-proxy", "front-proxy"))).status, "one group").toBe(403);
  expect(said(operator), "and it is told, once").toMatch(/speaks for others and is not believed: it showed no certificate/);
  expect(await operator.stop()).toBe(0);
}); // prettier-ignore

test("a front proxy's authority that ran out is told of as that, and a new one is believed without a restart", async () => {
  const operator = await installation.start();
  await expect.poll(isReady(operator), WAIT).toBe(200);
  // kube-apiserver itself leaves out what is over, so its time runs out while it is trusted
  const short = issueAuthority("short-lived", { from: Date.now() - DAY, until: Date.now() + 20_000 });
  const client = issueClient(short, { name: "front-proxy" }, NOW_VALID);
  const ask = async () => (await getSecurely({ port: operator.securePort, path: NODES, headers: AS_ADMIN, client })).status;
  const known = readFileSync(plane.certs.frontProxyAuthority, "utf8");
  await trust(known + short.certificate);
  await expect.poll(ask, WAIT).toBe(200);
  await expect.poll(ask, WAIT).toBe(403);
  expect(said(operator)).toMatch(/not believed: the authority that issued it ran out on/);
  const next = createAuthority("short-lived-next");
  await trust(known + next.sealed.certificate);
  const renewed = openAuthority(next.sealed).client({ name: "front-proxy" });
  const again = async () => (await getSecurely({ port: operator.securePort, path: NODES, headers: AS_ADMIN, client: renewed })).status;
  await expect.poll(again, WAIT).toBe(200);
  expect(await operator.stop()).toBe(0);
}); // prettier-ignore

async function trust(authorities: string): Promise<void> {
  const data = { "requestheader-client-ca-file": authorities };
  await plane.request("PATCH", "/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication", { body: { data } });
} // prettier-ignore

const asAdmin = (port: number, path: string, headers = {}) =>
  getSecurely({ port, path, headers, client: adminOf(plane) });

test("a malformed selector is 400, a URL of 1 MiB is refused, and neither costs memory or anyone else", async () => {
  const operator = await installation.start();
  await expect.poll(isReady(operator), WAIT).toBe(200);
  await availableMetrics(plane);
  const { securePort: port } = operator;
  await expect.poll(async () => (await asAdmin(port, NODES)).status, WAIT).toBe(200);
  for (const selector of ["labelSelector=a%3D%3D%3Db", "labelSelector=a+in+(b", "labelSelector=%00", "fieldSelector=spec.nodeName%3Dx", "limit=abc"]) {
    const { status, text } = await asAdmin(port, `${NODES}?${selector}`);
    expect({ status, reason: (JSON.parse(text) as { reason: string }).reason }, selector).toEqual({ status: 400, reason: "BadRequest" });
    const through = await plane.request("GET", `${NODES}?${selector}`);
    expect(through, `${selector} through the aggregator`).toMatchObject({ status: 400, body: { reason: "BadRequest" } });
  }
  const before = residentMiB(operator);
  const sizes = [20_000, 60_000, 1_048_576];
  for (let nth = 0; nth < 50; nth++)
    for (const size of sizes) {
      const { status } = await asAdmin(port, `${NODES}?labelSelector=${"x".repeat(size)}`).catch(() => ({ status: 431 }));
      expect(status).toBeOneOf([414, 431]);
    }
  expect((await asAdmin(port, NODES)).status).toBe(200);
  const grown = residentMiB(operator) - before;
  console.log(`150 URLs of up to 1 MiB: ${Math.round(grown)} MiB more`);
  expect(grown).toBeLessThan(64);
  expect(await operator.stop()).toBe(0);
}); // prettier-ignore

const residentMiB = ({ pid }: OperatorProcess): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;

test("who sends a request a byte at a time is cut off, and everyone else is answered meanwhile", async () => {
  const operator = await installation.start();
  await expect.poll(isReady(operator), WAIT).toBe(200);
  await availableMetrics(plane);
  const { securePort: port } = operator;
  const slow = await Promise.all(
    Array.from({ length: 100 }, async (_, at) => {
      const socket = connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false });
      socket.on("error", () => undefined).resume();
      await once(socket, "secureConnect");
      // headers without end, or a body that is announced and does not come
      const begin = at % 2 === 0 ? `GET ${NODES} HTTP/1.1\r\nhost: x\r\nx-slow: ` : `POST ${NODES} HTTP/1.1\r\nhost: x\r\ncontent-length: 9999\r\n\r\n`;
      socket.write(begin);
      const drip = setInterval(() => socket.write("x"), 500);
      socket.on("close", () => clearInterval(drip));
      return socket;
    }),
  );
  const open = (): number => slow.filter(({ destroyed }) => !destroyed).length;
  await expect.poll(async () => {
    expect((await plane.request("GET", NODES)).status).toBe(200);
    return open();
  }, WAIT).toBe(0);
  expect(await operator.stop()).toBe(0);
}); // prettier-ignore

test("bad certificate files are named, and good ones in their place are taken without a restart", async () => {
  const folder = mkdtempSync(join(plane.folder, "given-"));
  const path = (name: string): string => join(folder, name);
  for (const name of ["tls.crt", "tls.key", "ca.crt"]) writeFileSync(path(name), "garbage");
  const operator = await installation.start(
    `--tls-cert-file=${path("tls.crt")}`, `--tls-private-key-file=${path("tls.key")}`, `--tls-ca-file=${path("ca.crt")}`,
  );
  await expect.poll(() => said(operator), WAIT).toMatch(/tls.crt and .*tls.key are no certificate and its key/);
  const authority = createAuthority("given");
  const { certificate, key } = authority.server({ name: "plimsoll" }, [`plimsoll.${NAMESPACE}.svc`]);
  writeFileSync(path("ca.crt"), authority.sealed.certificate);
  writeFileSync(path("tls.key"), key);
  writeFileSync(path("tls.crt"), certificate);
  await expect.poll(isReady(operator), WAIT).toBe(200);
  // kube-apiserver verifies it by our APIServices
  await expect.poll(async () => (await plane.request("GET", NODES)).status, WAIT).toBe(200);
  expect(await operator.stop()).toBe(0);
}); // prettier-ignore

test("an API server that is away at the start is waited for", async () => {
  const pid = plane.pids["kube-apiserver"] ?? 0;
  process.kill(pid, "SIGSTOP");
  const starting = installation.start();
  await wait(2000);
  process.kill(pid, "SIGCONT");
  const operator = await starting;
  await expect.poll(isReady(operator), WAIT).toBe(200);
  await availableMetrics(plane);
  expect(await operator.stop()).toBe(0);
});

test("an API server that refuses every connection at the start is waited for, and the operator is alive meanwhile", async () => {
  const { kubeconfig } = await operatorKubeconfig();
  const [port = 0] = await freePorts(1);
  const elsewhere = join(mkdtempSync(join(plane.folder, "refused-")), "kubeconfig");
  writeFileSync(elsewhere, readFileSync(kubeconfig, "utf8").replace(plane.server, `https://127.0.0.1:${port}`));
  const operator = await startOperator(plane, { kubeconfig: elsewhere });
  onTestFinished(() => void operator.stop());
  await expect.poll(() => said(operator), WAIT).toMatch(/ECONNREFUSED/);
  expect((await operator.get("/livez")).status).toBe(200);
  expect((await operator.get("/readyz")).status).toBe(500);
  expect((await asAdmin(operator.securePort, NODES)).status, "nobody can say who may").toBe(503);
  const way = createServer((client) => {
    const there = connect(plane.ports.apiserver, "127.0.0.1");
    for (const [socket, other] of [[client, there], [there, client]] as const) socket.on("error", () => other.destroy()).on("close", () => other.destroy());
    client.pipe(there).pipe(client);
  }).listen(port, "127.0.0.1");
  await expect.poll(isReady(operator), WAIT).toBe(200);
  await expect.poll(async () => (await asAdmin(operator.securePort, NODES)).status, WAIT).toBe(200);
  expect(await operator.stop()).toBe(0);
  way.close();
}); // prettier-ignore

test("ten thousand strangers cost a bounded amount of memory, and those who are known are answered", async () => {
  const operator = await installation.start();
  await expect.poll(isReady(operator), WAIT).toBe(200);
  await availableMetrics(plane);
  const before = residentMiB(operator);
  /** Half of them begin a handshake that they never end. */
  const flood = (count: number): Socket[] =>
    Array.from({ length: count }, (_, at) => {
      const socket = connect(operator.securePort, "127.0.0.1").on("error", () => undefined);
      if (at % 2 === 0) socket.write(Buffer.from([0x16, 3, 1, 0, 200, 1]));
      return socket;
    });
  const list = async (): Promise<number> => {
    const began = performance.now();
    expect((await plane.request("GET", NODES)).status).toBe(200);
    return performance.now() - began;
  };
  for (let wave = 0; wave < 100; wave++) {
    const sockets = flood(100);
    await list();
    if (wave % 2 === 0) for (const socket of sockets) socket.destroy();
  }
  const took: number[] = [];
  flood(2000);
  for (let asked = 0; asked < 100; asked++) took.push(await list());
  const direct = await getSecurely({ port: operator.securePort, path: NODES, client: adminOf(plane) });
  expect(direct.status).toBe(200);
  const grown = residentMiB(operator) - before;
  const p99 = took.toSorted((one, other) => one - other)[98] ?? 0;
  console.log(`10000 strangers: ${Math.round(grown)} MiB more; with 2000 half-open, p99 of a LIST ${Math.round(p99)} ms`);
  expect(grown).toBeLessThan(160);
  expect(await operator.stop()).toBe(0);
}); // prettier-ignore
