/**
 * What tests put on the node: pods that burn what they are told (programs/burn), on the machine's own network, and policies
 * for them.
 */
import type { Place } from "../cluster/manifests.ts";
import { BURN } from "./machine/images.ts";

export type Resources = Readonly<Record<"requests" | "limits", Readonly<{ cpu?: string; memory?: string }>>>;
export type Burner = Readonly<
  { name: string; restartPolicy?: "Always"; args: readonly string[] } & Partial<Resources>
>;

const USUAL = { cpu: "100m", memory: "64Mi" };

/** A container; `args` as burn takes them. */
export const burner = ({ requests = USUAL, limits = {}, ...rest }: Burner) => ({
  ...rest,
  image: BURN,
  imagePullPolicy: "Never",
  resources: { requests, limits },
});

export type PodParts = Readonly<{
  containers: readonly Burner[];
  initContainers?: readonly Burner[];
  /** A folder of the machine that is /load in every container. */
  load?: string;
}>;

export function podSpec({ containers, initContainers = [], load }: PodParts): object {
  const volumeMounts = load === undefined ? [] : [{ name: "load", mountPath: "/load" }];
  const all = (burners: readonly Burner[]) => burners.map((each) => ({ ...burner(each), volumeMounts }));
  return {
    hostNetwork: true,
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 2,
    initContainers: all(initContainers),
    containers: all(containers),
    volumes: load === undefined ? [] : [{ name: "load", hostPath: { path: load, type: "Directory" } }],
  };
}

export const aPod = ({ namespace, name }: Place, parts: PodParts): object => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace, labels: { app: name } },
  spec: podSpec(parts),
});

export const aDeployment = (
  { namespace, name }: Place,
  parts: PodParts & Readonly<{ replicas: number }>,
): object => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, namespace },
  spec: {
    replicas: parts.replicas,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: podSpec(parts) },
  },
});
