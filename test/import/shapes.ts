/**
 * Shapes of autoscaler manifests as they are found in public charts, operators and documentation: the fields
 * that occur together, with values of our own. `policy` is what comes out (undefined: none); `notes` are the
 * fields that are told about.
 */
export type Shape = Readonly<{
  title: string;
  kind: "hpa/v1" | "hpa/v2" | "hpa/v2beta1" | "hpa/v2beta2" | "vpa/v1" | "vpa/v1beta2" | "so";
  metadata?: string;
  spec: string;
  policy: string | undefined;
  notes: readonly string[];
}>;

const WEB = "scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}";
const TO_WEB = "targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}";
const CPU_60 = "{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}";
const MEMORY_75 =
  "{type: Resource, resource: {name: memory, target: {type: Utilization, averageUtilization: 75}}}";
const QUEUE =
  "{type: External, external: {metric: {name: queue}, target: {type: AverageValue, averageValue: 30}}}";
const RATE = "{type: Pods, pods: {metric: {name: rps}, target: {type: AverageValue, averageValue: 1k}}}";
const ROUTE =
  "{type: Object, object: {metric: {name: rps}, describedObject: {apiVersion: v1, kind: Service, name: web}, target: {type: Value, value: 2k}}}";
const LABELS = "metadata";

