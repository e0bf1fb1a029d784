/**
 * crds/: the CustomResourceDefinition as text, for `kubectl apply -f crds/`; what `plimsoll crd` prints.
 */
import { crdText as printed } from "../src/cli/crd.ts";

const HEAD = "# Written by `npm run generate` from src/policy/: change it there.\n";

export const crdText = (): string => HEAD + printed();
