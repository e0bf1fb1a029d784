/**
 * `plimsoll crd`: the CustomResourceDefinition as YAML, ready for `kubectl apply -f -`.
 */
import { stringify } from "yaml";
import { scalePolicyCrd } from "../policy/crd.ts";

export function crdText(): string {
  return stringify(scalePolicyCrd(), { lineWidth: 110, aliasDuplicateObjects: false });
}
