/**
 * What writing requests needs of the world: a running pod's `resize` subresource, and a workload's pod
 * template.
 */
import type { Uid } from "../base/ids.ts";
import type { ReadOutcome, WriteOutcome } from "../base/outcome.ts";
import type { EpochMillis, Millis } from "../base/units.ts";
import type { TargetReference } from "../cluster/workload.ts";
import type { ContainerResources } from "../coordinate/requests/plan.ts";

/** As ScaleWish: of no use after `within`, broken off by `signal`. */
export type RequestWish = Readonly<{ within: Millis; signal: AbortSignal }>;

export type PodBasis = Readonly<{ namespace: string; name: string; uid: Uid; resourceVersion: string }>;

export interface ResizePort {
  /** PATCH of pods/resize, all containers at once; a pod of another version or uid is a conflict. */
  resizePod(basis: PodBasis, to: readonly ContainerResources[], wish: RequestWish): Promise<WriteOutcome>;
}

/** A workload's template, read live. */
export type TemplateBasis = Readonly<{
  uid: Uid;
  resourceVersion: string;
  /** In the order of the template, which a JSON patch needs. */
  containers: readonly TemplateContainer[];
  /** Of the template, not of the workload. */
  annotations: Readonly<Record<string, string>>;
  /** `Argo CD` or `Flux`, by the workload's labels, annotations and field managers. */
  gitOps: string | undefined;
  /** When we wrote the template last, by its field managers. */
  writtenAt: EpochMillis | undefined;
}>;

/** `written`: its `resources` as the API server has them, word for word, for the patch to test. */
export type TemplateContainer = ContainerResources & Readonly<{ written: unknown }>;

/** `mutated`: an admission plugin would store something else than was asked for (a dry run alone says so). */
export type TemplateOutcome = WriteOutcome | Readonly<{ kind: "mutated"; message: string }>;

export interface TemplatePort {
  readTemplate(
    namespace: string,
    target: TargetReference,
    signal?: AbortSignal,
  ): Promise<ReadOutcome<TemplateBasis>>;
  /**
   * JSON patch with `test` of resourceVersion, container names and old values; `dryRun` asks the API server
   * what it would store and writes nothing. A failed `test` (422) is a conflict.
   */
  writeTemplate(
    target: Readonly<{ namespace: string; reference: TargetReference; basis: TemplateBasis }>,
    to: Readonly<{ containers: readonly ContainerResources[]; annotation: string }>,
    wish: RequestWish & Readonly<{ dryRun: boolean }>,
  ): Promise<TemplateOutcome>;
}
