/**
 * The manifest's objects with the chart's values in them, as template files.
 *
 * Invariant: with the values' defaults they are the manifest's objects (test/cluster/install-rendered.test.ts).
 */
import { assert } from "../../src/base/assert.ts";
import { ANNOUNCEMENT, AUTHOR } from "../deploy-admission.ts";
import { deployObjects } from "../deploy.ts";
import { isAnnouncing, type KubernetesObject, NAME, SCALE, WRITING_ROLES } from "../rbac.ts";
import { blockOf, itemsIf, itemsOf, keysIf, linesIn, linesOf, templateOf, valueOf } from "./template.ts";

const ANNOUNCES = ".Values.metricsApi.mayAnnounce";
const PRIORITY_CLASS = ".Values.priorityClassName";
const EVERYWHERE = "not .Values.scaling.namespaces";

/** Template files of the chart by name; helpers and notes are written by hand. */
export function chartTemplates(): ReadonlyMap<string, string> {
  const objects = deployObjects();
  const ofKinds = (...kinds: string[]): string =>
    objects
      .filter(({ kind }) => kinds.includes(kind))
      .map((object) => `---\n${templated(object)}`)
      .join("");
  return new Map([
    ["crd.yaml", ofKinds("CustomResourceDefinition")],
    [
      "rbac.yaml",
      ofKinds("ServiceAccount", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding") + perNamespace(),
    ],
    ["admission.yaml", ofKinds("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding")],
    ["flow-schemas.yaml", ofKinds("FlowSchema")],
    ["deployment.yaml", ofKinds("Deployment", "PodDisruptionBudget", "ResourceQuota")],
    ["service.yaml", ofKinds("Service", "Secret")],
    ["uninstall.yaml", uninstallHook()],
  ]);
}

function templated(object: KubernetesObject): string {
  const filled = WITH_VALUES[object.kind]?.(object) ?? object;
  return templateOf(labelled(filled), ONLY_IF[`${object.kind} ${object.metadata.name}`]);
}

const KEPT = {
  annotations: keysIf(".Values.crds.keep", { "helm.sh/resource-policy": "keep" }),
};

/** Where the values go, by kind. */
const WITH_VALUES: Readonly<Record<string, (object: KubernetesObject) => KubernetesObject>> = {
  CustomResourceDefinition: (object) => changed(object, "metadata", KEPT),
  ClusterRole: roleWithValues,
  Role: roleWithValues,
  ValidatingAdmissionPolicy: policyWithValues,
  ResourceQuota: (object) =>
    changed(object, "spec.scopeSelector.matchExpressions.0.values", [valueOf(PRIORITY_CLASS)]),
  Deployment: deploymentWithValues,
  PodDisruptionBudget: (object) =>
    changed(object, "spec.maxUnavailable", valueOf(".Values.podDisruptionBudget.maxUnavailable")),
};

/** Without which value an object is not there. */
const ONLY_IF: Readonly<Record<string, string>> = {
  "CustomResourceDefinition scalepolicies.plimsoll.dev": ".Values.crds.install",
  ...Object.fromEntries(WRITING_ROLES.map((role) => [`ClusterRoleBinding ${role}`, EVERYWHERE])),
  [`ValidatingAdmissionPolicy ${ANNOUNCEMENT}`]: ANNOUNCES,
  [`ValidatingAdmissionPolicyBinding ${ANNOUNCEMENT}`]: ANNOUNCES,
  [`ResourceQuota ${NAME}-critical-pods`]: `hasPrefix "system-" ${PRIORITY_CLASS}`,
};

function find(kind: string, name: string): KubernetesObject {
  const found = deployObjects().find((object) => object.kind === kind && object.metadata.name === name);
  assert(found !== undefined, `the manifest has ${kind} ${name}`);
  return found;
}

/** What Helm wants every object to carry. */
function labelled<T extends KubernetesObject>(object: T): KubernetesObject {
  const { labels = {}, ...metadata } = object.metadata;
  const ours = linesIn(`include "${NAME}.labels" $`) as Record<string, string>;
  return { ...object, metadata: { ...metadata, labels: { ...labels, ...ours } } };
}

/** Rules that only an announced API needs, and the right to read what is not served here, go with the leave to announce. */
function roleWithValues(object: KubernetesObject): KubernetesObject {
  const { rules } = object;
  if (Array.isArray(rules) && object.metadata.name === SCALE)
    return { ...object, rules: [...(rules as unknown[]), linesOf(`include "${NAME}.addedKinds" $`)] };
  if (!Array.isArray(rules) || !rules.some(isAnnouncing)) return object;
  return {
    ...object,
    rules: rules.flatMap((rule: unknown) => (isAnnouncing(rule) ? itemsIf(ANNOUNCES, [rule]) : [rule])),
  };
}

/** In place of the bindings in the whole cluster: some in each namespace of the list. */
function perNamespace(): string {
  const inOne = WRITING_ROLES.map((name) => {
    const whole = find("ClusterRoleBinding", name);
    const metadata = { ...whole.metadata, namespace: valueOf("$namespace | quote") };
    return `---\n${templateOf(labelled({ ...whole, kind: "RoleBinding", metadata }))}`;
  });
  return `{{- range $namespace := .Values.scaling.namespaces }}\n${inOne.join("")}{{- end }}\n`;
}

/**
 * The owner of the APIServices, once more: before Helm makes what belongs to a hook it deletes what has that name, and after
 * a success it deletes it again. So the owner goes first, and Kubernetes removes what it owns. Same rules, for whoever
 * applies the output of `helm template`.
 */
function uninstallHook(): string {
  const owner = find("ClusterRole", NAME);
  const annotations = {
    "helm.sh/hook": "pre-delete",
    "helm.sh/hook-delete-policy": "before-hook-creation,hook-succeeded",
  };
  const hook = { ...owner, metadata: { ...owner.metadata, annotations } } as KubernetesObject;
  return templateOf(labelled(roleWithValues(hook)), ".Values.uninstallHook");
}

function policyWithValues(object: KubernetesObject): KubernetesObject {
  if (object.metadata.name !== AUTHOR) return object;
  return changed(object, "spec.variables.0.expression", valueOf("toJson .Values.scaling.kinds | squote"));
}

function deploymentWithValues(object: KubernetesObject): KubernetesObject {
  const pod = "spec.template.spec";
  const container = `${pod}.containers.0`;
  const values: readonly (readonly [path: string, change: unknown])[] = [
    ["spec.replicas", valueOf(".Values.replicas")],
    ["spec", keysIf(".Values.updateStrategy", { strategy: blockOf(".Values.updateStrategy") })],
    ["spec.template.metadata.labels", keysIf(".Values.podLabels", linesIn("toYaml .Values.podLabels"))],
    [
      "spec.template.metadata",
      keysIf(".Values.podAnnotations", { annotations: blockOf(".Values.podAnnotations") }),
    ],
    [`${pod}.priorityClassName`, valueOf(`${PRIORITY_CLASS} | quote`)],
    [`${pod}.nodeSelector`, blockOf(".Values.nodeSelector")],
    [`${pod}.topologySpreadConstraints`, blockOf(".Values.topologySpreadConstraints")],
    [pod, optionalOfPod()],
    [`${container}.image`, valueOf(`include "${NAME}.image" .`)],
    [`${container}.imagePullPolicy`, valueOf(".Values.image.pullPolicy")],
    [`${container}.resources`, blockOf(".Values.resources")],
    [`${container}.args`, argumentsWithValues],
    [`${container}.ports.0.containerPort`, valueOf(".Values.healthPort")],
    [`${container}.ports.1.containerPort`, valueOf(".Values.securePort")],
    [`${container}.volumeMounts`, withMounts],
    [`${pod}.volumes`, withVolumes],
  ];
  return values.reduce((changing, [path, change]) => changed(changing, path, change), object);
}

const optionalOfPod = (): Readonly<Record<string, unknown>> => ({
  ...keysIf(".Values.tolerations", { tolerations: blockOf(".Values.tolerations") }),
  ...keysIf(".Values.affinity", { affinity: blockOf(".Values.affinity") }),
  ...keysIf(".Values.imagePullSecrets", { imagePullSecrets: blockOf(".Values.imagePullSecrets") }),
  ...keysIf(".Values.hostNetwork", { hostNetwork: true, dnsPolicy: "ClusterFirstWithHostNet" }),
});

const KUBELET_CA = "/etc/plimsoll/kubelet-ca";

function argumentsWithValues(args: unknown): unknown {
  assert(Array.isArray(args), "the container has arguments");
  const values: Readonly<Record<string, string>> = {
    "--metric-resolution": ".Values.metricResolution",
    "--health-port": ".Values.healthPort",
    "--secure-port": ".Values.securePort",
    "--metrics-api": ".Values.metricsApi.mode",
  };
  const given = (args as readonly string[]).map((arg) => {
    const [name = ""] = arg.split("=");
    const value = values[name];
    return value === undefined ? arg : `${name}=${valueOf(value)}`;
  });
  return [
    ...given,
    ...itemsIf(".Values.kubelet.insecureTLS", ["--kubelet-insecure-tls"]),
    ...itemsIf(".Values.kubelet.caConfigMap", [`--kubelet-certificate-authority=${KUBELET_CA}/ca.crt`]),
    ...itemsIf(".Values.kubelet.addressTypes", [
      `--kubelet-preferred-address-types=${valueOf('join "," .Values.kubelet.addressTypes')}`,
    ]),
    itemsOf(".Values.extraArgs"),
  ];
}

const withMounts = (mounts: unknown): unknown => [
  ...(mounts as readonly object[]),
  ...itemsIf(".Values.kubelet.caConfigMap", [{ name: "kubelet-ca", mountPath: KUBELET_CA, readOnly: true }]),
  itemsOf(".Values.extraVolumeMounts"),
];

const withVolumes = (volumes: unknown): unknown => [
  ...(volumes as readonly object[]),
  ...itemsIf(".Values.kubelet.caConfigMap", [
    { name: "kubelet-ca", configMap: { name: valueOf(".Values.kubelet.caConfigMap") } },
  ]),
  itemsOf(".Values.extraVolumes"),
];

/**
 * A copy with what is at a path changed: a mapping takes in the keys of a change that is one, a function makes the new value
 * of the old, anything else replaces it. The path has to be there: the manifest may not move away beneath the chart.
 */
function changed<T extends object>(object: T, path: string, change: unknown): T {
  const [key = "", ...rest] = path.split(".");
  const old = (object as Record<string, unknown>)[key];
  assert(old !== undefined, `there is ${path} to change`);
  const value = rest.length > 0 ? changed(old as object, rest.join("."), change) : valueAfter(old, change);
  return (Array.isArray(object) ? object.with(Number(key), value) : { ...object, [key]: value }) as T;
}

function valueAfter(old: unknown, change: unknown): unknown {
  if (typeof change === "function") return (change as (old: unknown) => unknown)(old);
  return typeof change === "object" && !Array.isArray(change) ? { ...(old as object), ...change } : change;
}
