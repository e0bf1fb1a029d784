/**
 * An API server that is killed and started again, over an etcd that was compacted meanwhile, while one watch was silent: on a
 * control plane of its own, for nobody else can work with it. The operator finds that its version is gone, lists anew, and
 * scales.
 */
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { succeed } from "../control-plane/api-request.ts";
import { apiserverArguments } from "../control-plane/arguments.ts";
import { findControlPlane, isAlive } from "../control-plane/build.ts";
import { createProcessGroup, type ProcessGroup } from "../control-plane/processes.ts";
import { type StartedControlPlane, startControlPlane } from "../control-plane/start.ts";
import { establishCrds } from "./crds.ts";
import { settle } from "./fault-proxy/handover.ts";
import { eventually, openWorld, type World } from "./fault-proxy/world.ts";
import { countsWritten, writesWithoutLease } from "./fault-proxy/writers.ts";
import { AT_REST } from "./manifests.ts";

let plane: StartedControlPlane;
let apiserver = "";
let second: ProcessGroup | undefined;
let world: World;

beforeAll(async () => {
  const found = await findControlPlane();
  if (found.kind === "missing") throw new Error(found.reason);
  apiserver = found.binaries["kube-apiserver"];
  plane = await startControlPlane(found.binaries);
  await plane.addKwokNodes(1);
  await establishCrds(plane);
  world = await openWorld(plane, "restart");
});
afterAll(async () => {
  await world.close();
  await second?.stop({ keepFolder: true });
  await plane.stop();
});

test(
  "killed, compacted and started again: the version of a silent watch is gone, so it is listed anew, and work goes on",
  { timeout: 300_000 },
  async () => {
    const operator = await world.start();
    await settle(world, "web");
    const frozen = world.proxy.add({ match: { verb: "watch", resource: "pods" }, fault: { do: "freeze" } });
    await world.here.load("web", "51m"); // changes that are told to nobody
    await world.here.load("web", AT_REST);
    const compacted = await compactEtcd();
    await restartApiServer();
    frozen.lift();
    const expired = () =>
      operator.lines.some((line) => line["kind"] === "pods" && line["problem"] === "expired");
    await eventually("the old version is refused", expired);
    await world.here.load("web", "95m");
    await eventually("raised", () => countsWritten(world.proxy.log, "web").includes(4));
    expect(compacted).toBeGreaterThan(1);
    expect(writesWithoutLease(world.proxy.log)).toEqual([]);
    expect(operator.lines.filter(({ level }) => level === "fatal")).toEqual([]);
  },
);

/** All that was before this moment; answers the revision. */
async function compactEtcd(): Promise<number> {
  const ask = async (path: string, body: object): Promise<Response> => {
    const answer = await fetch(`http://127.0.0.1:${plane.ports.etcd}/v3/kv/${path}`, {
      method: "POST",
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`etcd ${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  };
  const range = (await (await ask("range", { key: Buffer.from("/").toString("base64") })).json()) as {
    header: { revision: string };
  };
  await ask("compaction", { revision: range.header.revision, physical: true });
  return Number(range.header.revision);
}

async function restartApiServer(): Promise<void> {
  const pid = plane.pids["kube-apiserver"] ?? 0;
  process.kill(pid, "SIGKILL");
  await eventually("the API server is gone", () => !isAlive(pid));
  await vi.waitFor(() => expect(plane.request("GET", "/readyz")).rejects.toThrow(/ECONNREFUSED/));
  second = createProcessGroup(plane.folder);
  second.start("kube-apiserver-again", apiserver, apiserverArguments({ ...plane.ports, etcdPeer: 0 }));
  const isReady = () =>
    succeed(plane.request, "GET", "/readyz").then(
      () => true,
      () => false,
    );
  await eventually("the API server is back", isReady);
}
