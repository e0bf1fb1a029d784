/**
 * The operator's Pods and what surrounds them: two replicas of which one decides, under the Pod Security level
 * "restricted", with a token that lives an hour and a file system that cannot be written.
 */
import { type KubernetesObject, LABELS, NAME, NAMESPACE, OPERATOR_USER, TLS_SECRET } from "./rbac.ts";

const HEALTH_PORT = 8080;
const SECURE_PORT = 10250;
/** "nonroot" of the distroless images. */
const USER = 65532;
const PRIORITY_CLASS = "system-cluster-critical";
const TOKEN_FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount";

/**
 * The heap follows the memory limit (V8's own default would outgrow it); what V8 does not manage (TLS connections, typed
 * arrays) needs the rest. Young objects get 1 MiB of room: it fills whether needed or not, and more saves little CPU.
 * No source maps: at the first error they take 50 MiB, for ever, and the bundle is not minified. A crash leaves its report
 * in /tmp.
 */
const NODE_OPTIONS = [
  "--disable-proto=delete",
  "--max-semi-space-size=1",
  "--max-old-space-size-percentage=60",
  "--report-on-fatalerror",
  "--report-directory=/tmp",
].join(" ");

export function namespaceObject(): KubernetesObject {
  const level = (mode: string): string => `pod-security.kubernetes.io/${mode}`;
  const labels = { ...LABELS, [level("enforce")]: "restricted", [level("warn")]: "restricted" };
  return { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE, labels } };
}

export function workloadObjects(version: string): KubernetesObject[] {
  return [
    ...flowSchemas(),
    criticalQuota(),
    certificates(),
    deployment(version),
    service(),
    disruptionBudget(),
  ];
}

const metadata = { name: NAME, namespace: NAMESPACE, labels: LABELS };

function deployment(version: string): KubernetesObject {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata,
    spec: {
      replicas: 2,
      selector: { matchLabels: LABELS },
      template: { metadata: { labels: LABELS }, spec: podSpec(version) },
    },
  };
}

function podSpec(version: string): object {
  return {
    serviceAccountName: NAME,
    automountServiceAccountToken: false,
    priorityClassName: PRIORITY_CLASS,
    nodeSelector: { "kubernetes.io/os": "linux" },
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: "kubernetes.io/hostname",
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: LABELS },
        matchLabelKeys: ["pod-template-hash"],
      },
    ],
    securityContext: {
      runAsNonRoot: true,
      runAsUser: USER,
      runAsGroup: USER,
      fsGroup: USER,
      seccompProfile: { type: "RuntimeDefault" },
    },
    containers: [container(version)],
    volumes: [{ name: "tmp", emptyDir: { sizeLimit: "64Mi" } }, tokenVolume()],
  };
}

function container(version: string): object {
  const probe = (path: string, failureThreshold: number): object => ({
    httpGet: { path, port: "health" },
    periodSeconds: 10,
    timeoutSeconds: 5,
    failureThreshold,
  });
  return {
    name: "operator",
    image: `${NAME}:${version}`,
    imagePullPolicy: "IfNotPresent",
    args: [
      "operator",
      "--metric-resolution=15s",
      `--health-port=${HEALTH_PORT}`,
      `--secure-port=${SECURE_PORT}`,
      "--metrics-api=Auto",
    ],
    env: [
      { name: "NODE_OPTIONS", value: NODE_OPTIONS },
      // one arena of the C allocator: threads do little here, and each further arena costs resident memory
      { name: "MALLOC_ARENA_MAX", value: "1" },
      downward("POD_NAME", "metadata.name"),
      downward("POD_NAMESPACE", "metadata.namespace"),
    ],
    ports: [
      { name: "health", containerPort: HEALTH_PORT, protocol: "TCP" },
      { name: "secure", containerPort: SECURE_PORT, protocol: "TCP" },
    ],
    livenessProbe: probe("/livez", 6),
    readinessProbe: probe("/readyz", 3),
    resources: { requests: { cpu: "100m", memory: "384Mi" }, limits: { memory: "384Mi" } },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      readOnlyRootFilesystem: true,
    },
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMounts: [
      { name: "tmp", mountPath: "/tmp" },
      { name: "token", mountPath: TOKEN_FOLDER, readOnly: true },
    ],
  };
}

const downward = (name: string, fieldPath: string): object => ({
  name,
  valueFrom: { fieldRef: { fieldPath } },
});

/** What automounting would give, with a life of an hour. */
function tokenVolume(): object {
  return {
    name: "token",
    projected: {
      sources: [
        { serviceAccountToken: { path: "token", expirationSeconds: 3600 } },
        { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
        {
          downwardAPI: {
            items: [{ path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } }],
          },
        },
      ],
    },
  };
}

/** Some clusters, such as GKE's, admit pods of this class only where a quota speaks of it. */
function criticalQuota(): KubernetesObject {
  const matchExpressions = [{ scopeName: "PriorityClass", operator: "In", values: [PRIORITY_CLASS] }];
  return {
    apiVersion: "v1",
    kind: "ResourceQuota",
    metadata: { ...metadata, name: `${NAME}-critical-pods` },
    spec: { hard: { pods: "20" }, scopeSelector: { matchExpressions } },
  };
}

/** Empty: the operator may change this Secret, and make none. */
function certificates(): KubernetesObject {
  return { apiVersion: "v1", kind: "Secret", type: "Opaque", metadata: { ...metadata, name: TLS_SECRET } };
}

function service(): KubernetesObject {
  const ports = [{ name: "https", port: 443, targetPort: "secure", protocol: "TCP", appProtocol: "https" }];
  return { apiVersion: "v1", kind: "Service", metadata, spec: { selector: LABELS, ports } };
}

function disruptionBudget(): KubernetesObject {
  const spec = {
    maxUnavailable: 1,
    unhealthyPodEvictionPolicy: "AlwaysAllow",
    selector: { matchLabels: LABELS },
  };
  return { apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata, spec };
}

/**
 * Outside kube-system an operator shares the level of every workload. When the API server is busy, ours must still renew
 * its Lease, and scaling must not queue behind whatever made it busy.
 */
function flowSchemas(): KubernetesObject[] {
  const leases = { apiGroups: ["coordination.k8s.io"], resources: ["leases"], namespaces: [NAMESPACE] };
  const anything = { apiGroups: ["*"], resources: ["*"], namespaces: ["*"], clusterScope: true };
  return [
    flowSchema(`${NAME}-leader-election`, { level: "leader-election", precedence: 190, resources: leases }),
    flowSchema(NAME, { level: "workload-high", precedence: 890, resources: anything }),
  ];
}

type Flow = Readonly<{ level: string; precedence: number; resources: object }>;

function flowSchema(name: string, { level, precedence, resources }: Flow): KubernetesObject {
  const [, , namespace, account] = OPERATOR_USER.split(":");
  const rule = {
    subjects: [{ kind: "ServiceAccount", serviceAccount: { namespace, name: account } }],
    resourceRules: [{ verbs: ["*"], ...resources }],
  };
  return {
    apiVersion: "flowcontrol.apiserver.k8s.io/v1",
    kind: "FlowSchema",
    metadata: { name, labels: LABELS },
    spec: {
      priorityLevelConfiguration: { name: level },
      matchingPrecedence: precedence,
      distinguisherMethod: { type: "ByUser" },
      rules: [rule],
    },
  };
}
