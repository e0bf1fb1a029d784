/**
 * Usage as `metrics.k8s.io` tells it, whoever serves it (Plimsoll, metrics-server).
 *
 * Invariant: an amount that cannot be read is absent; a pod without a time stamp is no sample.
 */
import type { ReadOutcome } from "../../../base/outcome.ts";
import { parseQuantity } from "../../../base/quantity.ts";
import { bytes, nanoCores } from "../../../base/units.ts";
import type { Usage, UsageNow } from "../../../rightsizing/port.ts";
import type { ApiTransport } from "../transport.ts";
import { moment, type Raw, record, records, text } from "../watch/trim/raw.ts";
import { listItems } from "./list.ts";

const ROOT = "/apis/metrics.k8s.io/v1beta1";
const NANO = 1_000_000_000;

export function createUsageNow(transport: ApiTransport): UsageNow {
  return {
    async look(namespace, signal): Promise<ReadOutcome<readonly Usage[]>> {
      const path = namespace === undefined ? `${ROOT}/pods` : `${ROOT}/namespaces/${namespace}/pods`;
      const value: Usage[] = [];
      const outcome = await listItems(
        transport,
        { path, signal },
        (raw) => void value.push(...usagesOf(raw)),
      );
      return outcome.kind === "listed" ? { kind: "read", value } : outcome;
    },
  };
}

function usagesOf(raw: Raw): readonly Usage[] {
  const metadata = record(raw["metadata"]);
  const [namespace, pod, at] = [
    text(metadata["namespace"]),
    text(metadata["name"]),
    moment(raw["timestamp"]),
  ];
  if (namespace === undefined || pod === undefined || at === undefined) return [];
  return records(raw["containers"]).flatMap((one) => {
    const container = text(one["name"]);
    if (container === undefined) return [];
    const usage = record(one["usage"]);
    const [cpu, memory] = [nanoOf(usage["cpu"]), nanoOf(usage["memory"])];
    return [
      {
        place: { namespace, pod, container },
        reading: {
          at,
          cpu: cpu === undefined ? undefined : nanoCores(cpu),
          memory: memory === undefined ? undefined : bytes(memory / NANO),
        },
      },
    ];
  });
}

function nanoOf(written: unknown): number | undefined {
  const parsed = typeof written === "string" ? parseQuantity(written) : undefined;
  if (parsed?.kind !== "quantity" || parsed.quantity.nano < 0n) return undefined;
  return Number(parsed.quantity.nano);
}
