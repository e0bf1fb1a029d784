/**
 * Carries a round's changes into the cluster, and waits until the API server shows them.
 */
import { setTimeout as wait } from "node:timers/promises";
import { type Requester, succeed } from "../control-plane/api-request.ts";
import type { ControlPlane } from "../control-plane/connection.ts";
import type { Change, PodSpec } from "./actors.ts";

const READY_MILLIS = 30_000;

/** Nodes first; what is deleted goes before what takes its name. */
export async function applyChanges(
  plane: ControlPlane,
  namespace: string,
  changes: readonly Change[],
): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/pods`;
  for (const change of changes) await apply(plane, path, change);
  const names = changes.flatMap((change) => (change.kind === "add-pod" ? [change.pod.name] : []));
  await running(plane, path, new Set(names));
}

async function apply(plane: ControlPlane, pods: string, change: Change): Promise<unknown> {
  const request = goneIsFine(plane.request);
  switch (change.kind) {
    case "add-node":
      // createKwokNodes numbers what it makes
      return plane.addKwokNodes(1, { prefix: change.name.replace(/-0$/, "") });
    case "delete-node":
      return succeed(request, "DELETE", `/api/v1/nodes/${change.name}`);
    case "add-pod":
      return succeed(request, "POST", pods, { body: podObject(change.pod) });
    case "delete-pod":
      return succeed(request, "DELETE", `${pods}/${change.name}`);
    case "label-pod":
      return succeed(request, "PATCH", `${pods}/${change.name}`, {
        body: { metadata: { labels: change.labels } },
      });
    case "finish-pod":
      return succeed(request, "PATCH", `${pods}/${change.name}/status`, {
        body: { status: { phase: "Succeeded" } },
      });
  }
}

/** Who is gone already is gone for both servers. */
const goneIsFine =
  (request: Requester): Requester =>
  async (...call) => {
    const answer = await request(...call);
    return answer.status === 404 ? { ...answer, status: 200 } : answer;
  };

/** On its node from the start, and gone as soon as it is deleted. */
const podObject = ({ name, node, containers, labels }: PodSpec): object => ({
  metadata: { name, labels },
  spec: {
    nodeName: node,
    terminationGracePeriodSeconds: 0,
    // a busy machine is late with a node's heartbeats, and that is no reason to evict
    tolerations: [{ operator: "Exists" }],
    containers: containers.map((container) => ({ name: container, image: "registry.example/app" })),
  },
});

async function running({ request }: ControlPlane, path: string, names: ReadonlySet<string>): Promise<void> {
  const deadline = performance.now() + READY_MILLIS;
  for (;;) {
    if (names.size === 0) return;
    const { items } = (await succeed(request, "GET", path)) as {
      items: { metadata: { name: string }; status: { phase: string } }[];
    };
    const pending = items.filter(
      ({ metadata, status }) => names.has(metadata.name) && status.phase !== "Running",
    );
    if (pending.length === 0) return;
    if (performance.now() > deadline)
      throw new Error(`not running: ${pending.map(({ metadata }) => metadata.name).join(", ")}`);
    await wait(50);
  }
}