const HPAS: readonly Shape[] = [
  {
    title: "one cpu metric",
    kind: "hpa/v2",
    spec: `{${WEB}, minReplicas: 2, maxReplicas: 20, metrics: [${CPU_60}]}`,
    policy: `{minReplicas: 2, maxReplicas: 20, metrics: [${CPU_60}]}`,
    notes: [],
  },
  {
    title: "no metrics at all follow cpu at 80 % on both sides",
    kind: "hpa/v2",
    spec: `{${WEB}, maxReplicas: 5}`,
    policy: "{maxReplicas: 5}",
    notes: [],
  },
  {
    title: "cpu and memory",
    kind: "hpa/v2",
    spec: `{${WEB}, minReplicas: 3, maxReplicas: 12, metrics: [${CPU_60}, ${MEMORY_75}]}`,
    policy: `{minReplicas: 3, maxReplicas: 12, metrics: [${CPU_60}, ${MEMORY_75}]}`,
    notes: [],
  },
  {
    title: "an amount per pod",
    kind: "hpa/v2",
    spec: `{${WEB}, maxReplicas: 4, metrics: [{type: Resource, resource: {name: memory, target: {type: AverageValue, averageValue: 500Mi}}}]}`,
    policy:
      "{maxReplicas: 4, metrics: [{type: Resource, resource: {name: memory, target: {type: AverageValue, averageValue: 500Mi}}}]}",
    notes: [],
  },
  {
    title: "one container's usage",
    kind: "hpa/v2",
    spec: `{${WEB}, maxReplicas: 9, metrics: [{type: ContainerResource, containerResource: {name: cpu, container: app, target: {type: Utilization, averageUtilization: 50}}}]}`,
    policy:
      "{maxReplicas: 9, metrics: [{type: ContainerResource, containerResource: {name: cpu, container: app, target: {type: Utilization, averageUtilization: 50}}}]}",
    notes: [],
  },
  {
    title: "the whole of behavior",
    kind: "hpa/v2",
    spec: `{${WEB}, minReplicas: 2, maxReplicas: 50, metrics: [${CPU_60}], behavior: {scaleUp: {stabilizationWindowSeconds: 30, selectPolicy: Max, policies: [{type: Percent, value: 200, periodSeconds: 15}, {type: Pods, value: 8, periodSeconds: 15}]}, scaleDown: {stabilizationWindowSeconds: 600, selectPolicy: Min, policies: [{type: Percent, value: 10, periodSeconds: 60}]}}}`,
    policy: `{minReplicas: 2, maxReplicas: 50, metrics: [${CPU_60}], behavior: {scaleUp: {stabilizationWindowSeconds: 30, selectPolicy: Max, policies: [{type: Percent, value: 200, periodSeconds: 15}, {type: Pods, value: 8, periodSeconds: 15}]}, scaleDown: {stabilizationWindowSeconds: 600, selectPolicy: Min, policies: [{type: Percent, value: 10, periodSeconds: 60}]}}}`,
    notes: [],
  },
  {
    title: "only the window of decreases",
    kind: "hpa/v2",
    spec: `{${WEB}, maxReplicas: 6, metrics: [${CPU_60}], behavior: {scaleDown: {stabilizationWindowSeconds: 120}}}`,
    policy: `{maxReplicas: 6, metrics: [${CPU_60}], behavior: {scaleDown: {stabilizationWindowSeconds: 120}}}`,
    notes: [],
  },
  {
    title: "decreases switched off",
    kind: "hpa/v2",
    spec: `{${WEB}, maxReplicas: 6, metrics: [${CPU_60}], behavior: {scaleDown: {selectPolicy: Disabled}}}`,
    policy: `{maxReplicas: 6, metrics: [${CPU_60}], behavior: {scaleDown: {selectPolicy: Disabled}}}`,
    notes: [],
  },
  {
    title: "a tolerance of its own",
    kind: "hpa/v2",
    spec: `{${WEB}, maxReplicas: 6, metrics: [${CPU_60}], behavior: {scaleUp: {tolerance: 50m}}}`,
    policy: `{maxReplicas: 6, metrics: [${CPU_60}], behavior: {scaleUp: {tolerance: 50m}}}`,
    notes: [],
  },
  {
    title: "a StatefulSet",
    kind: "hpa/v2",
    spec: `{scaleTargetRef: {apiVersion: apps/v1, kind: StatefulSet, name: db}, minReplicas: 3, maxReplicas: 7, metrics: [${CPU_60}]}`,
    policy: `{minReplicas: 3, maxReplicas: 7, metrics: [${CPU_60}]}`,
    notes: [],
  },
  {
    title: "a custom kind with a scale subresource",
    kind: "hpa/v2",
    spec: `{scaleTargetRef: {apiVersion: argoproj.io/v1alpha1, kind: Rollout, name: web}, maxReplicas: 7, metrics: [${CPU_60}]}`,
    policy: `{maxReplicas: 7, metrics: [${CPU_60}]}`,
    notes: [],
  },
  {
    title: "an external metric beside cpu",
    kind: "hpa/v2",
    spec: `{${WEB}, maxReplicas: 20, metrics: [${CPU_60}, ${QUEUE}]}`,
    policy: `{maxReplicas: 20, metrics: [${CPU_60}]}`,
    notes: ["spec.metrics[1]"],
  },
  {
    title: "a pods metric before cpu",
    kind: "hpa/v2",
    spec: `{${WEB}, maxReplicas: 20, metrics: [${RATE}, ${CPU_60}]}`,
    policy: `{maxReplicas: 20, metrics: [${CPU_60}]}`,
    notes: ["spec.metrics[0]"],
  },
  {
    title: "an object metric beside memory",
    kind: "hpa/v2",
    spec: `{${WEB}, maxReplicas: 20, metrics: [${MEMORY_75}, ${ROUTE}]}`,
    policy: `{maxReplicas: 20, metrics: [${MEMORY_75}]}`,
    notes: ["spec.metrics[1]"],
  },
  {
    title: "nothing but an external metric: no policy, for it would follow cpu",
    kind: "hpa/v2",
    spec: `{${WEB}, maxReplicas: 20, metrics: [${QUEUE}]}`,
    policy: undefined,
    notes: ["spec.metrics[0]", "spec.metrics"],
  },
  {
    title: "a resource that no kubelet reports",
    kind: "hpa/v2",
    spec: `{${WEB}, maxReplicas: 20, metrics: [${CPU_60}, {type: Resource, resource: {name: ephemeral-storage, target: {type: Utilization, averageUtilization: 70}}}]}`,
    policy: `{maxReplicas: 20, metrics: [${CPU_60}]}`,
    notes: ["spec.metrics[1].resource"],
  },
  {
    title: "minReplicas 0",
    kind: "hpa/v2",
    spec: `{${WEB}, minReplicas: 0, maxReplicas: 20, metrics: [${CPU_60}, ${QUEUE}]}`,
    policy: `{minReplicas: 1, maxReplicas: 20, metrics: [${CPU_60}]}`,
    notes: ["spec.minReplicas", "spec.metrics[1]"],
  },
  {
    title: "more replicas than a policy may have",
    kind: "hpa/v2",
    spec: `{${WEB}, maxReplicas: 50000, metrics: [${CPU_60}]}`,
    policy: `{maxReplicas: 10000, metrics: [${CPU_60}]}`,
    notes: ["spec.maxReplicas"],
  },
  {
    title: "a target without apiVersion",
    kind: "hpa/v2",
    spec: `{scaleTargetRef: {kind: Deployment, name: web}, maxReplicas: 4, metrics: [${CPU_60}]}`,
    policy: `{maxReplicas: 4, metrics: [${CPU_60}]}`,
    notes: ["spec.scaleTargetRef.apiVersion"],
  },
  {
    title: "a target in a group that is gone",
    kind: "hpa/v2",
    spec: `{scaleTargetRef: {apiVersion: extensions/v1beta1, kind: Deployment, name: web}, maxReplicas: 4, metrics: [${CPU_60}]}`,
    policy: `{maxReplicas: 4, metrics: [${CPU_60}]}`,
    notes: ["spec.scaleTargetRef.apiVersion"],
  },
  {
    title: "a custom kind without its group",
    kind: "hpa/v2",
    spec: `{scaleTargetRef: {kind: Rollout, name: web}, maxReplicas: 4, metrics: [${CPU_60}]}`,
    policy: undefined,
    notes: ["spec.scaleTargetRef.apiVersion"],
  },
  {
    title: "no target",
    kind: "hpa/v2",
    spec: `{maxReplicas: 4, metrics: [${CPU_60}]}`,
    policy: undefined,
    notes: ["spec.scaleTargetRef"],
  },
  {
    title: "no maxReplicas",
    kind: "hpa/v2",
    spec: `{${WEB}, metrics: [${CPU_60}]}`,
    policy: undefined,
    notes: ["ScalePolicy spec.horizontal.maxReplicas"],
  },
  {
    title: "min above max",
    kind: "hpa/v2",
    spec: `{${WEB}, minReplicas: 9, maxReplicas: 3, metrics: [${CPU_60}]}`,
    policy: undefined,
    notes: ["ScalePolicy spec.horizontal.maxReplicas"],
  },
  {
    title: "a memory target of half a byte, as typed by mistake",
    kind: "hpa/v2",
    spec: `{${WEB}, maxReplicas: 3, metrics: [{type: Resource, resource: {name: memory, target: {type: AverageValue, averageValue: 512m}}}]}`,
    policy: undefined,
    notes: ["ScalePolicy spec.horizontal.metrics[0].resource.target"],
  },
  {
    title: "the same metric twice",
    kind: "hpa/v2",
    spec: `{${WEB}, maxReplicas: 3, metrics: [${CPU_60}, ${CPU_60}]}`,
    policy: undefined,
    notes: ["ScalePolicy spec.horizontal.metrics"],
  },
  {
    title: "labels and annotations of a chart",
    kind: "hpa/v2",
    metadata: "labels: {app.kubernetes.io/name: web}, annotations: {meta.helm.sh/release-name: web}",
    spec: `{${WEB}, maxReplicas: 3, metrics: [${CPU_60}]}`,
    policy: `{maxReplicas: 3, metrics: [${CPU_60}]}`,
    notes: [LABELS],
  },
  {
    title: "as the API server prints it",
    kind: "hpa/v2",
    metadata:
      "uid: 6f0b, resourceVersion: '12', generation: 3, creationTimestamp: '2026-01-01T00:00:00Z', managedFields: [{manager: kubectl}]",
    spec: `{${WEB}, maxReplicas: 3, metrics: [${CPU_60}]}`,
    policy: `{maxReplicas: 3, metrics: [${CPU_60}]}`,
    notes: [],
  },
  {
    title: "made by KEDA",
    kind: "hpa/v2",
    metadata: "ownerReferences: [{apiVersion: keda.sh/v1alpha1, kind: ScaledObject, name: web, uid: 7c}]",
    spec: `{${WEB}, maxReplicas: 3, metrics: [${CPU_60}]}`,
    policy: undefined,
    notes: ["metadata.ownerReferences"],
  },
  {
    title: "a field of a later version",
    kind: "hpa/v2",
    spec: `{${WEB}, maxReplicas: 3, metrics: [${CPU_60}], forecast: {horizon: 10m}}`,
    policy: `{maxReplicas: 3, metrics: [${CPU_60}]}`,
    notes: ["spec.forecast"],
  },
  {
    title: "v1 with its one percentage",
    kind: "hpa/v1",
    spec: `{${WEB}, minReplicas: 1, maxReplicas: 10, targetCPUUtilizationPercentage: 70}`,
    policy:
      "{minReplicas: 1, maxReplicas: 10, metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}]}",
    notes: [],
  },
  {
    title: "v1 without a percentage",
    kind: "hpa/v1",
    spec: `{${WEB}, maxReplicas: 10}`,
    policy: "{maxReplicas: 10}",
    notes: [],
  },
  {
    title: "v1 with what v2 knows in annotations",
    kind: "hpa/v1",
    metadata: `annotations: {autoscaling.alpha.kubernetes.io/metrics: '[{"type":"Resource","resource":{"name":"memory","targetAverageValue":"1Gi"}}]', autoscaling.alpha.kubernetes.io/behavior: '{"scaleDown":{"stabilizationWindowSeconds":90}}', autoscaling.alpha.kubernetes.io/conditions: '[]'}`,
    spec: `{${WEB}, maxReplicas: 10}`,
    policy:
      "{maxReplicas: 10, metrics: [{type: Resource, resource: {name: memory, target: {type: AverageValue, averageValue: 1Gi}}}], behavior: {scaleDown: {stabilizationWindowSeconds: 90}}}",
    notes: ["metrics[0].resource.targetAverageValue"],
  },
  {
    title: "v1 with an annotation that is no JSON",
    kind: "hpa/v1",
    metadata: "annotations: {autoscaling.alpha.kubernetes.io/metrics: broken}",
    spec: `{${WEB}, maxReplicas: 10, targetCPUUtilizationPercentage: 55}`,
    policy:
      "{maxReplicas: 10, metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 55}}}]}",
    notes: ["metadata"],
  },
  {
    title: "v2beta1's names for targets",
    kind: "hpa/v2beta1",
    spec: `{${WEB}, maxReplicas: 10, metrics: [{type: Resource, resource: {name: cpu, targetAverageUtilization: 65}}, {type: Pods, pods: {metricName: rps, targetAverageValue: 1k}}]}`,
    policy:
      "{maxReplicas: 10, metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 65}}}]}",
    notes: ["spec.metrics[0].resource.targetAverageUtilization", "spec.metrics[1]"],
  },
  {
    title: "v2beta2",
    kind: "hpa/v2beta2",
    spec: `{${WEB}, minReplicas: 2, maxReplicas: 10, metrics: [${CPU_60}]}`,
    policy: `{minReplicas: 2, maxReplicas: 10, metrics: [${CPU_60}]}`,
    notes: [],
  },
];

