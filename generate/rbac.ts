/**
 * Every right the operator has, with the reason and the test that fails without it. The manifest and docs/rbac.md are
 * both written from this table, and the cluster lane compares it with what the operator really asks for.
 *
 * Invariant: no wildcard, no right to read Secrets but the one of its own certificates, to change a workload other than
 * through its `scale` and a pod other than through its `resize`, to reach a kubelet beyond its metrics, or to hand on
 * rights. Templates are written only where somebody binds the right to it, namespace by namespace.
 */
export const NAMESPACE = "plimsoll-system";
export const NAME = "plimsoll";
export const OPERATOR_USER = `system:serviceaccount:${NAMESPACE}:${NAME}`;
export const LABELS = { "app.kubernetes.io/name": NAME } as const;
/** Rules of ClusterRoles with this label become the operator's: how a custom kind is opened to it. */
export const TARGETS_LABEL = "plimsoll.dev/aggregate-to-targets";
export const RESIZE_ROLE = `${NAME}-resize`;
export const TEMPLATE_ROLE = `${NAME}-template`;

/** The ClusterRole of the kinds that are scaled as shipped, and the one that gathers those rules. */
export const SCALE = `${NAME}-scale`;
export const TARGETS = `${NAME}-targets`;

export type KubernetesObject = Readonly<{
  apiVersion: string;
  kind: string;
  metadata: Readonly<{ name: string; namespace?: string; labels?: Labels }>;
}> &
  Readonly<Record<string, unknown>>;

export type Rule = Readonly<{
  apiGroups: readonly string[];
  resources: readonly string[];
  resourceNames?: readonly string[];
  verbs: readonly string[];
}>;
export type Grant = Readonly<{
  rule: Rule;
  why: string;
  test: string;
  /** Needed only to announce the metrics API: an installation that never does so can go without. */
  only?: "announcing";
}>;

/** The whole operator, run with these rights and no others; where another test is named, that one needs the rest. */
const WHOLE = "test/cluster/rights.test.ts";

const SERVING = "test/cluster/metrics-api.rights.test.ts";
const REQUESTS = "test/cluster/requests.rights.test.ts";

export const API_SERVICES: readonly string[] = ["v1.metrics.k8s.io", "v1beta1.metrics.k8s.io"];
export const TLS_SECRET = `${NAME}-tls`;

/** In every namespace: a policy may be anywhere, and so may its target. */
export const CLUSTER_GRANTS: readonly Grant[] = [
  follow("plimsoll.dev", ["scalepolicies"], "the policies themselves"),
  {
    rule: { apiGroups: ["plimsoll.dev"], resources: ["scalepolicies/status"], verbs: ["patch"] },
    why: "conditions, figures and the windows' memory of each policy",
    test: WHOLE,
  },
  follow("", ["pods"], "requests, readiness, phases and owners of the pods of a target"),
  follow("", ["nodes"], "where the kubelets are, and which of them answer"),
  follow("apps", ["replicasets"], "the link between a pod and its Deployment"),
  follow("apps", ["deployments", "statefulsets"], "rollouts under way, and who scaled last"),
  follow("autoscaling", ["horizontalpodautoscalers"], "standing by while another autoscaler has the target"),
  {
    rule: { apiGroups: [""], resources: ["nodes/metrics"], verbs: ["get"] },
    why: "`/metrics/resource` of each kubelet; the kubelet asks the API server for this right",
    test: WHOLE,
  },
  {
    rule: { apiGroups: ["events.k8s.io"], resources: ["events"], verbs: ["create", "patch"] },
    why: "an event for each act, and for each reason that begins or ends; a repeat raises its count",
    test: WHOLE,
  },
  {
    rule: { apiGroups: ["authentication.k8s.io"], resources: ["tokenreviews"], verbs: ["create"] },
    why: "who a token is that is shown at the secure port",
    test: SERVING,
  },
  {
    rule: { apiGroups: ["authorization.k8s.io"], resources: ["subjectaccessreviews"], verbs: ["create"] },
    why: "whether who asks at the secure port may",
    test: SERVING,
  },
  {
    rule: { apiGroups: ["apiregistration.k8s.io"], resources: ["apiservices"], verbs: ["create"] },
    why: "announcing the metrics API; creating cannot be limited to names, so an admission policy does",
    test: SERVING,
    only: "announcing",
  },
  {
    rule: {
      apiGroups: ["apiregistration.k8s.io"],
      resources: ["apiservices"],
      resourceNames: API_SERVICES,
      verbs: ["get", "patch", "delete"],
    },
    why: "keeping the two announcements fresh, seeing whether they are another's, and taking them back",
    test: SERVING,
    only: "announcing",
  },
  {
    rule: {
      apiGroups: ["rbac.authorization.k8s.io"],
      resources: ["clusterroles"],
      resourceNames: [NAME],
      verbs: ["get"],
    },
    why: "its uid: this ClusterRole owns the announcements, so that they go when it is removed",
    test: SERVING,
    only: "announcing",
  },
];

