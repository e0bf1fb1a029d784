/**
 * How each program of the control plane is started: the flags, and nothing that runs. All listen on 127.0.0.1 only;
 * controller-manager and scheduler listen nowhere.
 */
export type Ports = Readonly<{ etcd: number; etcdPeer: number; apiserver: number; kubelet: number }>;

export function etcdArguments(ports: Ports): string[] {
  const client = `http://127.0.0.1:${ports.etcd}`;
  const peer = `http://127.0.0.1:${ports.etcdPeer}`;
  return flags({
    "data-dir": "etcd",
    "listen-client-urls": client,
    "advertise-client-urls": client,
    "listen-peer-urls": peer,
    "initial-advertise-peer-urls": peer,
    "initial-cluster": `default=${peer}`,
    // As kubeadm and GCE start it: so a kind that nothing happens to still brings bookmarks.
    "watch-progress-notify-interval": "5s",
    "unsafe-no-fsync": "true",
    "log-level": "warn",
  });
}

/** `besides`: flags by name, which win. */
export function apiserverArguments(ports: Ports, besides: Readonly<Record<string, string>> = {}): string[] {
  return flags({
    "etcd-servers": `http://127.0.0.1:${ports.etcd}`,
    "bind-address": "127.0.0.1",
    "advertise-address": "127.0.0.1",
    "secure-port": `${ports.apiserver}`,
    "service-cluster-ip-range": "10.0.0.0/24",
    "tls-cert-file": "certs/apiserver.crt",
    "tls-private-key-file": "certs/apiserver.key",
    "client-ca-file": "certs/clients.crt",
    "service-account-key-file": "certs/tokens.pub",
    "service-account-signing-key-file": "certs/tokens.key",
    "service-account-issuer": "https://kubernetes.default.svc",
    "authorization-mode": "Node,RBAC",
    "requestheader-client-ca-file": "certs/front-proxy.crt",
    "requestheader-allowed-names": "front-proxy",
    "requestheader-username-headers": "X-Remote-User",
    "requestheader-uid-headers": "X-Remote-Uid",
    "requestheader-group-headers": "X-Remote-Group",
    "requestheader-extra-headers-prefix": "X-Remote-Extra-",
    "proxy-client-cert-file": "certs/aggregator.crt",
    "proxy-client-key-file": "certs/aggregator.key",
    "kubelet-client-certificate": "certs/admin.crt",
    "kubelet-client-key": "certs/admin.key",
    "kubelet-certificate-authority": "certs/kubelets.crt",
    "kubelet-preferred-address-types": "InternalIP",
    "endpoint-reconciler-type": "none",
    "audit-policy-file": "audit-policy.json",
    "audit-log-path": "audit.log",
    ...besides,
  });
}

/** Every controller but the HPA: two autoscalers in one cluster are a test of their own. */
export function controllerManagerArguments(): string[] {
  return flags({
    ...asAdmin,
    controllers: "*,-horizontal-pod-autoscaler-controller",
    "service-account-private-key-file": "certs/tokens.key",
    "root-ca-file": "certs/clients.crt",
    // for kubelets that ask for a serving certificate
    "cluster-signing-cert-file": "certs/clients.crt",
    "cluster-signing-key-file": "certs/clients.key",
  });
}

export const schedulerArguments = (): string[] => flags(asAdmin);

const asAdmin = {
  kubeconfig: "admin.kubeconfig",
  "authentication-kubeconfig": "admin.kubeconfig",
  "authorization-kubeconfig": "admin.kubeconfig",
  "secure-port": "0",
  "leader-elect": "false",
  // tests wait for these two; the defaults (20 and 30 a second, 50) are meant to spare a shared API server
  "kube-api-qps": "500",
  "kube-api-burst": "1000",
};

export function kwokArguments(ports: Ports): string[] {
  return flags({
    kubeconfig: "admin.kubeconfig",
    config: "kwok.yaml",
    "manage-all-nodes": "true",
    "node-ip": "127.0.0.1",
    "node-port": `${ports.kubelet}`,
    "server-address": `127.0.0.1:${ports.kubelet}`,
    "tls-cert-file": "certs/kubelet.crt",
    "tls-private-key-file": "certs/kubelet.key",
    cidr: "10.128.0.0/10",
    "node-lease-duration-seconds": "40",
  });
}

/** Every call of a service account, without bodies; what the machinery of the cluster itself says is left out. */
export const AUDIT_POLICY = {
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived"],
  rules: [
    { level: "None", userGroups: ["system:serviceaccounts:kube-system", "system:masters"] },
    { level: "Metadata", userGroups: ["system:serviceaccounts"] },
    { level: "None" },
  ],
};

const flags = (values: Readonly<Record<string, string>>): string[] =>
  Object.entries(values).map(([name, value]) => `--${name}=${value}`);