const CPU_TRIGGER = "{type: cpu, metricType: Utilization, metadata: {value: '60'}}";
const SCALED_OBJECTS: readonly Shape[] = [
  {
    title: "one cpu trigger",
    kind: "so",
    spec: `{scaleTargetRef: {name: web}, minReplicaCount: 2, maxReplicaCount: 10, triggers: [${CPU_TRIGGER}]}`,
    policy: `{minReplicas: 2, maxReplicas: 10, metrics: [${CPU_60}]}`,
    notes: [],
  },
  {
    title: "KEDA's defaults: 0 to 100",
    kind: "so",
    spec: `{scaleTargetRef: {name: web}, triggers: [${CPU_TRIGGER}]}`,
    policy: `{minReplicas: 1, maxReplicas: 100, metrics: [${CPU_60}]}`,
    notes: ["spec.minReplicaCount"],
  },
  {
    title: "cpu and memory",
    kind: "so",
    spec: `{scaleTargetRef: {name: web}, minReplicaCount: 1, maxReplicaCount: 8, triggers: [${CPU_TRIGGER}, {type: memory, metricType: Utilization, metadata: {value: '75'}}]}`,
    policy: `{minReplicas: 1, maxReplicas: 8, metrics: [${CPU_60}, ${MEMORY_75}]}`,
    notes: [],
  },
  {
    title: "the older place of the metric's type",
    kind: "so",
    spec: "{scaleTargetRef: {name: web}, minReplicaCount: 1, maxReplicaCount: 8, triggers: [{type: memory, metadata: {type: AverageValue, value: 400Mi}}]}",
    policy:
      "{minReplicas: 1, maxReplicas: 8, metrics: [{type: Resource, resource: {name: memory, target: {type: AverageValue, averageValue: 400Mi}}}]}",
    notes: [],
  },
  {
    title: "one container's cpu",
    kind: "so",
    spec: "{scaleTargetRef: {name: web}, minReplicaCount: 1, maxReplicaCount: 8, triggers: [{type: cpu, metricType: Utilization, metadata: {value: '50', containerName: app}}]}",
    policy:
      "{minReplicas: 1, maxReplicas: 8, metrics: [{type: ContainerResource, containerResource: {name: cpu, container: app, target: {type: Utilization, averageUtilization: 50}}}]}",
    notes: [],
  },
  {
    title: "office hours beside cpu",
    kind: "so",
    spec: `{scaleTargetRef: {name: web}, minReplicaCount: 2, maxReplicaCount: 8, triggers: [${CPU_TRIGGER}, {type: cron, metadata: {timezone: Europe/Berlin, start: 0 8 * * *, end: 0 18 * * *, desiredReplicas: '6'}}]}`,
    policy: `{minReplicas: 2, maxReplicas: 8, metrics: [${CPU_60}]}`,
    notes: ["spec.triggers[1]"],
  },
  {
    title: "nothing but a schedule",
    kind: "so",
    spec: "{scaleTargetRef: {name: web}, triggers: [{type: cron, metadata: {timezone: UTC, start: 0 8 * * *, end: 0 9 * * *, desiredReplicas: '6'}}]}",
    policy: undefined,
    notes: ["spec.triggers[0]", "spec.triggers"],
  },
  {
    title: "a queue with credentials, beside cpu",
    kind: "so",
    spec: `{scaleTargetRef: {name: web}, minReplicaCount: 1, maxReplicaCount: 30, triggers: [${CPU_TRIGGER}, {type: rabbitmq, metadata: {queueName: jobs, mode: QueueLength, value: '20'}, authenticationRef: {name: rabbit}}]}`,
    policy: `{minReplicas: 1, maxReplicas: 30, metrics: [${CPU_60}]}`,
    notes: ["spec.triggers[1]"],
  },
  {
    title: "nothing but Prometheus",
    kind: "so",
    spec: "{scaleTargetRef: {name: web}, maxReplicaCount: 30, triggers: [{type: prometheus, metadata: {serverAddress: 'http://p', query: up, threshold: '5'}}]}",
    policy: undefined,
    notes: ["spec.triggers[0]", "spec.triggers"],
  },
  {
    title: "polling, cool-down and idling",
    kind: "so",
    spec: `{scaleTargetRef: {name: web}, pollingInterval: 15, cooldownPeriod: 120, initialCooldownPeriod: 10, idleReplicaCount: 0, minReplicaCount: 2, maxReplicaCount: 6, triggers: [${CPU_TRIGGER}]}`,
    policy: `{minReplicas: 2, maxReplicas: 6, metrics: [${CPU_60}]}`,
    notes: [
      "spec.pollingInterval",
      "spec.cooldownPeriod",
      "spec.initialCooldownPeriod",
      "spec.idleReplicaCount",
    ],
  },
  {
    title: "a fall-back",
    kind: "so",
    spec: `{scaleTargetRef: {name: web}, minReplicaCount: 2, maxReplicaCount: 6, fallback: {failureThreshold: 3, replicas: 6}, triggers: [${CPU_TRIGGER}]}`,
    policy: `{minReplicas: 2, maxReplicas: 6, metrics: [${CPU_60}]}`,
    notes: ["spec.fallback"],
  },
  {
    title: "the HPA's behavior, its name, and replicas given back",
    kind: "so",
    spec: `{scaleTargetRef: {name: web}, minReplicaCount: 2, maxReplicaCount: 6, advanced: {restoreToOriginalReplicaCount: true, horizontalPodAutoscalerConfig: {name: web-hpa, behavior: {scaleDown: {stabilizationWindowSeconds: 60}}}}, triggers: [${CPU_TRIGGER}]}`,
    policy: `{minReplicas: 2, maxReplicas: 6, metrics: [${CPU_60}], behavior: {scaleDown: {stabilizationWindowSeconds: 60}}}`,
    notes: [
      "spec.advanced.horizontalPodAutoscalerConfig.name",
      "spec.advanced.restoreToOriginalReplicaCount",
    ],
  },
  {
    title: "a formula over triggers",
    kind: "so",
    spec: `{scaleTargetRef: {name: web}, minReplicaCount: 2, maxReplicaCount: 6, advanced: {scalingModifiers: {formula: a + b, target: '5'}}, triggers: [${CPU_TRIGGER}]}`,
    policy: `{minReplicas: 2, maxReplicas: 6, metrics: [${CPU_60}]}`,
    notes: ["spec.advanced.scalingModifiers"],
  },
  {
    title: "a StatefulSet, and a container to read variables from",
    kind: "so",
    spec: `{scaleTargetRef: {apiVersion: apps/v1, kind: StatefulSet, name: db, envSourceContainerName: app}, minReplicaCount: 2, maxReplicaCount: 6, triggers: [${CPU_TRIGGER}]}`,
    policy: `{minReplicas: 2, maxReplicas: 6, metrics: [${CPU_60}]}`,
    notes: ["spec.scaleTargetRef.envSourceContainerName"],
  },
  {
    title: "paused, at a number of replicas",
    kind: "so",
    metadata: "annotations: {autoscaling.keda.sh/paused-replicas: '3'}",
    spec: `{scaleTargetRef: {name: web}, minReplicaCount: 2, maxReplicaCount: 6, triggers: [${CPU_TRIGGER}]}`,
    policy: `{minReplicas: 2, maxReplicas: 6, metrics: [${CPU_60}]}`,
    notes: ["metadata.annotations"],
  },
  {
    title: "a trigger with a value that is no number",
    kind: "so",
    spec: "{scaleTargetRef: {name: web}, maxReplicaCount: 6, triggers: [{type: cpu, metricType: Utilization, metadata: {value: '{{ .Values.cpu }}'}}]}",
    policy: undefined,
    notes: ["spec.triggers[0].metadata.value", "spec.triggers"],
  },
];

