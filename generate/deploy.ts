/**
 * deploy/plimsoll.yaml: everything that an installation consists of, in the order in which it has to be applied. The
 * chart and the kustomization are made of the same objects.
 *
 * Invariant: the first object owns the APIServices that the operator makes, so that `kubectl delete -f` removes what
 * leads to the operator before the operator.
 */
import { parse, stringify } from "yaml";
import packageJson from "../package.json" with { type: "json" };
import { crdText } from "./crd.ts";
import { admissionObjects } from "./deploy-admission.ts";
import { namespaceObject, workloadObjects } from "./deploy-workload.ts";
import { type KubernetesObject, ownerObject, rbacObjects } from "./rbac.ts";

const HEAD = `# Plimsoll, whole. Written by \`npm run generate\`: change generate/deploy*.ts and generate/rbac.ts instead.
# What each right is for: docs/rbac.md. The image is built from the Dockerfile of this repository.
`;

export const VERSION = packageJson.version;

export const crdObject = (): KubernetesObject => parse(crdText()) as KubernetesObject;

/** All of the manifest, in its order. */
export const deployObjects = (): KubernetesObject[] => [
  ownerObject(),
  namespaceObject(),
  crdObject(),
  ...rbacObjects(),
  ...admissionObjects(),
  ...workloadObjects(VERSION),
];

export function deployManifest(): string {
  const texts = deployObjects().map((object) =>
    object.kind === "CustomResourceDefinition" ? crdText() : documentOf(object),
  );
  return HEAD + texts.map((text) => `---\n${text}`).join("");
}

/** Objects are written once where they are used, so that no anchors are needed. */
export const documentOf = (object: object, lineWidth = 110): string =>
  stringify(object, { aliasDuplicateObjects: false, lineWidth });
