/**
 * Objects as the API server writes them, for the tests of what we keep of them.
 */
import type { Raw } from "../../../src/real/apiserver/watch/trim/raw.ts";

export const rawMeta = (name: string, over: Raw = {}): Raw => ({
  name,
  namespace: "shop",
  uid: `uid-of-${name}`,
  resourceVersion: "7",
  creationTimestamp: "2026-11-25T12:00:00Z",
  ...over,
});

/** A container with requests of 250m and 1Gi and a limit on memory. */
export const rawContainer = (name: string, over: Raw = {}): Raw => ({
  name,
  image: "registry.example/web:1",
  resources: { requests: { cpu: "250m", memory: "1Gi" }, limits: { memory: "2Gi" } },
  ...over,
});

export const rawStatus = (name: string, startedAt?: string): Raw => ({
  name,
  ready: startedAt !== undefined,
  state: startedAt === undefined ? { waiting: { reason: "ContainerCreating" } } : { running: { startedAt } },
});

type RawPod = Readonly<{ metadata?: Raw; spec?: Raw; status?: Raw }>;

/** A running pod of a ReplicaSet. */
export function rawPod({ metadata = {}, spec = {}, status = {} }: RawPod = {}): Raw {
  return {
    metadata: rawMeta("web-5d8-x", {
      labels: { app: "web", "pod-template-hash": "5d8" },
      ownerReferences: [
        { apiVersion: "apps/v1", kind: "ReplicaSet", name: "web-5d8", uid: "rs-uid", controller: true },
      ],
      ...metadata,
    }),
    spec: { nodeName: "node-1", containers: [rawContainer("app")], ...spec },
    status: {
      phase: "Running",
      startTime: "2026-11-25T12:00:02Z",
      conditions: [
        { type: "Initialized", status: "True", lastTransitionTime: "2026-11-25T12:00:03Z" },
        { type: "Ready", status: "True", lastTransitionTime: "2026-11-25T12:00:09Z" },
      ],
      containerStatuses: [rawStatus("app", "2026-11-25T12:00:05Z")],
      ...status,
    },
  };
}