const VPAS: readonly Shape[] = [
  {
    title: "recommendations only",
    kind: "vpa/v1",
    spec: `{${TO_WEB}, updatePolicy: {updateMode: 'Off'}}`,
    policy: "{apply: {mode: 'Off'}}",
    notes: [],
  },
  {
    title: "the default mode, which evicts",
    kind: "vpa/v1",
    spec: `{${TO_WEB}}`,
    policy: "{apply: {mode: 'Off'}}",
    notes: ["spec.updatePolicy.updateMode"],
  },
  {
    title: "bounds for every container, and one left alone",
    kind: "vpa/v1",
    spec: `{${TO_WEB}, updatePolicy: {updateMode: 'Off'}, resourcePolicy: {containerPolicies: [{containerName: '*', minAllowed: {cpu: 50m, memory: 64Mi}, maxAllowed: {cpu: 2, memory: 4Gi}, controlledResources: [cpu, memory], controlledValues: RequestsOnly}, {containerName: proxy, mode: 'Off'}]}}`,
    policy:
      "{apply: {mode: 'Off'}, resourcePolicy: {containerPolicies: [{containerName: '*', minAllowed: {cpu: 50m, memory: 64Mi}, maxAllowed: {cpu: 2, memory: 4Gi}, controlledResources: [cpu, memory], controlledValues: RequestsOnly}, {containerName: proxy, mode: 'Off'}]}}",
    notes: [],
  },
  {
    title: "rules of eviction, another recommender, a boost at start",
    kind: "vpa/v1",
    spec: `{${TO_WEB}, recommenders: [{name: slow}], startupBoost: {cpu: {type: Factor, factor: 2}}, updatePolicy: {updateMode: Recreate, minReplicas: 1, evictionRequirements: [{resources: [cpu], changeRequirement: TargetHigherThanRequests}]}}`,
    policy: "{apply: {mode: 'Off'}}",
    notes: [
      "spec.updatePolicy.updateMode",
      "spec.recommenders",
      "spec.startupBoost",
      "spec.updatePolicy.minReplicas",
      "spec.updatePolicy.evictionRequirements",
    ],
  },
  {
    title: "v1beta2",
    kind: "vpa/v1beta2",
    spec: `{${TO_WEB}, updatePolicy: {updateMode: Auto}}`,
    policy: "{apply: {mode: 'Off'}}",
    notes: ["spec.updatePolicy.updateMode"],
  },
  {
    title: "no target",
    kind: "vpa/v1",
    spec: "{updatePolicy: {updateMode: 'Off'}}",
    policy: undefined,
    notes: ["spec.targetRef"],
  },
];

export const SHAPES = [...HPAS, ...SCALED_OBJECTS, ...VPAS];
