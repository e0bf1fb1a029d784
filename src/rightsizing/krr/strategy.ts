/**
 * The `simple` strategy of KRR (Robusta's Kubernetes Resource Recommender), as it computes: for teams whose
 * pipelines or habits are built on its figures. Nothing here is our advice.
 *
 * Invariant: the same per-pod figures give KRR's values, its quirks included; each is named where it is.
 */

/** KRR's defaults. */
export const KRR_SETTINGS = {
  historyHours: 336,
  stepSeconds: 75,
  cpuPercentile: 95,
  memoryBufferPercent: 15,
  pointsRequired: 100,
  cpuMinCores: 0.01,
  memoryMinBytes: 100 * 2 ** 20,
} as const;

/** One container of one pod: CPU percentile in cores, memory maximum in bytes, and the points of each. */
export type KrrPod = Readonly<{
  cpu: number | undefined;
  cpuPoints: number;
  memory: number | undefined;
  memoryPoints: number;
}>;

export type KrrAllocation = Readonly<{ cpu: number | undefined; memory: number | undefined }>;

/** One cell: a value in cores or bytes, undefined for "set none", or `?`. */
export type KrrValue = number | undefined | "?";
export type KrrPart = Readonly<{ cpu: KrrValue; memory: KrrValue }>;

export type KrrQuestion = Readonly<{
  pods: readonly KrrPod[];
  /** Resources that an HPA scales on by utilization. */
  scaledOn: Readonly<{ cpu: boolean; memory: boolean }>;
}>;

export type KrrAnswer = Readonly<{
  requests: KrrPart;
  limits: KrrPart;
  /** Why a value is `?`. */
  info: Readonly<{ cpu: string | undefined; memory: string | undefined }>;
}>;

const MIB = 2 ** 20;

export function proposeAsKrr({ pods, scaledOn }: KrrQuestion): KrrAnswer {
  const points = (of: (pod: KrrPod) => number): number => pods.reduce((sum, pod) => sum + of(pod), 0);
  const cpu = gate(
    pods.flatMap((pod) => pod.cpu ?? []),
    points((pod) => pod.cpuPoints),
    scaledOn.cpu,
  );
  const memory = gate(
    pods.flatMap((pod) => pod.memory ?? []),
    points((pod) => pod.memoryPoints),
    scaledOn.memory,
  );
  const buffered = typeof memory === "number" ? memory * (1 + KRR_SETTINGS.memoryBufferPercent / 100) : "?";
  const memoryValue = buffered === "?" ? "?" : roundMemory(buffered);
  return {
    requests: { cpu: typeof cpu === "number" ? roundCpu(cpu) : "?", memory: memoryValue },
    limits: { cpu: typeof cpu === "number" ? undefined : "?", memory: memoryValue },
    info: { cpu: infoOf(cpu), memory: infoOf(memory) },
  };
}

type Gate = Readonly<{ info: string }>;

/** The largest over pods: one misbehaving pod sets the value for all. */
function gate(values: readonly number[], points: number, scaled: boolean): number | Gate {
  if (values.length === 0) return { info: "No data" };
  if (points < KRR_SETTINGS.pointsRequired) return { info: "Not enough data" };
  if (scaled) return { info: "HPA detected" };
  return values.reduce((a, b) => Math.max(a, b));
}

const infoOf = (value: number | Gate): string | undefined =>
  typeof value === "number" ? undefined : value.info;

/** Up to the next millicore, at least 10: 0.1234 → 0.124, 0.9991 → 1, 0.0001 → 0.01. */
export function roundCpu(cores: number): number {
  return Math.max(Math.ceil(cores * 1000) / 1000, KRR_SETTINGS.cpuMinCores);
}

/** Up to the next MiB, at least 100 MiB. */
export function roundMemory(amount: number): number {
  return Math.max(Math.ceil(amount / MIB) * MIB, KRR_SETTINGS.memoryMinBytes);
}

/** Prometheus is asked for a fraction of two decimals, so 99.5 asks for 0.99 and 99.9 for 1, the maximum. */
export const krrQuantile = (percentile: number): number => Number((percentile / 100).toFixed(2));

/** To a whole number, as Python rounds: 2.5 → 2, 3.5 → 4. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