/** Where kube-apiserver writes down whom servers behind it may believe. */
export const FRONT_PROXY_NAMESPACE = "kube-system";
export const FRONT_PROXY_GRANTS: readonly Grant[] = [
  {
    rule: {
      apiGroups: [""],
      resources: ["configmaps"],
      resourceNames: ["extension-apiserver-authentication"],
      verbs: ["get", "watch"],
    },
    why: "whose word the metrics API takes for who is asking, and every change of that",
    test: WHOLE,
  },
];

/** The kinds that are scaled. A ClusterRole of its own, so that it can be bound per namespace instead. */
export const TARGET_GRANTS: readonly Grant[] = [
  {
    rule: {
      apiGroups: ["apps"],
      resources: ["deployments/scale", "statefulsets/scale"],
      verbs: ["get", "update"],
    },
    why: "reading the replica count just before a decision is carried out, and setting it",
    test: WHOLE,
  },
];

/** What `apply.mode: InPlace` needs. A ClusterRole of its own, so that it can be taken away or bound per namespace. */
export const RESIZE_GRANTS: readonly Grant[] = [
  {
    rule: { apiGroups: [""], resources: ["pods/resize"], verbs: ["patch"] },
    why: "requests and limits of running pods, of policies with `apply.mode: InPlace`; never an eviction",
    test: REQUESTS,
  },
];

/** What `apply.mode: Template` needs; bound to nobody here. */
export const TEMPLATE_GRANTS: readonly Grant[] = [
  {
    rule: { apiGroups: ["apps"], resources: ["deployments", "statefulsets"], verbs: ["get", "patch"] },
    why: "reading a template just before it is written, and writing `resources` into it",
    test: REQUESTS,
  },
];

/** In the operator's own namespace. */
export const OWN_GRANTS: readonly Grant[] = [
  {
    rule: { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["create"] },
    why: "the first replica makes the Lease; creating cannot be limited to a name",
    test: WHOLE,
  },
  {
    rule: {
      apiGroups: ["coordination.k8s.io"],
      resources: ["leases"],
      resourceNames: [NAME],
      verbs: ["get", "update", "watch"],
    },
    why: "which replica decides: renewing, taking over, and seeing at once when it is let go",
    test: WHOLE,
  },
  {
    rule: { apiGroups: [""], resources: ["secrets"], resourceNames: [TLS_SECRET], verbs: ["get", "patch"] },
    why: "the serving certificate that the replicas share, and its renewal; no other Secret",
    test: SERVING,
  },
  {
    rule: { apiGroups: [""], resources: ["services"], resourceNames: [NAME], verbs: ["get"] },
    why: "whether it is there: nothing is announced that leads nowhere",
    test: SERVING,
    only: "announcing",
  },
];

/** Whoever serves the metrics API; metrics-server brings the same right. */
export const METRICS_READING: Rule = {
  apiGroups: ["metrics.k8s.io"],
  resources: ["pods", "nodes"],
  verbs: ["get", "list", "watch"],
};

/** For people, added to the roles `view` and `edit` (and so to `admin`) that every cluster has. */
export const PEOPLE: readonly Readonly<{ to: "view" | "edit"; rules: readonly Rule[] }>[] = [
  {
    to: "view",
    rules: [
      { apiGroups: ["plimsoll.dev"], resources: ["scalepolicies"], verbs: ["get", "list", "watch"] },
      METRICS_READING,
    ],
  },
  {
    to: "edit",
    rules: [
      {
        apiGroups: ["plimsoll.dev"],
        resources: ["scalepolicies"],
        verbs: ["create", "update", "patch", "delete", "deletecollection"],
      },
    ],
  },
];

