/**
 * The caches of all kinds, tied into one view by who owns whom and who targets what.
 *
 * Invariant: whoever holds the view cannot write, and the only pens are the listeners, one a kind.
 */
import type { ObjectKey, Uid } from "../base/ids.ts";
import type { MonoMillis } from "../base/units.ts";
import { Cache, type Change } from "./cache.ts";
import type { Meta } from "./object.ts";
import type { Pod } from "./pod.ts";
import type { Kind, Kinds } from "./port.ts";
import { parseSelector } from "./selector.ts";
import type { ClusterView, Reader } from "./view.ts";
import type { WatchEvent } from "./watch-event.ts";
import { type ForeignAutoscaler, type PolicyObject, type ReplicaSet, targetKey } from "./workload.ts";

/** A change with its kind, which tells the type of the objects. */
export type ClusterChange = { [K in Kind]: Readonly<{ kind: K }> & Change<Kinds[K]> }[Kind];

/** What fills one kind: where a `ClusterSource` delivers to. */
export type Pen<K extends Kind> = Readonly<{
  apply(event: WatchEvent<Kinds[K]>): void;
  hear(at: MonoMillis): void;
}>;

export type Cluster = Readonly<{
  view: ClusterView;
  pen<K extends Kind>(kind: K): Pen<K>;
}>;

/** An empty cluster; `onChange` is told of every object that appears, changes or goes. */
export function createCluster(onChange: (change: ClusterChange) => void = () => undefined): Cluster {
  const pods = new Cache<Pod, "owner" | "namespace">(
    { owner: ({ meta }) => meta.owner?.uid, namespace: ({ meta }) => meta.namespace },
    (change) => onChange({ kind: "pods", ...change }),
  );
  const replicasets = new Cache<ReplicaSet, "owner">({ owner: ({ meta }) => meta.owner?.uid }, (change) =>
    onChange({ kind: "replicasets", ...change }),
  );
  const scalepolicies = new Cache<PolicyObject, "target">({ target: policyTarget }, (change) =>
    onChange({ kind: "scalepolicies", ...change }),
  );
  const horizontalpodautoscalers = new Cache<ForeignAutoscaler, "target">(
    { target: ({ meta, target }) => targetKey(meta.namespace, target) },
    (change) => onChange({ kind: "horizontalpodautoscalers", ...change }),
  );
  const caches: { readonly [K in Kind]: Source<K> } = {
    pods,
    replicasets,
    scalepolicies,
    horizontalpodautoscalers,
    nodes: new Cache({}, (change) => onChange({ kind: "nodes", ...change })),
    deployments: new Cache({}, (change) => onChange({ kind: "deployments", ...change })),
    statefulsets: new Cache({}, (change) => onChange({ kind: "statefulsets", ...change })),
  };

  return {
    pen(kind) {
      const cache = caches[kind];
      return { apply: (event) => cache.apply(event), hear: (at) => cache.hear(at) };
    },
    view: {
      of: readersOf(caches),
      podsOwnedBy(owner) {
        const owned = [...pods.find("owner", owner)];
        for (const { meta } of replicasets.find("owner", owner)) owned.push(...pods.find("owner", meta.uid));
        return owned;
      },
      replicaSetsOwnedBy: (owner) => [...replicasets.find("owner", owner)],
      podsSelectedBy: (namespace, selector) => selectPods(pods.find("namespace", namespace), selector),
      policiesTargeting: (target) => scalepolicies.findInOrder("target", target, byAge),
      autoscalersTargeting: (target) => horizontalpodautoscalers.findInOrder("target", target, byAge),
    },
  };
}

/** A cache, whatever it is looked up by. */
type Source<K extends Kind> = Pen<K> & Readonly<{ reader: Reader<Kinds[K]> }>;

function readersOf(caches: { readonly [K in Kind]: Source<K> }): ClusterView["of"] {
  const entries = Object.entries(caches).map(([kind, { reader }]): [string, Reader<unknown>] => [
    kind,
    reader,
  ]);
  return Object.fromEntries(entries) as ClusterView["of"];
}

/**
 * The empty selector, which elsewhere selects everything, selects nothing here: the HPA refuses a scale
 * without a selector, and a whole namespace is never what its owner meant.
 */
function selectPods(pods: Iterable<Pod>, text: string): readonly Pod[] {
  const selector = text.trim() === "" ? undefined : parseSelector(text);
  if (selector === undefined) return [];
  return [...pods].filter(({ labels }) => selector(labels));
}

/** Read before the policy is parsed, because a policy that does not parse still names what it wants. */
function policyTarget({ meta, spec }: PolicyObject): ObjectKey | undefined {
  const target = (spec as { targetRef?: Record<string, unknown> } | undefined | null)?.targetRef;
  const { apiVersion, kind, name } = target ?? {};
  if (typeof apiVersion !== "string" || typeof kind !== "string" || typeof name !== "string")
    return undefined;
  return targetKey(meta.namespace, { apiVersion, kind, name });
}

/** The oldest first. */
const byAge = ({ meta: a }: Readonly<{ meta: Meta }>, { meta: b }: Readonly<{ meta: Meta }>): number =>
  a.createdAt - b.createdAt || compareText(a.uid, b.uid);

const compareText = (a: Uid, b: Uid): number => (a < b ? -1 : a > b ? 1 : 0);
