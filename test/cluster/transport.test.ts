import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { fetchServerVersion } from "../../src/real/apiserver/api.ts";
import { writeOutcome } from "../../src/real/apiserver/failure.ts";
import { JSON_PATCH, MERGE_PATCH } from "../../src/real/apiserver/naming.ts";
import type { ApiRequest, ApiTransport } from "../../src/real/apiserver/transport.ts";
import { createAuthority } from "../control-plane/certificates.ts";
import { controlPlane, type ControlPlane } from "./control-plane.ts";
import { openTransport } from "./open-api.ts";

let cluster: ControlPlane;
let namespace: string;
beforeAll(async () => {
  cluster = await controlPlane();
  namespace = await cluster.namespace("transport");
});

async function open(kubeconfig: string): Promise<ApiTransport> {
  const transport = await openTransport(kubeconfig);
  onTestFinished(() => transport.close());
  return transport;
}

/** A way to the API server on which connections can be counted and cut. */
async function openWay() {
  const sockets = new Set<Socket>();
  let connectionCount = 0;
  const { hostname, port } = new URL(cluster.server);
  const server = createServer((inward) => {
    connectionCount += 1;
    const outward = connect(Number(port), hostname);
    inward.pipe(outward).pipe(inward);
    for (const socket of [inward, outward]) {
      sockets.add(socket);
      socket
        .on("error", () => undefined)
        .on("close", () => [inward, outward].forEach((end) => end.destroy()));
    }
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const cut = (): void => sockets.forEach((socket) => socket.destroy());
  onTestFinished(() => {
    cut();
    server.close();
  });
  const kubeconfig = join(cluster.folder, `way-${(server.address() as AddressInfo).port}.kubeconfig`);
  const config = await cluster.kubectl("config", "view", "--raw", "-o=json");
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  writeFileSync(kubeconfig, config.replaceAll(cluster.server, url), { mode: 0o600 });
  return { kubeconfig, cut, connectionCount: () => connectionCount };
}

test("the server says its version", async () => {
  expect(await fetchServerVersion(await open(cluster.kubeconfig))).toMatchObject({
    kind: "read",
    value: { gitVersion: expect.stringMatching(/^v1\.\d+\.\d+/), major: "1" },
  });
});

test("two hundred requests in a row share at most two connections", async () => {
  const way = await openWay();
  const transport = await open(way.kubeconfig);
  for (let n = 0; n < 200; n += 1) await fetchServerVersion(transport);
  expect(way.connectionCount()).toBeLessThanOrEqual(2);
});

test("after a cut, the next read gets through and a watch is reported broken", async () => {
  const way = await openWay();
  const transport = await open(way.kubeconfig);
  const watch = await transport.stream({
    method: "GET",
    path: `/api/v1/namespaces/${namespace}/serviceaccounts`,
    query: { watch: "true" },
  });
  if (watch.kind !== "open") expect.fail(JSON.stringify(watch));
  await fetchServerVersion(transport);
  way.cut();
  expect(await fetchServerVersion(transport)).toMatchObject({ kind: "read" });
  const readToEnd = async (): Promise<void> => {
    for await (const _ of watch.chunks);
  };
  await expect(readToEnd()).rejects.toThrow();
});

describe("what the API server really answers to a write", () => {
  const CONFIG = "/api/v1/namespaces/NS/configmaps";
  const aMap = (over: object = {}, metadata: object = {}) => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "there", ...metadata },
    data: { key: "value" },
    ...over,
  });
  const patch = (body: unknown, contentType = JSON_PATCH): ApiRequest => ({
    method: "PATCH",
    path: `${CONFIG}/there`,
    contentType,
    body,
  });
  const test1 = { op: "test", path: "/data/key", value: "value" };

  beforeAll(async () => {
    await cluster.apply(aMap({}, { namespace }));
  });

  test.each<{ when: string; request: ApiRequest; outcome: object; user?: "nobody" | "stranger" }>([
    { when: "a patch whose tests hold", request: patch([test1]), outcome: { kind: "written" } },
    { when: "a patch whose test fails", request: patch([{ ...test1, value: "other" }]), outcome: { kind: "conflict" } },
    { when: "a patch on an old version", request: patch({ metadata: { resourceVersion: "1" } }, MERGE_PATCH), outcome: { kind: "conflict" } },
    { when: "a patch that means another uid", request: patch({ metadata: { uid: "other" } }, MERGE_PATCH), outcome: { kind: "conflict" } },
    { when: "PUT on an old version", request: { method: "PUT", path: `${CONFIG}/there`, body: aMap({}, { resourceVersion: "1" }) }, outcome: { kind: "conflict" } },
    { when: "PUT that means another uid", request: { method: "PUT", path: `${CONFIG}/there`, body: aMap({}, { uid: "other" }) }, outcome: { kind: "conflict" } },
    { when: "creating what exists", request: { method: "POST", path: CONFIG, body: aMap() }, outcome: { kind: "conflict", message: 'configmaps "there" already exists' } },
    { when: "PUT to what is not there", request: { method: "PUT", path: `${CONFIG}/gone`, body: aMap({}, { name: "gone", resourceVersion: "1" }) }, outcome: { kind: "absent" } },
    { when: "a kind that is not served", request: { method: "POST", path: "/apis/nowhere/v1/things", body: {} }, outcome: { kind: "absent" } },
    { when: "a name that is not the path's", request: { method: "PUT", path: `${CONFIG}/other`, body: aMap() }, outcome: { kind: "refused", status: 400 } },
    { when: "a wrong field", request: { method: "POST", path: CONFIG, body: aMap({}, { name: "NOT_A_NAME" }) }, outcome: { kind: "refused", status: 422 } },
    { when: "a wrong kind of patch", request: patch({}, "application/x-patch"), outcome: { kind: "refused", status: 415 } },
    { when: "a method that is not there", request: { method: "POST", path: `${CONFIG}/there`, body: aMap() }, outcome: { kind: "refused", status: 405 } },
    { when: "a body beyond 3 MiB", request: { method: "POST", path: CONFIG, body: aMap({ data: { big: "x".repeat(3_200_000) } }) }, outcome: { kind: "refused", status: 413 } },
    { when: "someone without rights", user: "nobody", request: { method: "POST", path: CONFIG, body: aMap() }, outcome: { kind: "forbidden", status: 403 } },
    { when: "someone unknown", user: "stranger", request: { method: "POST", path: CONFIG, body: aMap() }, outcome: { kind: "forbidden", status: 401 } },
    { when: "an answer that is no ConfigMap", request: { method: "DELETE", path: CONFIG }, outcome: { kind: "unreachable" } },
  ])("$when", async ({ request, outcome, user }) => {
    const transport = await open(await kubeconfigOf(user));
    const answer = await transport.send({ ...request, path: request.path.replace("NS", namespace) });
    expect(writeOutcome(answer, "ConfigMap")).toMatchObject(outcome);
  }); // prettier-ignore

  async function kubeconfigOf(user: "nobody" | "stranger" | undefined): Promise<string> {
    if (user === undefined) return cluster.kubeconfig;
    if (user === "nobody") return cluster.kubeconfigFor({ name: "nobody" });
    const config = await cluster.kubectl("config", "view", "--raw", "-o=json");
    const { certificate, key } = createAuthority("elsewhere").client({ name: "admin" });
    const parsed = JSON.parse(config) as { users: { user: object }[] };
    const base64 = (text: string): string => Buffer.from(text).toString("base64");
    parsed.users[0]!.user = {
      "client-certificate-data": base64(certificate),
      "client-key-data": base64(key),
    };
    const file = join(cluster.folder, "stranger.kubeconfig");
    writeFileSync(file, JSON.stringify(parsed), { mode: 0o600 });
    return file;
  }
});
