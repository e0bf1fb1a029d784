/**
 * What `kubectl get` prints of metrics: a name, a column for each resource, and the window. A table without
 * rows has no columns, as metrics-server's.
 */
import { metadataOf, type Measured, metricsObject, totalOf, windowText } from "./object.ts";

/** As metav1.TableColumnDefinition. */
const COLUMNS = [
  { name: "Name", type: "string", format: "name", description: "Name of the resource", priority: 0 },
  { name: "cpu", type: "string", format: "quantity", description: "", priority: 0 },
  { name: "memory", type: "string", format: "quantity", description: "", priority: 0 },
  { name: "Window", type: "string", format: "duration", description: "", priority: 0 },
] as const;

const KIND = { kind: "Table", apiVersion: "meta.k8s.io/v1", metadata: {} } as const;
export const EMPTY_TABLE = { ...KIND, columnDefinitions: null, rows: null } as const;
export const TABLE_HEAD = { ...KIND, columnDefinitions: COLUMNS } as const;

/** How much of each object a row brings (`includeObject`). */
export type RowObject = "None" | "Metadata" | "Object";

/** undefined when it is none of these; without one, rows bring metadata. */
export function rowObjectIn(query: URLSearchParams): RowObject | undefined {
  const wanted = query.get("includeObject") || "Metadata";
  return wanted === "None" || wanted === "Metadata" || wanted === "Object" ? wanted : undefined;
}

export type Typed = Readonly<{ kind: string; apiVersion: string }>;
export type Rendering = Readonly<{ createdAt: string; typed: Typed }>;

export function tableRow(measured: Measured, include: RowObject, rendering: Rendering): object {
  const { cpu, memory } = totalOf(measured.usage);
  const cells = [measured.name, cpu, memory, windowText(measured.window)];
  return { cells, object: rowObject(measured, include, rendering) };
}

function rowObject(measured: Measured, include: RowObject, { createdAt, typed }: Rendering): object | null {
  if (include === "None") return null;
  if (include === "Object") return { ...typed, ...metricsObject(measured, createdAt) };
  return partialObject(measured, createdAt);
}

export const partialObject = (measured: Measured, createdAt: string): object => ({
  kind: "PartialObjectMetadata",
  apiVersion: "meta.k8s.io/v1",
  metadata: metadataOf(measured, createdAt),
});
