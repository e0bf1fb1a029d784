/**
 * The three ways to install say the same: the chart and the kustomization, rendered by helm and kubectl, are the manifest's
 * objects. Nothing is installed here.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { deployObjects } from "../../generate/deploy.ts";
import { NAMESPACE, WRITING_ROLES } from "../../generate/rbac.ts";
import { findControlPlane } from "../control-plane/build.ts";
import { CHART, findHelm, type Helm, RELEASE } from "./helm.ts";

type Metadata = {
  name: string;
  namespace?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
};
type Rule = Readonly<{ apiGroups?: string[] }>;
type Rendered = { kind: string; metadata: Metadata; spec?: unknown; rules?: Rule[] };
type Objects = Readonly<Record<string, Rendered>>;

let helm: Helm;
let kubectl: string;
beforeAll(async () => {
  helm = await findHelm();
  const found = await findControlPlane(["kubectl"]);
  if (found.kind === "missing") throw new Error(found.reason);
  kubectl = found.binaries.kubectl;
});

const documentsOf = (text: string): Rendered[] =>
  parseAllDocuments(text)
    .map((document) => document.toJS() as Rendered | null)
    .filter((object) => object !== null);

/** By kind, namespace and name: each is there once. */
function byName(objects: readonly Rendered[]): Objects {
  const entries = objects.map(
    (object) => [[object.kind, object.metadata.namespace, object.metadata.name].join(" "), object] as const,
  );
  expect(new Set(entries.map(([name]) => name)).size, "no object is there twice").toBe(entries.length);
  return Object.fromEntries(entries);
}

const isHook = ({ metadata }: Rendered): boolean => metadata.annotations?.["helm.sh/hook"] !== undefined;
const rendered = async (...args: string[]): Promise<Rendered[]> =>
  documentsOf(await helm("template", RELEASE, CHART, "-n", NAMESPACE, ...args));
/** What a release consists of, without what Helm alone wants. */
const chart = async (...args: string[]): Promise<Objects> =>
  byName((await rendered(...args)).filter((object) => !isHook(object)).map(withoutHelm));

const HELMS_LABELS = [
  "helm.sh/chart",
  "app.kubernetes.io/instance",
  "app.kubernetes.io/version",
  "app.kubernetes.io/managed-by",
];

function withoutHelm({
  metadata: { annotations = {}, labels = {}, ...metadata },
  ...rest
}: Rendered): Rendered {
  for (const label of HELMS_LABELS) expect(labels, `${rest.kind} ${metadata.name}`).toHaveProperty([label]);
  const others = Object.entries(labels).filter(([label]) => !HELMS_LABELS.includes(label));
  const { "helm.sh/resource-policy": _, ...left } = annotations;
  return {
    ...rest,
    metadata: {
      ...metadata,
      ...(others.length > 0 && { labels: Object.fromEntries(others) }),
      ...(Object.keys(left).length > 0 && { annotations: left }),
    },
  };
}

const manifest = (): Objects =>
  byName(documentsOf(readFileSync(new URL("../../deploy/plimsoll.yaml", import.meta.url), "utf8")));
const kustomized = (folder: string): Objects =>
  byName(
    documentsOf(
      execFileSync(
        kubectl,
        ["kustomize", new URL(`../../deploy/kustomize/${folder}`, import.meta.url).pathname],
        { encoding: "utf8", maxBuffer: 2 ** 26 },
      ),
    ),
  );
const withoutNamespace = (objects: Objects): Objects =>
  Object.fromEntries(Object.entries(objects).filter(([, { kind }]) => kind !== "Namespace"));

