/**
 * One plan for the requests of a workload: what is wanted of each container, what each vertical rail did
 * to it, and the sentence that says so. Downstream of this, nothing decides.
 */
import type { RequestAmounts } from "../../base/units.ts";

/** The vertical rails in the order in which they run. */
export type RequestRailName =
  | "no-samples-no-answer"
  | "significance"
  | "memory-floor"
  | "headroom"
  | "oom-up-now"
  | "qos-and-ratio"
  | "fits"
  | "few-pods"
  | "windows-and-budget"
  | "template-rarely";

export type Resources = Readonly<{ requests: RequestAmounts; limits: RequestAmounts }>;
export type ContainerResources = Resources & Readonly<{ container: string }>;

/**
 * A rail that moved or held something, of a container or (undefined) of the whole plan; why, with numbers.
 * Before and after are absent where nothing moved: a rail may say why nothing was there to move.
 */
export type RequestRailMove = Readonly<{
  rail: RequestRailName;
  container: string | undefined;
  before?: Resources;
  after?: Resources;
  why: string;
}>;

export type RequestPlan = Readonly<{
  /** What every container should have; only those that would change. Empty: nothing is written. */
  changes: readonly ContainerResources[];
  moves: readonly RequestRailMove[];
  /** Condition `Applying`: True while something is to be written and may be; its reason otherwise. */
  applying: Readonly<{ status: "True" | "False"; reason: string; message: string }>;
  sentence: string;
}>;
