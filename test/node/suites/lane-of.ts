/**
 * What the suites of the node lane share: the node, and Plimsoll on it.
 */
import type { Installed } from "../installed.ts";
import type { RealNode } from "../start.ts";

export type Lane = Readonly<{ node: RealNode; installed: Installed }>;
