/**
 * Everything that a recommendation may know. The same question gets the same proposal.
 */
import type { EpochMillis, RequestAmounts } from "../base/units.ts";
import type { ContainerRole } from "../cluster/pod.ts";
import type { VerticalSpec } from "../policy/vertical/spec.ts";
import type { HistorySnapshot } from "../usage/history/snapshot.ts";

/** The operator's defaults, named as the VPA recommender's flags. */
export type VerticalSettings = Readonly<{
  /** `--pod-recommendation-min-cpu-millicores`, `--pod-recommendation-min-memory-mb`. */
  podMinimum: Required<RequestAmounts>;
  /** `--container-recommendation-max-allowed-cpu`, `…-memory`. */
  maxAllowed: RequestAmounts;
  /** `--round-cpu-millicores`, `--round-memory-bytes`; 1 is off. */
  roundTo: Required<RequestAmounts>;
}>;

export type ContainerQuestion = Readonly<{
  name: string;
  role: ContainerRole;
  /** undefined: nothing was ever measured. */
  history: HistorySnapshot | undefined;
  /** Of the template, or of the pods where they differ (the base). */
  requests: RequestAmounts;
  limits: RequestAmounts;
}>;

export type VerticalQuestion = Readonly<{
  now: EpochMillis;
  spec: VerticalSpec;
  settings: VerticalSettings;
  containers: readonly ContainerQuestion[];
}>;
