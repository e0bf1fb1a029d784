/**
 * What there is to serve: the nodes and running pods that the API server knows, each with what the store
 * has of it.
 *
 * Invariant: an object is here when the API server shows it, whether or not it was measured; so "unknown"
 * and "not measured yet" stay apart. Figures that no answer has renewed for five minutes are none.
 */
import type { Clock } from "../../base/clock.ts";
import { nodeName, objectKey } from "../../base/ids.ts";
import { elapsed, minutes, type MonoMillis } from "../../base/units.ts";
import type { Node } from "../../cluster/node.ts";
import type { Pod } from "../../cluster/pod.ts";
import type { ClusterView } from "../../cluster/view.ts";
import type { Selector } from "../../cluster/selector.ts";
import type { NodeUsageReader, PodStateReader, SampleReader } from "../../store/reader.ts";
import type { FieldSelector } from "../aggregated/field-selector.ts";
import type { Measured } from "./object.ts";

export type CatalogParts = Readonly<{
  view: Readonly<{ of: Pick<ClusterView["of"], "pods" | "nodes"> }>;
  samples: Pick<SampleReader, "pod"> & PodStateReader & NodeUsageReader;
  /** `--node-selector`: the others are not asked, so they are not listed either. */
  nodeSelector: Selector | undefined;
  clock: Pick<Clock, "mono">;
}>;

/** As long as the store remembers a pod that no answer names. */
const SERVED_FOR = minutes(5);

export type Selection = Readonly<{ namespace: string | undefined; labels: Selector; fields: FieldSelector }>;

/** What the API server shows: a pod that runs, or a node. */
export type Entry = Pick<Pod | Node, "meta" | "labels">;

export type Catalog = Readonly<{
  /** By name, within namespaces by name. */
  list(plural: string, selection: Selection): readonly Entry[];
  /** undefined when the API server shows no such object. */
  find(plural: string, which: Readonly<{ namespace: string; name: string }>): Entry | undefined;
  /** undefined while there is no rate of it. */
  measure(plural: string, entry: Entry): Measured | undefined;
  /** What is measured of it stays the same until this changes; undefined where nobody says so. */
  state(plural: string, entry: Entry): MonoMillis | undefined;
  /** Nothing has renewed it for too long. */
  isOver(measured: Measured): boolean;
}>;

/** All objects of one kind. */
type Shelf = Readonly<{
  all(): Iterable<Entry>;
  find(which: Parameters<Catalog["find"]>[1]): Entry | undefined;
  measure(entry: Entry): Measured | undefined;
  state(entry: Entry): MonoMillis | undefined;
}>;

export function createCatalog(parts: CatalogParts): Catalog {
  const shelves: Readonly<Record<string, Shelf>> = { pods: podShelf(parts), nodes: nodeShelf(parts) };
  const isOver = ({ arrivedAt }: Measured): boolean => elapsed(arrivedAt, parts.clock.mono()) > SERVED_FOR;
  return {
    list(plural, { namespace, labels, fields }) {
      const chosen: Entry[] = [];
      for (const entry of shelves[plural]?.all() ?? []) {
        if (namespace !== undefined && entry.meta.namespace !== namespace) continue;
        if (labels(entry.labels) && fields(entry.meta)) chosen.push(entry);
      }
      return chosen.toSorted(byName);
    },
    find: (plural, which) => shelves[plural]?.find(which),
    measure(plural, entry) {
      const measured = shelves[plural]?.measure(entry);
      return measured === undefined || isOver(measured) ? undefined : measured;
    },
    state: (plural, entry) => shelves[plural]?.state(entry),
    isOver,
  };
}

function podShelf({ view, samples }: CatalogParts): Shelf {
  return {
    *all() {
      for (const pod of view.of.pods.all()) if (pod.phase === "Running") yield pod;
    },
    find({ namespace, name }) {
      const pod = view.of.pods.get(objectKey(namespace, name));
      return pod?.phase === "Running" ? pod : undefined;
    },
    measure({ meta: { namespace, name, uid }, labels }) {
      const usage = samples.pod(uid);
      if (usage.kind === "absent") return undefined;
      const { at, window, arrivedAt, containers } = usage;
      return { namespace, name, labels, at, window, arrivedAt, usage: { kind: "pod", containers } };
    },
    state: ({ meta: { uid } }) => samples.podState(uid),
  };
}

function nodeShelf({ view, samples, nodeSelector }: CatalogParts): Shelf {
  return {
    *all() {
      for (const node of view.of.nodes.all()) if (nodeSelector?.(node.labels) ?? true) yield node;
    },
    find: ({ name }) => view.of.nodes.get(objectKey("", name)),
    measure({ meta: { name }, labels }) {
      const usage = samples.node(nodeName(name));
      if (usage.kind === "absent") return undefined;
      const { cpu, memory, at, window, arrivedAt } = usage;
      return { namespace: "", name, labels, at, window, arrivedAt, usage: { kind: "node", cpu, memory } };
    },
    state: () => undefined,
  };
}

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
const byName = ({ meta: one }: Entry, { meta: other }: Entry): number =>
  compare(one.namespace, other.namespace) || compare(one.name, other.name);
