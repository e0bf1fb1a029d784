/**
 * Two replicas behind the aggregator while everything about them changes: replicas come and go, and so do the authority
 * of their certificate and the front proxy's. Nobody who asks is left without an answer.
 */
import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NAMESPACE, TLS_SECRET } from "../../generate/rbac.ts";
import { epochMillis } from "../../src/base/units.ts";
import { type Kept, LIFETIMES, renewed } from "../../src/serve/certificate/renewal.ts";
import { createAuthority } from "../control-plane/certificates.ts";
import { getSecurely } from "../control-plane/secure-get.ts";
import { type ControlPlane, endOwnControlPlane, ownControlPlane } from "./control-plane.ts";
import { WAIT } from "./manifests.ts";
import { availableMetrics, type Installation, installMetricsApi } from "./metrics-api.ts";
import type { OperatorProcess } from "./operator-process.ts";

const NODES = "/apis/metrics.k8s.io/v1beta1/nodes";
const SECRET = `/api/v1/namespaces/${NAMESPACE}/secrets/${TLS_SECRET}`;
const HOSTS = [`plimsoll.${NAMESPACE}.svc`, `plimsoll.${NAMESPACE}`];
const DAY = 86_400_000;
/** Long enough for both replicas to begin with the old authority. */
const TAKES_OVER_IN_MILLIS = 25_000;

let plane: ControlPlane;
let installation: Installation;
let before: Kept;
const replicas: OperatorProcess[] = [];

beforeAll(async () => {
  plane = await ownControlPlane();
  await plane.addKwokNodes(1);
  installation = await installMetricsApi(plane);
  before = anAuthorityNearItsEnd();
  await plane.request("PATCH", SECRET, { body: { stringData: before } });
  replicas.push(await installation.start(...LINGERING), await installation.start(...LINGERING));
  await availableMetrics(plane);
});
afterAll(async () => {
  await installation.remove();
  await endOwnControlPlane();
});

/** The default, which other tests do without. */
const LINGERING = ["--shutdown-delay-duration=3s"];

/** Its successor was announced almost a day ago. */
function anAuthorityNearItsEnd(): Kept {
  const at = (millis: number) => ({
    hosts: HOSTS,
    lifetimes: LIFETIMES,
    now: epochMillis(Date.now() + millis),
  });
  const announced = at(TAKES_OVER_IN_MILLIS - DAY);
  let kept = renewed({}, at(-800 * DAY))?.kept ?? {};
  for (let next = renewed(kept, announced); next !== undefined; next = renewed(kept, announced))
    kept = next.kept;
  return kept as Kept;
}

async function keptNow(): Promise<Kept> {
  const { data } = (await plane.request("GET", SECRET)).body as { data: Record<string, string> };
  const texts = Object.entries(data).map(([key, text]) => [key, Buffer.from(text, "base64").toString()]);
  return Object.fromEntries(texts) as Kept;
}

/** People with kubectl, and programs that ask all the time, until told to stop. */
function keepAsking() {
  const state = { tops: 0, requests: 0, retried: 0, failed: [] as string[], stopped: false };
  const top = async (): Promise<void> => {
    while (!state.stopped) {
      const printed = await plane.kubectl("top", "nodes", "--no-headers").catch(String);
      if (!/^kwok/m.test(printed)) state.failed.push(`kubectl top, number ${state.tops}: ${printed}`);
      state.tops++;
    }
  };
  const ask = async (): Promise<void> => {
    while (!state.stopped) {
      const { status, body, headers } = await plane.request("GET", NODES);
      state.requests++;
      if (headers["retry-after"] !== undefined) state.retried++;
      else if (status !== 200)
        state.failed.push(`request ${state.requests}: ${status} ${JSON.stringify(body)}`);
      await wait(20);
    }
  };
  const asking = Promise.all([top(), ask(), ask()]);
  return async () => {
    state.stopped = true;
    await asking;
    return state;
  };
}

async function replace(index: number, signal: NodeJS.Signals): Promise<void> {
  const next = await installation.start(...LINGERING);
  await expect.poll(() => next.get("/readyz").catch(() => undefined), WAIT).toMatchObject({ status: 200 });
  await replicas[index]?.stop(signal);
  replicas[index] = next;
}

test("not one request fails while the authority changes and both replicas are replaced", async () => {
  const stopAsking = keepAsking();
  const isTakenOver = async () => (await keptNow())["ca.crt"].startsWith(before["next-ca.crt"]);
  await expect.poll(isTakenOver, { ...WAIT, timeout: 90_000 }).toBe(true);
  const servedBy = () =>
    Promise.all(replicas.map(async ({ lines }) => lines.filter(({ message }) => /new serving certificate/.test(message)).length));
  await expect.poll(servedBy, WAIT).toEqual([2, 2]);
  await replace(0, "SIGTERM");
  await replace(1, "SIGTERM");
  await wait(2000);
  const { tops, requests, retried, failed } = await stopAsking();
  console.log(`replicas: ${tops} kubectl top, ${requests} requests, ${retried} told to come back, ${failed.length} failed`);
  expect(failed).toEqual([]);
  expect(tops).toBeGreaterThan(50);
}); // prettier-ignore

test("a replica that is killed takes no more with it than what it was answering", async () => {
  const stopAsking = keepAsking();
  await wait(1000);
  await replace(0, "SIGKILL");
  await wait(2000);
  const { tops, requests, failed } = await stopAsking();
  console.log(`a killed replica: ${tops} kubectl top, ${requests} requests, ${failed.length} failed (${failed.join("; ")})`);
  expect(failed.length, "those that three askers had under way").toBeLessThanOrEqual(3);
  expect(requests).toBeGreaterThan(50);
}); // prettier-ignore

test("a front proxy of a new authority is believed as soon as the API server's ConfigMap names it", async () => {
  const authority = createAuthority("new-front-proxy");
  const client = authority.client({ name: "front-proxy" });
  const headers = { "X-Remote-User": "admin", "X-Remote-Group": "system:masters" };
  const ask = async () => (await getSecurely({ port: installation.port, path: NODES, headers, client })).status;
  expect(await ask()).toBe(403);
  const known = readFileSync(plane.certs.frontProxyAuthority, "utf8");
  const data = { "requestheader-client-ca-file": known + authority.sealed.certificate };
  await plane.request("PATCH", "/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication", { body: { data } });
  await expect.poll(ask, WAIT).toBe(200);
  expect(await plane.kubectl("top", "nodes", "--no-headers")).toMatch(/kwok/);
}); // prettier-ignore
