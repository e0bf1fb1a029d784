/**
 * What is simulated: one policy over one workload under one load.
 */
import type { Amounts, Millis } from "../../base/units.ts";
import { targetKey } from "../../cluster/workload.ts";
import { Fields, isRecord } from "../../import/fields.ts";
import type { WorkloadManifest } from "../../lint/manifest.ts";
import { parsePolicy } from "../../policy/parse.ts";
import type { HorizontalSpec } from "../../policy/policy.ts";
import type { Shape } from "../../sim/kubelet/load.ts";
import type { Manifest } from "../../sim/manifest.ts";
import { type ContainerBlueprint, workload, type WorkloadBlueprint } from "../../sim/model/blueprint.ts";

/** A policy that can be simulated. */
export type PolicyStory = Readonly<{
  manifest: Manifest;
  namespace: string;
  name: string;
  blueprint: WorkloadBlueprint;
  horizontal: HorizontalSpec;
  /** Cores that a pod requests, and may use. */
  request: number;
  limit: number | undefined;
  /** Where requests and limits come from, in words. */
  sizedBy: string;
}>;

export type StoryOutcome =
  Readonly<{ kind: "story"; story: PolicyStory }> | Readonly<{ kind: "invalid"; message: string }>;

/** What the command line says about the workload; a manifest of it says more. */
export type PodFlags = Readonly<{
  requests: Amounts;
  limits: Amounts;
  replicas: number | undefined;
  startup: Millis;
}>;

export const isPolicy = (object: unknown): boolean =>
  isRecord(object) &&
  object["kind"] === "ScalePolicy" &&
  String(object["apiVersion"]).startsWith("plimsoll.dev/");

export function storyOf(
  object: Readonly<Record<string, unknown>>,
  around: Readonly<{ workloads: readonly WorkloadManifest[]; pods: PodFlags; load: Shape }>,
): StoryOutcome {
  const metadata = new Fields("metadata", object["metadata"]);
  const name = metadata.text("name") ?? "policy";
  const written = metadata.text("namespace");
  const namespace = written ?? "default";
  const parsed = parsePolicy(object["spec"]);
  if (parsed.kind === "unknown-field")
    return invalid(`ScalePolicy ${name} has fields that are not known: ${parsed.fields.join(", ")}`);
  if (parsed.kind === "invalid")
    return invalid(
      `ScalePolicy ${name}: ${parsed.problems.map(({ field, message }) => `${field} ${message}`).join("; ")}`,
    );
  const { target, horizontal } = parsed.spec;
  if (horizontal === undefined)
    return invalid(`ScalePolicy ${name} has no horizontal block: there is nothing to simulate`);
  const sized = around.workloads.find(({ key }) => key === targetKey(written ?? "", target));
  const containers = sized === undefined ? [flagged(around.pods)] : blueprintsOf(sized);
  const blueprint = workload({
    namespace,
    name: target.name,
    target,
    containers,
    replicas: around.pods.replicas ?? sized?.replicas ?? horizontal.minReplicas,
    startup: around.pods.startup,
    cpu: around.load,
  });
  const spec = { ...(object["spec"] as object), mode: "Active" };
  const manifest: Manifest = { kind: "ScalePolicy", metadata: { name, namespace }, spec };
  return {
    kind: "story",
    story: {
      manifest,
      namespace,
      name,
      blueprint,
      horizontal,
      ...sizeOf(containers),
      sizedBy: source(sized),
    },
  };
}

const invalid = (message: string): StoryOutcome => ({ kind: "invalid", message });

const source = (written: WorkloadManifest | undefined): string =>
  written === undefined ? "by --cpu and --memory" : `by ${written.source.kind} ${written.source.name}`;

const flagged = ({ requests, limits }: PodFlags): ContainerBlueprint => ({
  name: "app",
  requests,
  limits,
  share: 1,
});

/** The load is shared out as the requests are; a container without one gets nothing. */
function blueprintsOf({ containers }: WorkloadManifest): readonly ContainerBlueprint[] {
  const total = containers.reduce((sum, { requests, limits }) => sum + (requests.cpu ?? limits.cpu ?? 0), 0);
  return containers.map(({ name, requests, limits }) => ({
    name,
    requests: { ...limits, ...requests },
    limits,
    share: total === 0 ? 1 / containers.length : (requests.cpu ?? limits.cpu ?? 0) / total,
  }));
}

/** Per pod, in cores; a limit only where every container has one. */
function sizeOf(
  containers: readonly ContainerBlueprint[],
): Readonly<{ request: number; limit: number | undefined }> {
  const request = containers.reduce((sum, { requests }) => sum + (requests.cpu ?? 0), 0) / 1000;
  const limited = containers.every(({ limits }) => limits.cpu !== undefined);
  const limit = containers.reduce((sum, { limits }) => sum + (limits.cpu ?? 0), 0) / 1000;
  return { request, limit: limited ? limit : undefined };
}
