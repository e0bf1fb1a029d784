/**
 * The values of the chart: one table, from which values.yaml, its schema and the table of its README are written.
 *
 * Invariant: a default is what the manifest says, so that a chart with no values installs the manifest.
 */
import { TARGET_KINDS } from "../deploy-admission.ts";
import { deployObjects } from "../deploy.ts";

export type Schema = Readonly<Record<string, unknown>>;
export type Value = Readonly<{
  /** With dots, such as `image.tag`. */
  path: string;
  fallback: unknown;
  schema: Schema;
  meaning: string;
}>;

type PodSpec = Readonly<{
  nodeSelector: object;
  topologySpreadConstraints: readonly object[];
  priorityClassName: string;
  containers: readonly [Readonly<{ resources: object; args: readonly string[]; imagePullPolicy: string }>];
}>;
type Deployment = Readonly<{ spec: { replicas: number; template: { spec: PodSpec } } }>;

/** Of the manifest. */
const { replicas, template } = (
  deployObjects().find(({ kind }) => kind === "Deployment") as object as Deployment
).spec;
const [container] = template.spec.containers;
const shipped = (flag: string): string =>
  container.args.find((arg) => arg.startsWith(`--${flag}=`))?.split("=")[1] ?? "";

const text: Schema = { type: "string" };
const name: Schema = { type: "string", pattern: "^([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$" };
const flag: Schema = { type: "boolean" };
const port: Schema = { type: "integer", minimum: 1, maximum: 65_535 };
const mapping: Schema = { type: "object" };
const labels: Schema = { type: "object", additionalProperties: text };
const listOf = (items: Schema): Schema => ({ type: "array", items });

