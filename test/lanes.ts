/**
 * The lanes of `npm test`: vitest projects, and what each needs from the machine. A lane that cannot run is skipped and
 * says why; with CI=true it has to run, unless the machine is of a kind on which it never could.
 */
import { missingForContainer } from "./container/lane.ts";
import { findControlPlane } from "./control-plane/build.ts";
import { isMandatory, missingForNode } from "./node/lane.ts";
import { missingForOracle } from "./oracle/lane.ts";

export type Lane = Readonly<{
  /** Also the name of its vitest project. */
  name: string;
  what: string;
  /** Fetches or builds what the lane needs; a sentence when that is impossible here. */
  prepare(): Promise<string | undefined>;
  /** Whether it has to run in CI on this machine; without, it always has to. */
  isMandatory?(): boolean;
}>;

export const LANES: readonly Lane[] = [
  {
    name: "unit",
    what: "pure functions, tables, properties, contracts",
    prepare: () => Promise.resolve(undefined),
  },
  {
    name: "trials",
    what: "the whole operator over the simulated world: storms, crash points, stale views, hostile peers",
    prepare: () => Promise.resolve(undefined),
  },
  { name: "cluster", what: "a real API server, scheduler and kwok nodes", prepare: missingForCluster },
  { name: "node", what: "a real kubelet with real containers", prepare: missingForNode, isMandatory },
  { name: "oracle", what: "random cases through upstream's Go code and ours", prepare: missingForOracle },
  {
    name: "container",
    what: "the image, built from the Dockerfile, run as it is shipped",
    prepare: missingForContainer,
  },
];

async function missingForCluster(): Promise<string | undefined> {
  const found = await findControlPlane();
  if (found.kind === "missing") return found.reason;
  // built here and not within a test's time; where a folder of binaries has none, the tests that need it say so
  await findControlPlane(["helm"]);
  await import("../build.ts"); // the operator runs from the bundle, as users run it
  return undefined;
}
