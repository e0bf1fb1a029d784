/**
 * Threats by their numbers, from the side of kubelets and pods: one that lies about other nodes' pods, one in whose place
 * somebody else answers, and pods that only look like the target's.
 */
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer } from "node:tls";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { createAuthority } from "../control-plane/certificates.ts";
import { nameOf } from "../fail-safe/row.ts";
import { print } from "../scrape/answers.ts";
import { controlPlane, type ControlPlane } from "./control-plane.ts";
import { establishCrds } from "./crds.ts";
import { settle } from "./fault-proxy/handover.ts";
import { openWorld, type Started, type World } from "./fault-proxy/world.ts";
import { countsWritten } from "./fault-proxy/writers.ts";
import { AT_REST, podTemplate, WAIT } from "./manifests.ts";
import { counterOf, decisions } from "./rounds.ts";
import { startFront } from "./tls-front.ts";

const CLAIMS = 1000;
const ROUNDS = 8;

let plane: ControlPlane;

beforeAll(async () => {
  plane = await controlPlane();
  await plane.addKwokNodes(2);
  await establishCrds(plane);
});

async function aWorld(): Promise<World> {
  const world = await openWorld(plane, "threat");
  onTestFinished(() => world.close());
  return world;
}

/** An operator that asks all kubelets at this port. */
const startAsking = (world: World, port: number): Promise<Started> =>
  world.start({ args: ["--kubelet-use-node-status-port=false", `--kubelet-port=${port}`] });

const podNames = async (namespace: string): Promise<string[]> =>
  (await plane.kubectl("get", "pods", "-n", namespace, "-o", "jsonpath={.items[*].metadata.name}")).split(
    " ",
  );

/** `/metrics/kubelets/NAME/metrics/resource` */
const nodeOf = ({ url = "" }: IncomingMessage): string => url.split("/")[3] ?? "";

test(nameOf("S04"), async () => {
  const world = await aWorld();
  const nowhere = { cpu: "0", memory: "0", pods: "0" };
  const [liar = ""] = await plane.addKwokNodes(1, { capacity: nowhere });
  let victims: readonly string[] = [];
  const lies = (): string =>
    print(
      victims.flatMap((pod) =>
        Array.from({ length: CLAIMS / victims.length }, (_, nth) => ({
          namespace: world.namespace,
          pod,
          container: nth === 0 ? "app" : `app-${nth}`,
          cpu: (Date.now() % 1e6) / 10, // a hundred cores
          memory: 2 ** 40,
          start: 1_700_000_000,
        })),
      ),
    );
  const front = await startFront(plane, {
    before: "kubelet",
    decide: async (asked) =>
      nodeOf(asked) === liar && victims.length > 0 ? { status: 200, body: lies() } : undefined,
  });
  onTestFinished(() => front.close());
  const operator = await startAsking(world, front.port);
  await settle(world, "web");
  victims = await podNames(world.namespace);
  expect(victims).toHaveLength(2);
  const refused = () => counterOf(operator, 'plimsoll_scrape_samples_total{fate="foreign-pod"}');
  await expect.poll(refused, WAIT).toBeGreaterThanOrEqual(CLAIMS * 2);
  await decisions(operator, ROUNDS);
  expect(operator.lines).toContainEqual(
    expect.objectContaining({ level: "warn", node: liar, problem: "foreign-pods", containers: CLAIMS }),
  );
  expect(countsWritten(world.proxy.log, "web")).toEqual([]);
  expect((await world.here.status("web")).horizontal).toMatchObject({
    currentReplicas: 2,
    desiredReplicas: 2,
  });
  console.log(`S04: ${await refused()} claims about pods of other nodes, 0 believed`);
});

test(nameOf("S06"), async () => {
  const world = await aWorld();
  await settleUnwatched(world);
  const impostor = createAuthority("somebody-else").server({ name: "system:node:kwok" }, ["127.0.0.1"]);
  const seen = { connections: 0, bytes: 0 };
  const server = createServer({ cert: impostor.certificate, key: impostor.key }, (socket) => {
    socket.on("data", (bytes) => (seen.bytes += bytes.length)).on("error", () => undefined);
  });
  server.on("connection", () => (seen.connections += 1)).on("tlsClientError", () => undefined);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const operator = await startAsking(world, (server.address() as AddressInfo).port);
  const failures = () => counterOf(operator, 'plimsoll_scrape_failures_total{cause="certificate"}');
  await expect.poll(failures, WAIT).toBeGreaterThanOrEqual(10);
  await expect
    .poll(() => world.here.condition("web", "ScalingActive"), WAIT)
    .toMatchObject({ status: "False" });
  expect(operator.lines).toContainEqual(
    expect.objectContaining({
      problem: "certificate",
      message: expect.stringContaining("--kubelet-certificate-authority"),
    }),
  );
  expect(seen.connections).toBeGreaterThanOrEqual(10);
  expect(seen.bytes, "of a request, such as its Authorization").toBe(0);
  expect(countsWritten(world.proxy.log, "web")).toEqual([]);

  let shown = 0;
  const honest = await startFront(plane, {
    before: "kubelet",
    async decide({ headers }) {
      if (/^Bearer ./.test(headers.authorization ?? "")) shown += 1;
      return undefined;
    },
  });
  onTestFinished(() => honest.close());
  await operator.stop();
  await startAsking(world, honest.port);
  await expect
    .poll(() => shown, { ...WAIT, message: "to a kubelet that is trusted the token is shown" })
    .toBeGreaterThan(0);
  console.log(`S06: ${seen.connections} connections to an impostor, ${seen.bytes} bytes of a request`);
});

/** Nobody looks at it yet. */
async function settleUnwatched(world: World): Promise<void> {
  await world.workload("web", AT_REST);
  await world.here.rolledOut("deployment/web");
}

test(nameOf("S16"), async () => {
  const world = await aWorld();
  const operator = await world.start();
  await settle(world, "web");
  const template = podTemplate("web", "100m");
  await plane.apply({
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "batch", namespace: world.namespace },
    spec: {
      parallelism: 3,
      completions: 3,
      template: {
        metadata: {
          ...template.metadata,
          annotations: { ...template.metadata.annotations, "test.plimsoll.dev/lasts": "1h" },
        },
        spec: { ...template.spec, restartPolicy: "Never" },
      },
    },
  });
  const alike = ["pods", "-n", world.namespace, "-l", "app=web"];
  const running = () => plane.kubectl("get", ...alike, "--field-selector=status.phase=Running", "-o", "name");
  await expect.poll(async () => (await running()).trim().split("\n").length, WAIT).toBe(5);
  await decisions(operator, ROUNDS);
  expect((await world.here.status("web")).horizontal).toMatchObject({
    currentReplicas: 2,
    desiredReplicas: 2,
  });
  expect(countsWritten(world.proxy.log, "web")).toEqual([]);
  await world.here.load("web", "95m");
  await expect.poll(() => world.here.replicas("deployment/web"), WAIT).toBeGreaterThan(2);
});
