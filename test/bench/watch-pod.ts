/**
 * A pod as a real cluster has it, 11.7 KB of JSON of which managedFields is nearly half: two containers with
 * probes, variables and mounts, a sidecar that injects itself, tolerations, conditions, statuses.
 */
export type Layout = Readonly<{ podsPerWorkload: number; nodes: number; containers: readonly string[] }>;

/** 50,000 pods fill its nodes with 50 each. */
const BOTH: Layout = { podsPerWorkload: 20, nodes: 1000, containers: ["server", "exporter"] };
const PORTS = { server: 8080, exporter: 9090 } as Readonly<Record<string, number>>;

const probe = (path: string, port: number) => ({
  httpGet: { path, port, scheme: "HTTP" },
  initialDelaySeconds: 5,
  timeoutSeconds: 1,
  periodSeconds: 10,
  successThreshold: 1,
  failureThreshold: 3,
});

const container = (name: string, port: number) => ({
  name,
  image: `registry.example.com/platform/${name}:v1.42.7@sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef`,
  args: ["--listen", `:${port}`, "--log-format=json", "--log-level=info"],
  ports: [{ name: "http", containerPort: port, protocol: "TCP" }],
  env: Array.from({ length: 9 }, (_, i) => ({
    name: `SETTING_${i}_OF_${name.toUpperCase()}`,
    value: `https://service-${i}.internal.example.com:8443/api`,
  })),
  resources: { limits: { memory: "512Mi" }, requests: { cpu: "250m", memory: "256Mi" } },
  volumeMounts: [
    { name: "config", readOnly: true, mountPath: `/etc/${name}` },
    { name: "cache", mountPath: "/var/cache" },
    {
      name: "kube-api-access-x7k2p",
      readOnly: true,
      mountPath: "/var/run/secrets/kubernetes.io/serviceaccount",
    },
  ],
  livenessProbe: probe("/livez", port),
  readinessProbe: probe("/readyz", port),
  terminationMessagePath: "/dev/termination-log",
  terminationMessagePolicy: "File",
  imagePullPolicy: "IfNotPresent",
  securityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  },
});

const status = (name: string) => ({
  name,
  state: { running: { startedAt: "2026-11-25T08:00:09Z" } },
  lastState: {},
  ready: true,
  restartCount: 0,
  image: `registry.example.com/platform/${name}:v1.42.7`,
  imageID: `registry.example.com/platform/${name}@sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef`,
  containerID: "containerd://8f3b2c1d9e7a6f5b4c3d2e1f0a9b8c7d6e5f4a3b2c1d0e9f8a7b6c5d4e3f2a1b",
  started: true,
  allocatedResources: { cpu: "250m", memory: "256Mi" },
  resources: { limits: { memory: "512Mi" }, requests: { cpu: "250m", memory: "256Mi" } },
});

const condition = (type: string) => ({
  type,
  status: "True",
  observedGeneration: 1,
  lastProbeTime: null,
  lastTransitionTime: "2026-11-25T08:00:10Z",
});

/** What a server-side manager owns of a container, as the API server writes it down. */
const ownedContainer = (name: string) => ({
  [`k:{"name":"${name}"}`]: {
    ".": {},
    "f:args": {},
    "f:env": Object.fromEntries([
      [".", {}],
      ...Array.from({ length: 9 }, (_, i) => [
        `k:{"name":"SETTING_${i}_OF_${name.toUpperCase()}"}`,
        { ".": {}, "f:name": {}, "f:value": {} },
      ]),
    ]),
    "f:image": {},
    "f:imagePullPolicy": {},
    "f:livenessProbe": {
      ".": {},
      "f:failureThreshold": {},
      "f:httpGet": { ".": {}, "f:path": {}, "f:port": {}, "f:scheme": {} },
      "f:initialDelaySeconds": {},
      "f:periodSeconds": {},
      "f:successThreshold": {},
      "f:timeoutSeconds": {},
    },
    "f:name": {},
    "f:ports": {
      ".": {},
      'k:{"containerPort":8080,"protocol":"TCP"}': {
        ".": {},
        "f:containerPort": {},
        "f:name": {},
        "f:protocol": {},
      },
    },
    "f:readinessProbe": {
      ".": {},
      "f:failureThreshold": {},
      "f:httpGet": { ".": {}, "f:path": {}, "f:port": {}, "f:scheme": {} },
      "f:initialDelaySeconds": {},
      "f:periodSeconds": {},
      "f:successThreshold": {},
      "f:timeoutSeconds": {},
    },
    "f:resources": {
      ".": {},
      "f:limits": { ".": {}, "f:memory": {} },
      "f:requests": { ".": {}, "f:cpu": {}, "f:memory": {} },
    },
    "f:terminationMessagePath": {},
    "f:terminationMessagePolicy": {},
    "f:volumeMounts": {
      ".": {},
      'k:{"mountPath":"/var/cache"}': { ".": {}, "f:mountPath": {}, "f:name": {} },
    },
  },
});

