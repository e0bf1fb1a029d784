/** What goes wrong around the secure port of a whole operator: it says so, stays within bounds, and recovers by itself. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NAMESPACE } from "../../generate/rbac.ts";
import { createAuthority } from "../control-plane/certificates.ts";
import { getSecurely } from "../control-plane/secure-get.ts";
import { type ControlPlane, endOwnControlPlane, ownControlPlane } from "./control-plane.ts";
import { WAIT } from "./manifests.ts";
import { availableMetrics, type Installation, installMetricsApi } from "./metrics-api.ts";
import { adminOf, type OperatorProcess } from "./operator-process.ts";

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

test("ten thousand strangers cost a bounded amount of memory, and those who are known are answered", async () => {
  const operator = await installation.start();
  await expect.poll(isReady(operator), WAIT).toBe(200);
  await availableMetrics(plane);
  const rss = (): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${operator.pid}/status`, "utf8"))?.[1]) / 1024;
  const before = rss();
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
  const grown = rss() - before;
  const p99 = took.toSorted((one, other) => one - other)[98] ?? 0;
  console.log(`10000 strangers: ${Math.round(grown)} MiB more; with 2000 half-open, p99 of a LIST ${Math.round(p99)} ms`);
  expect(grown).toBeLessThan(160);
  expect(await operator.stop()).toBe(0);
}); // prettier-ignore