describe("the chart", () => {
  test("with no values is the manifest, object for object, but for the Namespace, which Helm makes", async () => {
    expect(await chart()).toEqual(withoutNamespace(manifest()));
    expect(Object.values(manifest()).filter(({ kind }) => kind === "Namespace")).toHaveLength(1);
  });

  test("is found good by helm lint", async () => {
    expect(await helm("lint", CHART, "--strict")).toContain("0 chart(s) failed");
  });

  test("follows the namespace of its release everywhere", async () => {
    const text = await helm("template", RELEASE, CHART, "-n", "elsewhere");
    expect(text.replaceAll(/#.*$/gm, "")).not.toContain(NAMESPACE);
    expect(text).toContain("system:serviceaccount:elsewhere:plimsoll");
    const numeric = documentsOf(await helm("template", RELEASE, CHART, "-n", "123"));
    expect(new Set(numeric.map(({ metadata }) => metadata.namespace))).toEqual(
      new Set([undefined, "123", "kube-system"]),
    );
  });

  test("removes the owner of the APIServices before anything else, with the rights that it has anyway", async () => {
    const all = await rendered();
    const [hook, ...others] = all.filter(isHook);
    const owner = all.find(
      (object) => !isHook(object) && object.kind === "ClusterRole" && object.metadata.name === "plimsoll",
    );
    expect(others).toEqual([]);
    expect([hook?.kind, hook?.metadata.name, hook?.rules]).toEqual(["ClusterRole", "plimsoll", owner?.rules]);
    expect((await rendered("--set", "uninstallHook=false")).filter(isHook)).toEqual([]);
  });

  test("keeps the CRD and its policies at the end, unless told otherwise", async () => {
    const crdOf = (objects: readonly Rendered[]) =>
      objects.find(({ kind }) => kind === "CustomResourceDefinition");
    expect(crdOf(await rendered())?.metadata.annotations).toEqual({ "helm.sh/resource-policy": "keep" });
    expect(crdOf(await rendered("--set", "crds.keep=false"))?.metadata.annotations ?? {}).toEqual({});
    expect(crdOf(await rendered("--set", "crds.install=false"))).toBeUndefined();
  });
});

/** What is at a path with dots; `pod` and `container` stand for theirs in a Deployment. */
function at(object: unknown, path: string): unknown {
  const keys = path
    .replace(/^container\b/, "pod.containers.0")
    .replace(/^pod\b/, "spec.template.spec")
    .split(".");
  return keys.reduce<unknown>((inside, key) => {
    if (Array.isArray(inside)) return inside.at(Number(key));
    return (inside as Record<string, unknown> | undefined)?.[key];
  }, object);
}

const DEPLOYMENT = `Deployment ${NAMESPACE} plimsoll`;

describe("a value", () => {
  test.each<[set: string, path: string, expected: unknown]>([
    ["image.repository=registry.example/p,image.tag=1.2.3", "container.image", "registry.example/p:1.2.3"],
    [`image.digest=sha256:${"a".repeat(64)}`, "container.image", `plimsoll@sha256:${"a".repeat(64)}`],
    ["image.pullPolicy=Always", "container.imagePullPolicy", "Always"],
    ["imagePullSecrets[0].name=key", "pod.imagePullSecrets", [{ name: "key" }]],
    ["replicas=1", "spec.replicas", 1],
    ["metricResolution=30s", "container.args.1", "--metric-resolution=30s"],
    ["metricsApi.mode=Always", "container.args.4", "--metrics-api=Always"],
    ["kubelet.insecureTLS=true", "container.args.-1", "--kubelet-insecure-tls"],
    [
      "kubelet.addressTypes={InternalDNS,InternalIP}",
      "container.args.-1",
      "--kubelet-preferred-address-types=InternalDNS,InternalIP",
    ],
    [
      "kubelet.caConfigMap=kubelets",
      "container.args.-1",
      "--kubelet-certificate-authority=/etc/plimsoll/kubelet-ca/ca.crt",
    ],
    [
      "kubelet.caConfigMap=kubelets",
      "pod.volumes.-1",
      { name: "kubelet-ca", configMap: { name: "kubelets" } },
    ],
    ["kubelet.caConfigMap=kubelets", "container.volumeMounts.-1.mountPath", "/etc/plimsoll/kubelet-ca"],
    ["extraArgs={--log-level=debug,--brake-writes=false}", "container.args.-2", "--log-level=debug"],
    ["extraArgs={--log-level=debug,--brake-writes=false}", "container.args.-1", "--brake-writes=false"],
    ["healthPort=9090", "container.args.2", "--health-port=9090"],
    ["healthPort=9090", "container.ports.0.containerPort", 9090],
    ["securePort=4443", "container.args.3", "--secure-port=4443"],
    ["securePort=4443", "container.ports.1.containerPort", 4443],
    ["hostNetwork=true,securePort=4443", "pod.hostNetwork", true],
    ["hostNetwork=true,securePort=4443", "pod.dnsPolicy", "ClusterFirstWithHostNet"],
    ["resources.limits.memory=512Mi", "container.resources.limits.memory", "512Mi"],
    ["priorityClassName=", "pod.priorityClassName", ""],
    ["nodeSelector.pool=system", "pod.nodeSelector", { "kubernetes.io/os": "linux", pool: "system" }],
    ["tolerations[0].operator=Exists", "pod.tolerations", [{ operator: "Exists" }]],
    ["affinity.podAntiAffinity.x=y", "pod.affinity", { podAntiAffinity: { x: "y" } }],
    ["topologySpreadConstraints[0].maxSkew=2", "pod.topologySpreadConstraints", [{ maxSkew: 2 }]],
    ["updateStrategy.type=Recreate", "spec.strategy", { type: "Recreate" }],
    [
      "podLabels.team=a",
      "spec.template.metadata.labels",
      { "app.kubernetes.io/name": "plimsoll", team: "a" },
    ],
    ["podAnnotations.note=b", "spec.template.metadata.annotations", { note: "b" }],
    ["extraVolumes[0].name=v", "pod.volumes.-1", { name: "v" }],
    ["extraVolumeMounts[0].name=v", "container.volumeMounts.-1", { name: "v" }],
  ])("%s is in the Deployment, as its %s", async (set, path, expected) => {
    expect(at((await chart("--set", set))[DEPLOYMENT], path)).toEqual(expected);
  });

  test("podDisruptionBudget.maxUnavailable may be a share", async () => {
    const objects = await chart("--set", "podDisruptionBudget.maxUnavailable=34%");
    expect(at(objects[`PodDisruptionBudget ${NAMESPACE} plimsoll`], "spec.maxUnavailable")).toBe("34%");
  });

  test("metricsApi.mode=Off changes the flag, and leaves the rights to give back", async () => {
    const { [DEPLOYMENT]: before, ...rights } = await chart();
    const { [DEPLOYMENT]: after, ...same } = await chart("--set", "metricsApi.mode=Off");
    expect(at(before, "container.args.4")).toBe("--metrics-api=Auto");
    expect(at(after, "container.args.4")).toBe("--metrics-api=Off");
    expect(same).toEqual(rights);
  });

  test("a priority class that is not the cluster's own needs no quota that speaks of it", async () => {
    const quota = `ResourceQuota ${NAMESPACE} plimsoll-critical-pods`;
    const nodes = (await chart("--set", "priorityClassName=system-node-critical"))[quota];
    expect(at(nodes, "spec.scopeSelector.matchExpressions.0.values")).toEqual(["system-node-critical"]);
    expect(Object.keys(await chart("--set", "priorityClassName=mine"))).not.toContain(quota);
  });

  test("scaling.namespaces takes the right to scale from the cluster, and gives it in each namespace named", async () => {
    const objects = await chart("--set", "scaling.namespaces={shop,pay}");
    for (const name of WRITING_ROLES) {
      expect(Object.keys(objects)).not.toContain(`ClusterRoleBinding  ${name}`);
      for (const namespace of ["shop", "pay"])
        expect(objects[`RoleBinding ${namespace} ${name}`]).toMatchObject({
          roleRef: { kind: "ClusterRole", name },
          subjects: [{ kind: "ServiceAccount", name: "plimsoll", namespace: NAMESPACE }],
        });
    }
  });

  test("scaling.kinds adds a kind to what policies may name and to what may be scaled", async () => {
    const before = await chart();
    const after = await chart("--set-json", 'scaling.kinds={"Rollout.argoproj.io":"rollouts"}');
    const policy = "ValidatingAdmissionPolicy  plimsoll-author";
    const kinds = (objects: Objects): object =>
      JSON.parse(String(at(objects[policy], "spec.variables.0.expression"))) as object;
    expect(kinds(after)).toEqual({ ...kinds(before), "Rollout.argoproj.io": "rollouts" });
    const rights = (objects: Objects) => objects["ClusterRole  plimsoll-scale"]?.rules ?? [];
    expect(rights(after)).toEqual([
      ...rights(before),
      { apiGroups: ["argoproj.io"], resources: ["rollouts/scale"], verbs: ["get", "update"] },
    ]);
  });

  test.each([
    ["metricsAPI.mode=Off", /metricsAPI/],
    ["image.tga=1", /tga/],
    ["metricsApi.mayAnnounce=false", /goes with metricsApi.mode: Off/],
    ["metricsApi.mode=off", /metricsApi/],
    ["replicas=-1", /replicas/],
    ["replicas=many", /replicas/],
    ["metricResolution=15", /metricResolution/],
    ["image.digest=latest", /digest/],
    ["kubelet.insecureTLS=yes", /insecureTLS/],
    ["hostNetwork=true", /port 10250 of a node is its kubelet's/],
    ["kubelet.insecureTLS=true,kubelet.caConfigMap=ca", /choose one/],
    ["securePort=8080", /healthPort and securePort must differ/],
  ])("%s is refused, and named", async (set, message) => {
    await expect(helm("template", RELEASE, CHART, "--set", set)).rejects.toThrow(message);
  });
});

describe("the kustomization", () => {
  test("has the manifest as its base", () => {
    expect(kustomized("base")).toEqual(manifest());
  });

  test.each<[overlay: string, values: string[]]>([
    ["ha", ["-f", `${CHART}/values-ha.yaml`]],
    ["metrics-api-off", ["--set", "metricsApi.mode=Off,metricsApi.mayAnnounce=false"]],
  ])("in its overlay %s is what the chart is with %j", async (overlay, values) => {
    const objects = withoutNamespace(kustomized(`overlays/${overlay}`));
    expect(objects).toEqual(await chart(...values));
    expect(objects).not.toEqual(withoutNamespace(manifest()));
  });

  test("in its overlay namespaced lacks nothing but the right to scale everywhere", () => {
    const bindings = WRITING_ROLES.map((role) => `ClusterRoleBinding  ${role}`);
    const rest = Object.entries(manifest()).filter(([name]) => !bindings.includes(name));
    expect(kustomized("overlays/namespaced")).toEqual(Object.fromEntries(rest));
    expect(Object.keys(manifest())).toHaveLength(rest.length + bindings.length);
  });

  test("in its overlay metrics-api-off leaves no right about APIServices", () => {
    const rules = Object.values(kustomized("overlays/metrics-api-off")).flatMap(
      (object) => object.rules ?? [],
    );
    const groups = rules.flatMap(({ apiGroups = [] }) => apiGroups);
    expect(groups).toContain("plimsoll.dev");
    expect(groups).not.toContain("apiregistration.k8s.io");
    expect(groups).not.toContain("metrics.k8s.io");
  });
});

test("the values of the chart's README and those that it has are the same", () => {
  const values = parse(readFileSync(`${CHART}/values.yaml`, "utf8")) as Record<string, unknown>;
  const { properties } = JSON.parse(readFileSync(`${CHART}/values.schema.json`, "utf8")) as {
    properties: object;
  };
  expect([...Object.keys(values), "global"]).toEqual(Object.keys(properties));
});

test("what owns the APIServices is the first of the manifest's objects, and goes first with them", () => {
  const [first] = deployObjects();
  expect([first?.kind, first?.metadata.name]).toEqual(["ClusterRole", "plimsoll"]);
});
