/**
 * deploy/plimsoll.yaml: everything that an installation consists of, in the order in which it has to be applied.
 */
import { stringify } from "yaml";
import packageJson from "../package.json" with { type: "json" };
import { crdText } from "./crd.ts";
import { admissionObjects } from "./deploy-admission.ts";
import { namespaceObject, workloadObjects } from "./deploy-workload.ts";
import { rbacObjects } from "./rbac.ts";

const HEAD = `# Plimsoll, whole. Written by \`npm run generate\`: change generate/deploy*.ts and generate/rbac.ts instead.
# What each right is for: docs/rbac.md. The image is built from the Dockerfile of this repository.
`;

export function deployManifest(): string {
  const rest = [...rbacObjects(), ...admissionObjects(), ...workloadObjects(packageJson.version)];
  const documents = [documentOf(namespaceObject()), crdText(), ...rest.map(documentOf)];
  return HEAD + documents.map((text) => `---\n${text}`).join("");
}

/** Objects are written once where they are used, so that no anchors are needed. */
const documentOf = (object: object): string =>
  stringify(object, { aliasDuplicateObjects: false, lineWidth: 110 });
