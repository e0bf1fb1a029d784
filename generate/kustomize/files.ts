/**
 * deploy/kustomize: the manifest as a base, and overlays that change it. Each overlay is what the chart installs with the
 * values that stand beside it here; test/cluster/install-rendered.test.ts compares the two.
 */
import { stringify } from "yaml";
import { assert } from "../../src/base/assert.ts";
import { ANNOUNCEMENT } from "../deploy-admission.ts";
import { deployManifest, deployObjects } from "../deploy.ts";
import type { GeneratedFile } from "../generated-file.ts";
import { HIGHLY_AVAILABLE } from "../ha.ts";
import { isAnnouncing, type KubernetesObject, NAME, WRITING_ROLES } from "../rbac.ts";

const HEAD = "# Written by `npm run generate` from generate/kustomize/: change it there.\n";
const FOLDER = "deploy/kustomize";

type Patch = Readonly<{ target?: object; patch: string }>;
type Overlay = Readonly<{ name: string; what: string; patches: readonly Patch[] }>;

const kustomization = (parts: object): string =>
  stringify(
    { apiVersion: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization", ...parts },
    { aliasDuplicateObjects: false, lineWidth: 0 },
  );

function overlays(): readonly Overlay[] {
  return [
    {
      name: "ha",
      what: "Three replicas on three nodes, over zones; an update never takes one away before the next is there.",
      patches: [jsonPatch("Deployment", NAME, highlyAvailable())],
    },
    {
      name: "namespaced",
      what: "No right to scale or resize anywhere, until RoleBindings in a namespace give it there (docs/install.md).",
      patches: WRITING_ROLES.map((name) => removal(identity("ClusterRoleBinding", name))),
    },
    {
      name: "metrics-api-off",
      what: "Announces no metrics API, and has no right to.",
      patches: [
        flagChange("--metrics-api=Off"),
        ...["ClusterRole", "Role"].map((kind) => rulesChange(find(kind))),
        rulesChange(find("ClusterRole", `${NAME}-view`)),
        removal(identity("ValidatingAdmissionPolicy", ANNOUNCEMENT)),
        removal(identity("ValidatingAdmissionPolicyBinding", ANNOUNCEMENT)),
      ],
    },
  ];
}

/** Whole lists: a merge would keep the constraint that these replace. */
function highlyAvailable(): readonly object[] {
  const { replicas, updateStrategy, topologySpreadConstraints: value } = HIGHLY_AVAILABLE;
  return [
    { op: "replace", path: "/spec/replicas", value: replicas },
    { op: "add", path: "/spec/strategy", value: updateStrategy },
    { op: "replace", path: "/spec/template/spec/topologySpreadConstraints", value },
  ];
}

function find(kind: string, name = NAME): KubernetesObject {
  const found = deployObjects().find((object) => object.kind === kind && object.metadata.name === name);
  assert(found !== undefined, `the manifest has ${kind} ${name}`);
  return found;
}

function identity(kind: string, name = NAME): Pick<KubernetesObject, "apiVersion" | "kind" | "metadata"> {
  const { apiVersion, metadata } = find(kind, name);
  const { namespace } = metadata;
  return { apiVersion, kind, metadata: { name, ...(namespace !== undefined && { namespace }) } };
}

function removal(object: object): Patch {
  return { patch: stringify({ ...object, $patch: "delete" }) };
}

/** The value before is tested, so that the patch fails when it no longer fits. */
function flagChange(flag: string): Patch {
  const [name = ""] = flag.split("=");
  type Containers = { spec: { template: { spec: { containers: [{ args: string[] }] } } } };
  const { args } = (find("Deployment") as object as Containers).spec.template.spec.containers[0];
  const at = args.findIndex((arg) => arg.startsWith(`${name}=`));
  assert(at >= 0, `the manifest sets ${name}`);
  const path = `/spec/template/spec/containers/0/args/${at}`;
  return jsonPatch("Deployment", NAME, [
    { op: "test", path, value: args[at] },
    { op: "replace", path, value: flag },
  ]);
}

function rulesChange({ kind, metadata, rules }: KubernetesObject): Patch {
  assert(Array.isArray(rules), `${kind} ${metadata.name} has rules`);
  const value: unknown[] = rules.filter((rule) => !isAnnouncing(rule));
  return jsonPatch(kind, metadata.name, [{ op: "replace", path: "/rules", value }]);
}

function jsonPatch(kind: string, name: string, operations: readonly object[]): Patch {
  // a pattern, as kustomize reads names: whole, or plimsoll-scale would be one too
  const target = { kind, name: `^${name}$` };
  return { target, patch: stringify(operations, { aliasDuplicateObjects: false, lineWidth: 0 }) };
}

export const KUSTOMIZE_FILES: readonly GeneratedFile[] = [
  { path: `${FOLDER}/base/plimsoll.yaml`, render: deployManifest },
  {
    path: `${FOLDER}/base/kustomization.yaml`,
    render: () => `${HEAD}${kustomization({ resources: ["plimsoll.yaml"] })}`,
  },
  ...overlays().map(({ name, what, patches }) => ({
    path: `${FOLDER}/overlays/${name}/kustomization.yaml`,
    render: () => `${HEAD}# ${what}\n${kustomization({ resources: ["../../base"], patches })}`,
  })),
];
