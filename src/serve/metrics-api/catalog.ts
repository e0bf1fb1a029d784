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
import type { Labels } from "../../cluster/object.ts";
import type { Pod } from "../../cluster/pod.ts";
import type { ClusterView } from "../../cluster/view.ts";
import type { Selector } from "../../cluster/selector.ts";
import type { NodeUsageReader, SampleReader } from "../../store/reader.ts";
import type { FieldSelector } from "../aggregated/field-selector.ts";
import type { Measured } from "./object.ts";

export type CatalogParts = Readonly<{
  view: Readonly<{ of: Pick<ClusterView["of"], "pods" | "nodes"> }>;
  samples: Pick<SampleReader, "pod"> & NodeUsageReader;
  /** `--node-selector`: the others are not asked, so they are not listed either. */
  nodeSelector: Selector | undefined;
  clock: Pick<Clock, "mono">;
}>;

/** As long as the store remembers a pod that no answer names. */
const SERVED_FOR = minutes(5);

export type Selection = Readonly<{ namespace: string | undefined; labels: Selector; fields: FieldSelector }>;

/** Something that can be measured; `measure` is undefined while there is no rate of it. */
export type Entry = Readonly<{
  namespace: string;
  name: string;
  labels: Labels;
  measure(): Measured | undefined;
}>;

export type Catalog = Readonly<{
  /** By name, within namespaces by name. */
  list(plural: string, selection: Selection): readonly Entry[];
  /** undefined when the API server shows no such object. */
  find(plural: string, which: Readonly<{ namespace: string; name: string }>): Entry | undefined;
}>;

/** All objects of one kind. */
type Shelf = Readonly<{
  all(): Iterable<Entry>;
  find(which: Parameters<Catalog["find"]>[1]): Entry | undefined;
}>;

export function createCatalog(parts: CatalogParts): Catalog {
  const shelves: Readonly<Record<string, Shelf>> = { pods: podShelf(parts), nodes: nodeShelf(parts) };
  return {
    list(plural, { namespace, labels, fields }) {
      const chosen: Entry[] = [];
      for (const entry of shelves[plural]?.all() ?? []) {
        if (namespace !== undefined && entry.namespace !== namespace) continue;
        if (labels(entry.labels) && fields(entry)) chosen.push(entry);
      }
      return chosen.toSorted(byName);
    },
    find: (plural, which) => shelves[plural]?.find(which),
  };
}

function isOver(arrivedAt: MonoMillis, { clock }: CatalogParts): boolean {
  return elapsed(arrivedAt, clock.mono()) > SERVED_FOR;
}

function podShelf(parts: CatalogParts): Shelf {
  const { view, samples } = parts;
  const entryOf = ({ meta: { namespace, name, uid }, labels }: Pod): Entry => ({
    namespace,
    name,
    labels,
    measure() {
      const usage = samples.pod(uid);
      if (usage.kind === "absent" || isOver(usage.arrivedAt, parts)) return undefined;
      const { at, window, containers } = usage;
      return { namespace, name, labels, at, window, usage: { kind: "pod", containers } };
    },
  });
  return {
    *all() {
      for (const pod of view.of.pods.all()) if (pod.phase === "Running") yield entryOf(pod);
    },
    find({ namespace, name }) {
      const pod = view.of.pods.get(objectKey(namespace, name));
      return pod?.phase === "Running" ? entryOf(pod) : undefined;
    },
  };
}

function nodeShelf(parts: CatalogParts): Shelf {
  const { view, samples, nodeSelector } = parts;
  const entryOf = ({ meta: { name }, labels }: Node): Entry => ({
    namespace: "",
    name,
    labels,
    measure() {
      const usage = samples.node(nodeName(name));
      if (usage.kind === "absent" || isOver(usage.arrivedAt, parts)) return undefined;
      const { cpu, memory, at, window } = usage;
      return { namespace: "", name, labels, at, window, usage: { kind: "node", cpu, memory } };
    },
  });
  return {
    *all() {
      for (const node of view.of.nodes.all()) if (nodeSelector?.(node.labels) ?? true) yield entryOf(node);
    },
    find({ name }) {
      const node = view.of.nodes.get(objectKey("", name));
      return node && entryOf(node);
    },
  };
}

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
const byName = (one: Entry, other: Entry): number =>
  compare(one.namespace, other.namespace) || compare(one.name, other.name);
