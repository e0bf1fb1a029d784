/**
 * What breaks during a soak, one a minute and in this order: each is made, lasts a while, and is mended.
 */
import { setTimeout as wait } from "node:timers/promises";
import type { ApiTransport } from "../../src/real/apiserver/transport.ts";
import type { Place } from "../cluster/manifests.ts";
import type { ControlPlane } from "../control-plane/connection.ts";
import type { Door } from "./door.ts";
import { CAPACITY, pathOf, podsOf, send, useEach } from "./fleet.ts";

export type Scene = Readonly<{
  plane: ControlPlane;
  transport: ApiTransport;
  /** Between the operator and the API server. */
  door: Door;
  places: readonly Place[];
}>;

type Fault = Readonly<{
  name: string;
  seconds: number;
  /** `round`: how many faults there were, so that it is another object each time. Answers how to mend it. */
  make(scene: Scene, round: number): Promise<() => Promise<unknown>>;
}>;

const FAULTS: readonly Fault[] = [
  {
    name: "the way to the API server is cut",
    seconds: 8,
    async make({ door }) {
      door.shut();
      return async () => door.open();
    },
  },
  {
    name: "a kubelet's port is closed",
    seconds: 20,
    make: (scene, round) => moveKubelet(scene, round),
  },
  {
    name: "no kubelet answers",
    seconds: 15,
    make: ({ plane }) => freeze(plane.pids["kwok"]),
  },
  {
    name: "a policy is edited to nonsense",
    seconds: 20,
    async make(scene, round) {
      const place = placeOf(scene, round);
      const path = pathOf(place, "scalepolicies", place.name);
      const aim = (name: string) =>
        send(scene.transport, "PATCH", path, {
          spec: { targetRef: { apiVersion: "apps/v1", kind: "Deployment", name } },
        });
      await aim("nothing-of-that-name");
      return () => aim(place.name);
    },
  },
  {
    name: "a node goes",
    seconds: 20,
    async make({ plane, transport }, round) {
      const name = await nodeName(plane, round);
      await send(transport, "DELETE", `/api/v1/nodes/${name}`);
      return () => plane.addKwokNodes(1, { prefix: `${name}x`, capacity: CAPACITY });
    },
  },
  {
    name: "usage goes through the roof",
    seconds: 20,
    async make({ transport, ...scene }, round) {
      const place = placeOf({ transport, ...scene }, round);
      const pods = await podsOf(transport, place);
      await useEach(transport, place, pods, "2000000");
      return () => useEach(transport, place, pods, "50m");
    },
  },
  {
    name: "the Lease is given to somebody else",
    seconds: 1,
    async make({ transport }) {
      const path = "/apis/coordination.k8s.io/v1/namespaces/plimsoll-system/leases/plimsoll";
      await send(transport, "PATCH", path, { spec: { holderIdentity: "somebody-else" } });
      return async () => undefined;
    },
  },
  {
    name: "the API server is frozen",
    seconds: 8,
    make: ({ plane }) => freeze(plane.pids["kube-apiserver"]),
  },
  {
    name: "a policy's status is damaged",
    seconds: 1,
    async make(scene, round) {
      const place = placeOf(scene, round);
      const path = `${pathOf(place, "scalepolicies", place.name)}/status`;
      await send(scene.transport, "PATCH", path, { status: { horizontal: null, recentActs: [] } });
      return async () => undefined;
    },
  },
  {
    name: "a policy goes and comes back",
    seconds: 5,
    async make({ transport, ...scene }, round) {
      const place = placeOf({ transport, ...scene }, round);
      const path = pathOf(place, "scalepolicies", place.name);
      const { body } = await scene.plane.request("GET", path);
      const { metadata, spec } = body as { metadata: { name: string }; spec: object };
      await send(transport, "DELETE", path);
      const again = {
        apiVersion: "plimsoll.dev/v1alpha1",
        kind: "ScalePolicy",
        metadata: { name: metadata.name },
        spec,
      };
      return () => send(transport, "POST", pathOf(place, "scalepolicies"), again);
    },
  },
];

/** Makes the fault of this round and mends it, whatever happens; answers its name. */
export async function breakOnce(scene: Scene, round: number): Promise<string> {
  const fault = FAULTS[round % FAULTS.length] as Fault;
  const mend = await fault.make(scene, round);
  try {
    await wait(fault.seconds * 1000);
  } finally {
    await mend();
  }
  return fault.name;
}

const placeOf = ({ places }: Scene, round: number): Place => places[(round * 17) % places.length] as Place;

async function freeze(pid = 0): Promise<() => Promise<unknown>> {
  if (pid === 0) throw new Error("the program to freeze is not there");
  process.kill(pid, "SIGSTOP");
  return async () => process.kill(pid, "SIGCONT");
}

async function nodeName({ request }: ControlPlane, round: number): Promise<string> {
  const { body } = await request("GET", "/api/v1/nodes");
  const { items } = body as { items: readonly { metadata: { name: string } }[] };
  return items[(round * 5) % items.length]?.metadata.name ?? "";
}

/** To a port where nobody listens. */
async function moveKubelet({ plane, transport }: Scene, round: number): Promise<() => Promise<unknown>> {
  const name = await nodeName(plane, round);
  const move = (Port: number) =>
    send(transport, "PATCH", `/api/v1/nodes/${name}/status`, {
      status: { daemonEndpoints: { kubeletEndpoint: { Port } } },
    });
  await move(1);
  return () => move(plane.ports.kubelet);
}
