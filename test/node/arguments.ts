/**
 * How containerd and the kubelet are started: configuration and flags, and nothing that runs. As kubeadm would have it, but for
 * what a machine without systemd, CNI and image registry asks for; each such line says why.
 */
import { join } from "node:path";
import { PAUSE } from "./machine/images.ts";
import type { Runtime } from "./machine/runtime.ts";

export type NodePlace = Readonly<{
  folder: string;
  name: string;
  /** Not of the loopback: the API server asks pods by it. */
  address: string;
  port: number;
  healthPort: number;
  /** Paths. */
  kubeconfig: string;
  clientAuthority: string;
}>;

export const urlOf = ({ address, port }: NodePlace): string => `https://${address}:${port}`;

/** In the node's own mount namespace; cAdvisor looks for containerd nowhere else. */
export const CONTAINERD_SOCKET = "/run/containerd/containerd.sock";

/** Parts of a KubeletConfiguration that a test has otherwise. */
export type KubeletChanges = Readonly<Record<string, unknown>>;

export function kubeletConfiguration(place: NodePlace, changes: KubeletChanges = {}): object {
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    address: place.address,
    port: place.port,
    healthzPort: place.healthPort,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true, cacheTTL: "2s" },
      x509: { clientCAFile: place.clientAuthority },
    },
    authorization: { mode: "Webhook", webhook: { cacheAuthorizedTTL: "5s", cacheUnauthorizedTTL: "1s" } },
    // a serving certificate from the cluster's CA, once somebody approves it
    serverTLSBootstrap: true,
    containerRuntimeEndpoint: `unix://${CONTAINERD_SOCKET}`,
    cgroupDriver: "cgroupfs",
    failCgroupV1: false, // the machine may have no other
    failSwapOn: false,
    podLogsDir: join(place.folder, "pod-logs"),
    resolvConf: "", // the machine's is none of the pods' business
    makeIPTablesUtilChains: false,
    // a disk that is nearly full with other things evicts nothing, and no image is removed for it
    evictionHard: { "memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%" },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    ...changes,
  };
}

export function kubeletArguments({ folder, name, address, kubeconfig }: NodePlace): string[] {
  return [
    `--config=${join(folder, "kubelet.json")}`,
    `--kubeconfig=${kubeconfig}`,
    `--hostname-override=${name}`,
    `--node-ip=${address}`,
    `--root-dir=${join(folder, "kubelet")}`,
    `--cert-dir=${join(folder, "kubelet-certificates")}`,
  ];
}

export function containerdConfiguration(folder: string, { cni }: Runtime): string {
  const text = (value: string): string => JSON.stringify(value);
  const cri = '[plugins."io.containerd.grpc.v1.cri"';
  const unneeded = ["btrfs", "zfs", "aufs", "devmapper"].map(
    (name) => `io.containerd.snapshotter.v1.${name}`,
  );
  return `version = 2
root = ${text(join(folder, "containerd"))}
state = "/run/containerd-state"
# the last one makes a folder below /opt
disabled_plugins = ${JSON.stringify([...unneeded, "io.containerd.internal.v1.opt"])}
[grpc]
  address = ${text(CONTAINERD_SOCKET)}
${cri}]
  sandbox_image = ${text(PAUSE)}
  disable_apparmor = true
  # a container's score is no lower than ours: a machine may lack CAP_SYS_RESOURCE
  restrict_oom_score_adj = true
  stream_server_address = "127.0.0.1"
  stream_server_port = "0"
${cri}.containerd]
  snapshotter = "overlayfs"
  default_runtime_name = "runc"
${cri}.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
${cri}.containerd.runtimes.runc.options]
  SystemdCgroup = false
${cri}.cni]
  bin_dir = ${text(cni)}
  conf_dir = ${text(join(folder, "cni"))}
`;
}

/** A node is ready when it has a network; ours has the loopback, and pods that use the machine's own. */
export const LOOPBACK_NETWORK = { cniVersion: "0.4.0", name: "lo", plugins: [{ type: "loopback" }] };
