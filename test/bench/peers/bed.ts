/**
 * What both sides work on: kwok nodes, Deployments, and what each autoscaler is told about them.
 *
 * Invariant: an HPA and a policy of one Deployment say the same, and leave it one pod to move by.
 */
import type { ApiTransport } from "../../../src/real/apiserver/transport.ts";
import { openTransport } from "../../cluster/open-api.ts";
import type { Place } from "../../cluster/manifests.ts";
import { succeed } from "../../control-plane/api-request.ts";
import type { ControlPlane } from "../../control-plane/connection.ts";
import { createDeployments, inLanes, podsOf, running, send, serveCrd, useEach } from "../../soak/fleet.ts";

export type BedSize = Readonly<{ pods: number; policies: number }>;
export type Bed = Readonly<{
  plane: ControlPlane;
  transport: ApiTransport;
  places: readonly Place[];
  /** Of each Deployment, at rest. */
  replicas: number;
}>;

const AT_ONCE = 8;
const AT_TARGET = "60m";
/** What is told about a Deployment, and by which path. */
const KINDS = {
  hpa: { path: "/apis/autoscaling/v2", resource: "horizontalpodautoscalers", object: hpaOf },
  vpa: { path: "/apis/autoscaling.k8s.io/v1", resource: "verticalpodautoscalers", object: vpaOf },
  policy: { path: "/apis/plimsoll.dev/v1alpha1", resource: "scalepolicies", object: policyOf },
} as const;
export type Told = keyof typeof KINDS;

export async function prepareBed(plane: ControlPlane, { pods, policies }: BedSize): Promise<Bed> {
  await serveCrd(plane);
  await plane.apply(EVERY_RIGHT);
  await plane.request("POST", "/api/v1/namespaces", { body: { metadata: { name: "plimsoll-system" } } });
  const transport = await openTransport(plane.kubeconfig);
  const places = await createDeployments(plane, transport, { workloads: policies, pods });
  await running(transport, pods);
  return { plane, transport, places, replicas: Math.round(pods / policies) };
}

/** A service account of its own for each program, so that the audit log tells them apart. */
export async function accountFor({ plane }: Bed, name: string) {
  const { status } = await plane.request("POST", `/api/v1/namespaces/${SPACE}/serviceaccounts`, {
    body: { metadata: { name } },
  });
  if (status !== 201 && status !== 409) throw new Error(`service account ${name}: ${status}`);
  return plane.serviceAccountKubeconfig(SPACE, name);
}

export async function tell({ plane, places, replicas }: Bed, what: Told): Promise<void> {
  const { path, resource, object } = KINDS[what];
  await inLanes(places, AT_ONCE, (place) =>
    succeed(plane.request, "POST", `${path}/namespaces/${place.namespace}/${resource}`, {
      body: object(place, replicas),
    }),
  );
}

export async function untell({ places, transport }: Bed, what: Told): Promise<void> {
  const { path, resource } = KINDS[what];
  await inLanes(places, AT_ONCE, ({ namespace, name }) =>
    send(transport, "DELETE", `${path}/namespaces/${namespace}/${resource}/${name}`),
  );
}

/** Everything as it was: the count, and usage at the target. */
export async function putAtRest({ places, transport, replicas }: Bed): Promise<void> {
  await inLanes(places, 2, async (place) => {
    const path = `/apis/apps/v1/namespaces/${place.namespace}/deployments/${place.name}`;
    await send(transport, "PATCH", path, { spec: { replicas } });
    await useEach(transport, place, await podsOf(transport, place), AT_TARGET);
  });
}

const SPACE = "peers";
const EVERY_RIGHT = [
  { apiVersion: "v1", kind: "Namespace", metadata: { name: SPACE } },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name: "peers" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
    subjects: [
      { kind: "Group", apiGroup: "rbac.authorization.k8s.io", name: `system:serviceaccounts:${SPACE}` },
    ],
  },
];

const targetOf = ({ name }: Place) => ({ apiVersion: "apps/v1", kind: "Deployment", name });

const scaling = (replicas: number) => ({
  minReplicas: replicas,
  maxReplicas: replicas + 1,
  metrics: [
    { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 60 } } },
  ],
  behavior: { scaleDown: { stabilizationWindowSeconds: 0 } },
});

function hpaOf(place: Place, replicas: number): object {
  return {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name: place.name },
    spec: { scaleTargetRef: targetOf(place), ...scaling(replicas) },
  };
}

function vpaOf(place: Place): object {
  return {
    apiVersion: "autoscaling.k8s.io/v1",
    kind: "VerticalPodAutoscaler",
    metadata: { name: place.name },
    spec: { targetRef: targetOf(place), updatePolicy: { updateMode: "Off" } },
  };
}

function policyOf(place: Place, replicas: number): object {
  return {
    apiVersion: "plimsoll.dev/v1alpha1",
    kind: "ScalePolicy",
    metadata: { name: place.name },
    spec: { targetRef: targetOf(place), mode: "Active", horizontal: scaling(replicas) },
  };
}
