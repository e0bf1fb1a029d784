/**
 * crds/: the CustomResourceDefinition as text, for `kubectl apply -f crds/`.
 */
import { stringify } from "yaml";
import { scalePolicyCrd } from "../src/policy/crd.ts";

const HEAD = "# Written by `npm run generate` from src/policy/: change it there.\n";

/** Objects are written out wherever they are used, so that no anchors are needed. */
export const crdText = (): string =>
  HEAD + stringify(scalePolicyCrd(), { aliasDuplicateObjects: false, lineWidth: 0 });