function follow(group: string, resources: readonly string[], why: string): Grant {
  // `list` is for API servers that do not stream lists; where they do, it is never used
  return { rule: { apiGroups: [group], resources, verbs: ["list", "watch"] }, why, test: WHOLE };
}

const account = { kind: "ServiceAccount", name: NAME, namespace: NAMESPACE };

/** The operator's own ClusterRole, which owns its APIServices: they go when it is deleted. */
export const ownerObject = () => role("ClusterRole", NAME, rulesOf(CLUSTER_GRANTS));

/** Everything of RBAC in the manifest but that ClusterRole, bindings included. */
export function rbacObjects(): KubernetesObject[] {
  return [
    serviceAccount(),
    binding("ClusterRole", NAME, account),
    role("ClusterRole", SCALE, rulesOf(TARGET_GRANTS)),
    binding("ClusterRole", SCALE, account),
    gathering(),
    binding("ClusterRole", TARGETS, account),
    role("ClusterRole", RESIZE_ROLE, rulesOf(RESIZE_GRANTS)),
    binding("ClusterRole", RESIZE_ROLE, account),
    role("ClusterRole", TEMPLATE_ROLE, rulesOf(TEMPLATE_GRANTS)),
    role("Role", NAME, rulesOf(OWN_GRANTS)),
    binding("Role", NAME, account),
    inFrontProxyNamespace(role("Role", `${NAME}-front-proxy`, rulesOf(FRONT_PROXY_GRANTS))),
    inFrontProxyNamespace(binding("Role", `${NAME}-front-proxy`, account)),
    metricsReader(),
    ...PEOPLE.map(({ to, rules }) =>
      role("ClusterRole", `${NAME}-${to}`, rules, {
        [`rbac.authorization.k8s.io/aggregate-to-${to}`]: "true",
      }),
    ),
  ];
}

/** ClusterRoles with which it writes to workloads: bound in the whole cluster as shipped, or in some namespaces only. */
export const WRITING_ROLES: readonly string[] = [SCALE, TARGETS, RESIZE_ROLE];

const ANNOUNCING: readonly unknown[] = [...CLUSTER_GRANTS, ...OWN_GRANTS]
  .filter(({ only }) => only === "announcing")
  .map(({ rule }) => rule);

/** Whether a rule of the manifest is of no use to an installation that never announces the metrics API. */
export const isAnnouncing = (rule: unknown): boolean => rule === METRICS_READING || ANNOUNCING.includes(rule);

const rulesOf = (grants: readonly Grant[]): Rule[] => grants.map(({ rule }) => rule);

function serviceAccount(): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: NAME, namespace: NAMESPACE, labels: LABELS },
    automountServiceAccountToken: false,
  };
}

type RoleKind = "Role" | "ClusterRole";
type Labels = Readonly<Record<string, string>>;

/** A Role lives in the operator's namespace, a ClusterRole nowhere. */
function metadata(kind: RoleKind, name: string, labels: Labels = {}): KubernetesObject["metadata"] {
  return { name, ...(kind === "Role" && { namespace: NAMESPACE }), labels: { ...LABELS, ...labels } };
}

function role(kind: RoleKind, name: string, rules: readonly Rule[], labels?: Labels) {
  return { apiVersion: "rbac.authorization.k8s.io/v1", kind, metadata: metadata(kind, name, labels), rules };
}

/**
 * The controller-manager fills in the rules of every ClusterRole with the label. None are written here: applying the
 * manifest again would take them away for a moment. And none of ours has the label: when one goes, the controller-manager
 * writes this one anew, also when it has just been deleted, and so an uninstallation would leave it behind.
 */
function gathering(): KubernetesObject {
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: metadata("ClusterRole", TARGETS),
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [TARGETS_LABEL]: "true" } }] },
  };
}

function inFrontProxyNamespace<T extends Readonly<{ metadata: object }>>(object: T): T {
  return { ...object, metadata: { ...object.metadata, namespace: FRONT_PROXY_NAMESPACE } };
}

/** For Prometheus: bound by whoever runs it. */
function metricsReader(): KubernetesObject {
  return {
    ...role("ClusterRole", `${NAME}-metrics-reader`, []),
    rules: [{ nonResourceURLs: ["/metrics"], verbs: ["get"] }],
  };
}

function binding(kind: RoleKind, name: string, subject: object) {
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: `${kind}Binding`,
    metadata: metadata(kind, name),
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind, name },
    subjects: [subject],
  };
}
