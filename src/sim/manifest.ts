/**
 * Manifests as users write them, as far as the simulated API server knows their kinds.
 *
 * Invariant: what is stored is plain JSON; a spec that did not change keeps its generation.
 */
import { assert } from "../base/assert.ts";
import { objectKey } from "../base/ids.ts";
import type { ResourceName } from "../base/units.ts";
import type { ForeignAutoscaler, PolicyObject, TargetReference } from "../cluster/workload.ts";
import type { SimCluster } from "./model/cluster.ts";

/** The parts of a manifest that are looked at; anything else is kept where its kind has a place for it. */
export type Manifest = Readonly<{
  kind: string;
  metadata: Readonly<{
    name: string;
    namespace?: string;
    ownerReferences?: readonly Readonly<{ kind: string }>[];
  }>;
  spec: unknown;
}>;

/** Creates or replaces; throws for a kind that the simulated cluster does not have. */
export function applyManifest(cluster: SimCluster, manifest: Manifest): void {
  if (manifest.kind === "ScalePolicy") return applyPolicy(cluster, manifest);
  assert(manifest.kind === "HorizontalPodAutoscaler", `${manifest.kind} is a kind of the simulated cluster`);
  applyAutoscaler(cluster, manifest);
}

function applyPolicy({ registry, time }: SimCluster, { metadata, spec }: Manifest): void {
  const { name, namespace = "default" } = metadata;
  const known: PolicyObject | undefined = registry.get("scalepolicies", objectKey(namespace, name));
  const plain: unknown = JSON.parse(JSON.stringify(spec ?? null));
  if (known === undefined) {
    const meta = registry.newMeta({ namespace, name, createdAt: time.wall() });
    registry.put("scalepolicies", { meta, spec: plain, status: undefined });
  } else if (JSON.stringify(known.spec) !== JSON.stringify(plain)) {
    const meta = { ...known.meta, generation: known.meta.generation + 1 };
    registry.put("scalepolicies", { ...known, meta, spec: plain });
  }
}

type AutoscalerSpec = Readonly<{
  scaleTargetRef: TargetReference;
  metrics?: readonly Readonly<{ resource?: Readonly<{ name: ResourceName }> }>[];
}>;

function applyAutoscaler({ registry, time }: SimCluster, { metadata, spec }: Manifest): void {
  const { name, namespace = "default", ownerReferences = [] } = metadata;
  const { scaleTargetRef, metrics } = spec as AutoscalerSpec;
  const meta = registry.newMeta({ namespace, name, createdAt: time.wall() });
  const autoscaler: ForeignAutoscaler = {
    meta: registry.get("horizontalpodautoscalers", objectKey(namespace, name))?.meta ?? meta,
    target: scaleTargetRef,
    ownerKind: ownerReferences[0]?.kind,
    desiredReplicas: undefined,
    followsUtilizationOf: metrics?.flatMap(({ resource }) => resource?.name ?? []) ?? ["cpu"],
  };
  registry.put("horizontalpodautoscalers", autoscaler);
}
