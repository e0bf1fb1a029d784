/**
 * S11 and S29: what others answer, and what we show them, is in nothing that we say.
 */
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { minutes } from "../../src/base/units.ts";
import { createScalePort } from "../../src/real/apiserver/scale.ts";
import { createLog } from "../../src/real/log.ts";
import { createAuthority } from "../control-plane/certificates.ts";
import { nameOf } from "../fail-safe/row.ts";
import {
  load,
  makeFolder,
  open,
  serve,
  TRUSTED,
  tryLoad,
  writeKubeconfig,
} from "../real/apiserver/loopback.ts";
import type { Reply } from "../real/apiserver/loopback.ts";
import { nodeAt, openSource } from "../real/kubelet/kubelet.ts";
import { operate, settledWorld, statusOf } from "../sim/operating.ts";

const SECRET = "s3cr3t-of-the-body";

/** Answers of kubelets that hold the secret, in each place that a decoder looks at. */
const BODIES: readonly string[] = [
  SECRET,
  `# HELP ${SECRET} ${SECRET}\n`,
  `${SECRET} 1 1\n`,
  `container_cpu_usage_seconds_total{container="${SECRET}",namespace="${SECRET}",pod="${SECRET}"} 1 1\n`,
  `container_cpu_usage_seconds_total{container="app",namespace="default",pod="web",x="${SECRET}"} ${SECRET}\n`,
  `{"error":"${SECRET}"}`,
  `<html><title>${SECRET}</title></html>`,
];

test.each(BODIES)(`${nameOf("S11")} (%j)`, async (body) => {
  const simulated = settledWorld({ replicas: 4, cores: 1.2 });
  const { model, time, faults } = simulated;
  const said: string[] = [];
  const log = (...line: unknown[]): void => void said.push(JSON.stringify(line));
  const operator = operate(simulated, { log });
  await time.advance(minutes(8));
  faults.push({ name: "a body", scrape: () => ({ kind: "answered", body: Buffer.from(body) }) });
  await time.advance(minutes(10));
  await operator.end();
  const outputs = [said, model.events(), statusOf(model), operator.records].map((one) => JSON.stringify(one));
  expect(said.length).toBeGreaterThan(0);
  for (const output of outputs) expect(output).not.toContain(SECRET);
});

/** As a service account's token is: a JSON web token; and one that says nothing of itself. */
const CANARY = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJlLW9mLWEtY2FuYXJ5";

const echo =
  (status: number): Reply =>
  (response, { headers }) => {
    response.writeHead(status, {
      "content-type": "application/json",
      "x-echo": String(headers.authorization),
    });
    const message = `bad header authorization: ${headers.authorization}, that is ${CANARY}`;
    response.end(JSON.stringify({ kind: "Status", message, reason: message, details: { name: message } }));
  };

const REPLIES: Readonly<Record<string, Reply>> = {
  ...Object.fromEntries(
    [200, 400, 401, 403, 404, 409, 422, 429, 500, 503].map((status) => [status, echo(status)]),
  ),
  "text of another kind": (response, { headers }) => response.end(`token ${String(headers.authorization)}`),
  "a redirect with it": (response, { headers }) => {
    response.writeHead(302, { location: `https://elsewhere.example/${String(headers.authorization)}` });
    response.end();
  },
  "a cut connection": (response) => response.socket?.destroy(),
  "a body that is cut": (response) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": 500 });
    response.write(`{"token":"${CANARY}"`, () => response.socket?.destroy());
  },
};

/** All that is said while everything about one API server and one kubelet fails that can. */
async function everythingSaid(): Promise<Readonly<{ said: string; shown: number }>> {
  const said: string[] = [];
  const { log } = createLog("debug", { write: (line: string) => void said.push(line) });
  const logged: string[] = [];
  let shown = 0;
  for (const reply of Object.values(REPLIES)) {
    const server = await serve((response, seen, nth) => {
      if (seen.headers.authorization?.includes(CANARY) === true) shown += 1;
      reply(response, seen, nth);
    });
    const kubeconfig = writeKubeconfig(makeFolder(), { server: server.url, ...TRUSTED }, { token: CANARY });
    const port = createScalePort(open(await load({ kubeconfig, logged })));
    const target = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };
    const outcome = await port.readScale("shop", target);
    log("warn", "the scale cannot be read", { outcome: JSON.stringify(outcome) });
    const grants = { grant: async () => ({ kind: "obtained", value: { headers: { authorization: `Bearer ${CANARY}` } } }) as const }; // prettier-ignore
    const kubelet = await openSource({ api: { grants } }).read(
      nodeAt(server.port),
      new AbortController().signal,
    );
    log("warn", "a node gives no answer", {
      kubelet: kubelet.kind === "failed" ? JSON.stringify(kubelet) : "answered",
    });
  }
  return { said: [...said, ...logged].join("\n"), shown };
}

test(nameOf("S29"), async () => {
  const { said, shown } = await everythingSaid();
  console.log(
    `S29: the canary was shown to servers ${shown} times, and ${said.split("\n").length} lines were said`,
  );
  expect(shown).toBeGreaterThan(20);
  expect(said).not.toContain(CANARY);
  expect(said).not.toContain(CANARY.split(".")[2]);
});

test("S29 a server that is not trusted, and a plugin that fails with the token on its lips, give nothing away", async () => {
  const logged: string[] = [];
  const server = await serve((response) => response.end());
  server.present(createAuthority("someone else"));
  const folder = makeFolder();
  const plugin = join(folder, "plugin");
  writeFileSync(plugin, `#!/bin/sh\necho "Bearer ${CANARY}"; echo "token ${CANARY}" >&2; exit 1\n`);
  chmodSync(plugin, 0o755);
  const exec = { apiVersion: "client.authentication.k8s.io/v1", command: plugin, interactiveMode: "Never" };
  const kubeconfigOf = (user: object): string =>
    writeKubeconfig(makeFolder(), { server: server.url, ...TRUSTED }, user);
  const port = createScalePort(open(await load({ kubeconfig: kubeconfigOf({ token: CANARY }), logged })));
  const outcome = await port.readScale("shop", { apiVersion: "apps/v1", kind: "Deployment", name: "web" });
  expect(outcome.kind).toBe("unreachable");
  const loading = await tryLoad({ kubeconfig: kubeconfigOf({ exec }), logged });
  expect(loading).toMatchObject({ kind: "unusable", message: expect.stringContaining("gave no credential") });
  expect(server.seen, "nothing was sent").toEqual([]);
  expect(JSON.stringify([outcome, loading, logged])).not.toContain(CANARY);
});