export const VALUES: readonly Value[] = [
  {
    path: "image.repository",
    fallback: "plimsoll",
    schema: { ...text, minLength: 1 },
    meaning: "Where the image is.",
  },
  { path: "image.tag", fallback: "", schema: text, meaning: "Its tag; the chart's `appVersion` without." },
  {
    path: "image.digest",
    fallback: "",
    schema: { type: "string", pattern: "^(sha256:[0-9a-f]{64})?$" },
    meaning: "Its digest, such as `sha256:…`; goes before the tag.",
  },
  {
    path: "image.pullPolicy",
    fallback: container.imagePullPolicy,
    schema: { enum: ["Always", "IfNotPresent", "Never"] },
    meaning: "When it is pulled.",
  },
  { path: "imagePullSecrets", fallback: [], schema: listOf(mapping), meaning: "As in a Pod: `[{name: …}]`." },
  {
    path: "replicas",
    fallback: replicas,
    schema: { type: "integer", minimum: 0 },
    meaning:
      "One decides, all serve the metrics API. `values-ha.yaml` has what else high availability asks for.",
  },
  {
    path: "metricResolution",
    fallback: shipped("metric-resolution"),
    schema: { type: "string", pattern: "^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$" },
    meaning: "`--metric-resolution`: how often each kubelet is asked, and the pace of decisions.",
  },
  {
    path: "metricsApi.mode",
    fallback: shipped("metrics-api"),
    schema: { enum: ["Auto", "Always", "Off"] },
    meaning:
      "`--metrics-api`: Auto serves it where nobody else does, Always takes it over, Off gives it back.",
  },
  {
    path: "metricsApi.mayAnnounce",
    fallback: true,
    schema: flag,
    meaning:
      "false, with mode Off, leaves out every right about APIServices; what was taken over must have been given back before.",
  },
  {
    path: "kubelet.insecureTLS",
    fallback: false,
    schema: flag,
    meaning:
      "`--kubelet-insecure-tls`: kubelets' certificates are not verified. For tests; docs/platforms.md says how not to need it.",
  },
  {
    path: "kubelet.caConfigMap",
    fallback: "",
    schema: name,
    meaning:
      "ConfigMap, in the release's namespace, whose `ca.crt` vouches for kubelets; the cluster's own CA without.",
  },
  {
    path: "kubelet.addressTypes",
    fallback: [],
    schema: listOf({ enum: ["InternalIP", "ExternalIP", "Hostname", "InternalDNS", "ExternalDNS"] }),
    meaning: "`--kubelet-preferred-address-types`; its default when empty.",
  },
  {
    path: "scaling.namespaces",
    fallback: [],
    schema: listOf({ ...name, minLength: 1 }),
    meaning:
      "The only namespaces in which workloads may be scaled and resized, by RoleBindings there; every one when empty.",
  },
  {
    path: "scaling.kinds",
    fallback: TARGET_KINDS,
    schema: {
      type: "object",
      propertyNames: { pattern: "^[A-Z][A-Za-z0-9]*\\." },
      additionalProperties: { ...name, minLength: 1 },
    },
    meaning:
      "Kinds that may be scaled, as `Rollout.argoproj.io: rollouts`; what is added here is added to the operator's rights.",
  },
  {
    path: "extraArgs",
    fallback: [],
    schema: listOf(text),
    meaning: "More flags (docs/flags.md); the last of a name wins.",
  },
  {
    path: "healthPort",
    fallback: Number(shipped("health-port")),
    schema: port,
    meaning: "Port of the probes.",
  },
  {
    path: "securePort",
    fallback: Number(shipped("secure-port")),
    schema: port,
    meaning: "Port of the pod for the metrics API and `/metrics`, which kube-apiserver must reach.",
  },
  {
    path: "hostNetwork",
    fallback: false,
    schema: flag,
    meaning:
      "For clusters whose API server reaches nodes and no pods; needs another `securePort`, for the kubelet has 10250.",
  },
  {
    path: "resources",
    fallback: container.resources,
    schema: mapping,
    meaning: "The heap takes 60 % of the memory limit.",
  },
  {
    path: "priorityClassName",
    fallback: template.spec.priorityClassName,
    schema: name,
    meaning: "Priority of the pods.",
  },
  {
    path: "nodeSelector",
    fallback: template.spec.nodeSelector,
    schema: labels,
    meaning: "Nodes the pods may run on.",
  },
  { path: "tolerations", fallback: [], schema: listOf(mapping), meaning: "As in a Pod." },
  { path: "affinity", fallback: {}, schema: mapping, meaning: "As in a Pod." },
  {
    path: "topologySpreadConstraints",
    fallback: template.spec.topologySpreadConstraints,
    schema: listOf(mapping),
    meaning: "As in a Pod.",
  },
  {
    path: "updateStrategy",
    fallback: {},
    schema: mapping,
    meaning: "As `strategy` in a Deployment; its default when empty.",
  },
  { path: "podLabels", fallback: {}, schema: labels, meaning: "More labels of the pods." },
  { path: "podAnnotations", fallback: {}, schema: labels, meaning: "Annotations of the pods." },
  {
    path: "extraVolumes",
    fallback: [],
    schema: listOf(mapping),
    meaning: "More volumes, such as one with your own serving certificate.",
  },
  { path: "extraVolumeMounts", fallback: [], schema: listOf(mapping), meaning: "Where they are mounted." },
  {
    path: "podDisruptionBudget.maxUnavailable",
    fallback: 1,
    schema: { type: ["integer", "string"], pattern: "^[0-9]+%$", minimum: 0 },
    meaning: "Of the PodDisruptionBudget.",
  },
  {
    path: "crds.install",
    fallback: true,
    schema: flag,
    meaning: "The CRD is one of the release's objects: `helm upgrade` upgrades it.",
  },
  {
    path: "crds.keep",
    fallback: true,
    schema: flag,
    meaning: "`helm uninstall` leaves the CRD, and with it every ScalePolicy. false deletes them all.",
  },
  {
    path: "uninstallHook",
    fallback: true,
    schema: flag,
    meaning: "`helm uninstall` takes the APIServices away before anything else.",
  },
];