const managedFields = (containers: readonly string[]) => [
  {
    manager: "kube-controller-manager",
    operation: "Update",
    apiVersion: "v1",
    time: "2026-11-25T08:00:00Z",
    fieldsType: "FieldsV1",
    fieldsV1: {
      "f:metadata": {
        "f:annotations": { ".": {}, "f:checksum/config": {} },
        "f:generateName": {},
        "f:labels": { ".": {}, "f:app": {}, "f:team": {}, "f:pod-template-hash": {} },
        "f:ownerReferences": { ".": {}, 'k:{"uid":"@RSUID@"}': {} },
      },
      "f:spec": {
        "f:containers": Object.assign({}, ...containers.map(ownedContainer)) as object,
        "f:dnsPolicy": {},
        "f:enableServiceLinks": {},
        "f:restartPolicy": {},
        "f:schedulerName": {},
        "f:securityContext": {},
        "f:terminationGracePeriodSeconds": {},
        "f:volumes": {
          ".": {},
          'k:{"name":"config"}': {
            ".": {},
            "f:configMap": { ".": {}, "f:defaultMode": {}, "f:name": {} },
            "f:name": {},
          },
        },
      },
    },
  },
  {
    manager: "kubelet",
    operation: "Update",
    apiVersion: "v1",
    time: "2026-11-25T08:00:10Z",
    fieldsType: "FieldsV1",
    fieldsV1: {
      "f:status": {
        "f:conditions": Object.fromEntries(
          ["ContainersReady", "Initialized", "Ready"].map((type) => [
            `k:{"type":"${type}"}`,
            { ".": {}, "f:lastProbeTime": {}, "f:lastTransitionTime": {}, "f:status": {}, "f:type": {} },
          ]),
        ),
        "f:containerStatuses": {},
        "f:hostIP": {},
        "f:phase": {},
        "f:podIP": {},
        "f:startTime": {},
      },
    },
    subresource: "status",
  },
];

const templateOf = (containers: readonly string[]): readonly string[] =>
  JSON.stringify({
    kind: "Pod",
    apiVersion: "v1",
    metadata: {
      name: "@NAME@",
      generateName: "@RSNAME@-",
      namespace: "@NAMESPACE@",
      uid: "@UID@",
      resourceVersion: "@VERSION@",
      generation: 1,
      creationTimestamp: "2026-11-25T08:00:00Z",
      labels: { app: "@APP@", team: "platform", "pod-template-hash": "5d8f9c7b6d" },
      annotations: { "checksum/config": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" },
      ownerReferences: [
        {
          apiVersion: "apps/v1",
          kind: "ReplicaSet",
          name: "@RSNAME@",
          uid: "@RSUID@",
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
      managedFields: managedFields(containers),
    },
    spec: {
      volumes: [
        { name: "config", configMap: { name: "@APP@", defaultMode: 420 } },
        { name: "cache", emptyDir: {} },
        {
          name: "kube-api-access-x7k2p",
          projected: {
            sources: [{ serviceAccountToken: { expirationSeconds: 3607, path: "token" } }],
            defaultMode: 420,
          },
        },
      ],
      containers: containers.map((name) => container(name, PORTS[name] ?? 80)),
      restartPolicy: "Always",
      terminationGracePeriodSeconds: 30,
      dnsPolicy: "ClusterFirst",
      serviceAccountName: "@APP@",
      nodeName: "@NODE@",
      securityContext: { runAsNonRoot: true },
      schedulerName: "default-scheduler",
      tolerations: [
        {
          key: "node.kubernetes.io/not-ready",
          operator: "Exists",
          effect: "NoExecute",
          tolerationSeconds: 300,
        },
        {
          key: "node.kubernetes.io/unreachable",
          operator: "Exists",
          effect: "NoExecute",
          tolerationSeconds: 300,
        },
      ],
      priority: 0,
      enableServiceLinks: true,
      preemptionPolicy: "PreemptLowerPriority",
    },
    status: {
      observedGeneration: 1,
      phase: "Running",
      conditions: [
        "PodReadyToStartContainers",
        "Initialized",
        "Ready",
        "ContainersReady",
        "PodScheduled",
      ].map(condition),
      hostIP: "10.0.0.1",
      podIP: "10.128.0.1",
      startTime: "2026-11-25T08:00:01Z",
      containerStatuses: containers.map(status),
      qosClass: "Burstable",
    },
  }).split(/@([A-Z]+)@/);

const templates = new Map<Layout, readonly string[]>();

function templateFor(layout: Layout): readonly string[] {
  const template = templates.get(layout) ?? templateOf(layout.containers);
  templates.set(layout, template);
  return template;
}

/** Where pod number `index` belongs, and what it is called; 40 workloads a namespace. */
export function podNames(index: number, layout: Layout = BOTH) {
  const workload = Math.floor(index / layout.podsPerWorkload);
  return {
    workload,
    ...workloadNames(workload),
    node: `node-${index % layout.nodes}`,
    name: `service-${workload}-5d8f9c7b6d-${(index + 1_000_000).toString(36)}`,
  };
}

export const workloadNames = (workload: number) => ({
  namespace: `team-${Math.floor(workload / 40)}`,
  app: `service-${workload}`,
  replicaSet: `service-${workload}-5d8f9c7b6d`,
  replicaSetUid: uuid("a", workload),
});

/** Pod number `index` at `version`. */
export function podJson(index: number, version: number, layout: Layout = BOTH): string {
  const { namespace, app, node, name, replicaSet, replicaSetUid } = podNames(index, layout);
  const values: Readonly<Record<string, string>> = {
    NAME: name,
    RSNAME: replicaSet,
    RSUID: replicaSetUid,
    UID: uuid("b", index),
    NAMESPACE: namespace,
    APP: app,
    NODE: node,
    VERSION: `${version}`,
  };
  const template = templateFor(layout);
  let json = "";
  for (let i = 0; i < template.length; i++) json += i % 2 === 0 ? template[i] : values[template[i] ?? ""];
  return json;
}

export const uuid = (kind: string, n: number): string =>
  `${kind}0000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}`;
