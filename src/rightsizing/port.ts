/**
 * What a report needs of the world: the workloads, and what they used. The operator's own history arrives
 * with the workloads, as the recommendation that each policy shows.
 */
import type { ReadOutcome } from "../base/outcome.ts";
import type { EpochMillis, Millis } from "../base/units.ts";
import type { Place, UsageCollector } from "./evidence/collector.ts";
import type { Reading } from "./evidence/column.ts";
import type { KrrPod } from "./krr/strategy.ts";
import type { Survey } from "./subject.ts";

export type Scope = Readonly<{
  /** undefined: all that the caller may see. */
  namespace: string | undefined;
  /** Labels of the workload, as `kubectl -l` writes them; "" is every workload. */
  selector: string;
}>;

export interface SurveySource {
  /** Fails only where there is nothing to report on; what is lacking beside is a problem of the survey. */
  survey(scope: Scope, signal: AbortSignal): Promise<ReadOutcome<Survey>>;
}

/** Usage as it is now: `metrics.k8s.io`, whoever serves it. */
export interface UsageNow {
  look(namespace: string | undefined, signal: AbortSignal): Promise<ReadOutcome<readonly Usage[]>>;
}

export type Usage = Readonly<{ place: Place; reading: Reading }>;

/** Usage as it was: a Prometheus. */
export interface UsageHistory {
  /** Adds what it has of a namespace; answers how many samples. */
  load(
    question: Readonly<{ namespace: string; window: Window; signal: AbortSignal }>,
    collector: UsageCollector,
  ): Promise<ReadOutcome<number>>;
}

export type Window = Readonly<{ from: EpochMillis; to: EpochMillis; step: Millis }>;

/** Usage in KRR's own figures. */
export interface KrrFigures {
  figures(
    namespace: string,
    now: EpochMillis,
    signal: AbortSignal,
  ): Promise<ReadOutcome<readonly KrrFigure[]>>;
}

export type KrrFigure = Readonly<{ place: Place; pod: KrrPod }>;
