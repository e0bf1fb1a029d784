/**
 * The kubelet of the node, which may be ended and begun again while containers run on.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createRequester } from "../control-plane/api-request.ts";
import { findControlPlane } from "../control-plane/build.ts";
import type { ControlPlane } from "../control-plane/connection.ts";
import { createProcessGroup, type ProcessGroup } from "../control-plane/processes.ts";
import {
  type KubeletChanges,
  kubeletArguments,
  kubeletConfiguration,
  type NodePlace,
  urlOf,
} from "./arguments.ts";
import type { Machine } from "./containerd.ts";
import { eventually, POLL_MILLIS } from "./eventually.ts";
import { preferPods } from "./machine/clean.ts";

type KubeletParts = Readonly<{ place: NodePlace; machine: Machine; plane: ControlPlane }>;

/** `start` ends the one that runs. */
export function createKubelet({ place, machine, plane }: KubeletParts) {
  const request = createRequester(plane.folder, urlOf(place));
  let group: ProcessGroup | undefined;
  const end = async (): Promise<void> => group?.stop({ keepFolder: true });
  const isReady = async (): Promise<boolean> => {
    await approveCertificates(plane);
    const { status, body } = await plane.request("GET", `/api/v1/nodes/${place.name}`);
    if (status !== 200 || !isNodeReady(body)) return false;
    return request("GET", "/metrics/resource").then(
      (answer) => answer.status === 200,
      () => false,
    );
  };
  const start = async (changes: KubeletChanges = {}): Promise<void> => {
    await end();
    writeFileSync(join(place.folder, "kubelet.json"), JSON.stringify(kubeletConfiguration(place, changes)));
    group = createProcessGroup(place.folder);
    group.start("kubelet", "nsenter", machine.inside(await kubeletProgram(), ...kubeletArguments(place)));
    const preferring = setInterval(preferPods, POLL_MILLIS); // a kubelet that starts sets it back
    try {
      await Promise.race([eventually("the kubelet", isReady), group.failed]);
    } finally {
      clearInterval(preferring);
    }
  };
  return { request, start, end };
}

async function kubeletProgram(): Promise<string> {
  const found = await findControlPlane(["kubelet"]);
  if (found.kind === "missing") throw new Error(found.reason);
  return found.binaries.kubelet;
}

type ServingRequest = Readonly<{
  metadata: { name: string };
  spec: { signerName: string };
  status?: { conditions?: unknown[] };
}>;

/** As an administrator does who has looked at them. */
async function approveCertificates({ request, kubectl }: ControlPlane): Promise<void> {
  const { body } = await request("GET", "/apis/certificates.k8s.io/v1/certificatesigningrequests");
  for (const { metadata, spec, status } of (body as { items: ServingRequest[] }).items)
    if (spec.signerName === "kubernetes.io/kubelet-serving" && status?.conditions === undefined)
      await kubectl("certificate", "approve", metadata.name);
}

function isNodeReady(node: unknown): boolean {
  const { conditions = [] } = (node as { status: { conditions?: { type: string; status: string }[] } })
    .status;
  return conditions.some(({ type, status }) => type === "Ready" && status === "True");
}
