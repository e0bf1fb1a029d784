/**
 * NodeMetrics and PodMetrics as metrics-server writes them: quantities folded, windows as Go prints
 * durations, time stamps to the second.
 *
 *   15 s → 15s   90.5 s → 1m30.5s   0.25 s → 250ms   10.062345678 s → 10.062345678s   1 h → 1h0m0s
 *
 * Invariant: an object says only what was measured; who has no usage has no object.
 */
import { cpuText, memoryText } from "../../base/quantity.ts";
import { timeText } from "../../base/rfc3339.ts";
import {
  bytes,
  type Bytes,
  type EpochMillis,
  type Millis,
  type MonoMillis,
  nanoCores,
  type NanoCores,
} from "../../base/units.ts";
import type { Labels } from "../../cluster/object.ts";

/** What is printed of an object: the one that the API server knows, with its usage. */
export type Measured = Readonly<{
  /** "" for a node. */
  namespace: string;
  name: string;
  labels: Labels;
  at: EpochMillis;
  window: Millis;
  /** When the answer that renewed it arrived. */
  arrivedAt: MonoMillis;
  usage: NodeAmounts | ContainerAmounts;
}>;
type Amounts = Readonly<{ cpu: NanoCores; memory: Bytes }>;
export type NodeAmounts = Readonly<{ kind: "node" }> & Amounts;
export type ContainerAmounts = Readonly<{
  kind: "pod";
  containers: readonly (Amounts & Readonly<{ container: string }>)[];
}>;

/**
 * `createdAt` is when the answer is made, as text: objects of this API come into being when they are asked
 * for.
 */
export function metadataOf({ namespace, name, labels }: Measured, createdAt: string) {
  return {
    name,
    ...(namespace !== "" && { namespace }),
    creationTimestamp: createdAt,
    ...(Object.keys(labels).length > 0 && { labels }),
  };
}

/** Without kind and apiVersion, which items of a list do not have. */
export function metricsObject(measured: Measured, createdAt: string): Readonly<Record<string, unknown>> {
  const { at, window, usage } = measured;
  return {
    metadata: metadataOf(measured, createdAt),
    timestamp: timeText(at),
    window: windowText(window),
    ...(usage.kind === "node"
      ? { usage: amountsText(usage) }
      : { containers: usage.containers.map((one) => ({ name: one.container, usage: amountsText(one) })) }),
  };
}

/** Of all containers together, for a row of a table. */
export function totalOf(usage: Measured["usage"]): Readonly<{ cpu: string; memory: string }> {
  if (usage.kind === "node") return amountsText(usage);
  let [cpu, memory] = [0, 0];
  for (const one of usage.containers) {
    cpu += one.cpu;
    memory += one.memory;
  }
  return amountsText({ cpu: nanoCores(cpu), memory: bytes(memory) });
}

const amountsText = ({ cpu, memory }: Amounts) => ({ cpu: cpuText(cpu), memory: memoryText(memory) });

const [NANOS_PER_MILLI, NANOS_PER_SECOND] = [1e6, 1e9];

/**
 * As Go prints a duration: the largest units that fit, and no part of a second that is 0. Exact up to 104
 * days.
 */
export function windowText(window: Millis): string {
  const nanos = Math.round(window * NANOS_PER_MILLI);
  if (nanos === 0) return "0s";
  if (nanos < NANOS_PER_SECOND) return underOneSecond(nanos);
  const total = Math.floor(nanos / NANOS_PER_SECOND);
  const seconds = `${total % 60}${fraction(nanos % NANOS_PER_SECOND, 9)}s`;
  const minutes = total >= 60 ? `${Math.floor(total / 60) % 60}m` : "";
  return `${total >= 3600 ? `${Math.floor(total / 3600)}h` : ""}${minutes}${seconds}`;
}

function underOneSecond(nanos: number): string {
  if (nanos < 1e3) return `${nanos}ns`;
  const [unit, name, digits] = nanos < 1e6 ? ([1e3, "µs", 3] as const) : ([1e6, "ms", 6] as const);
  return `${Math.floor(nanos / unit)}${fraction(nanos % unit, digits)}${name}`;
}

const fraction = (part: number, digits: number): string =>
  part === 0 ? "" : `.${String(part).padStart(digits, "0").replace(/0+$/, "")}`;
