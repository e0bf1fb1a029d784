/**
 * The HPA's golden vectors for utilization (A1) and average values (A2): the cases of its own test
 * tables.
 *
 * Each pod of A1 has two containers, each with the listed request and usage in millicores. "hot" started
 * now, "cool" 180 s ago; the others at the zero time. Tolerances are down/up.
 */
export type Vector = Readonly<{
  current: number;
  /** Per pod; undefined is a pod without a sample. */
  levels: readonly (number | undefined)[];
  request?: number | readonly number[];
  target: number;
  tolerance?: Readonly<{ down: number; up: number }>;
  unready?: readonly number[];
  hot?: readonly number[];
  pending?: readonly number[];
  failed?: readonly number[];
  terminating?: readonly number[];
  replicas: number;
  utilization?: number;
  average: number;
}>;

const NONE = undefined;

export const UTILIZATION_VECTORS: readonly Vector[] = [
  { current: 3, levels: [300, 500, 700], request: 1000, target: 30, replicas: 5, utilization: 50, average: 1000 },
  { current: 3, levels: [300, 500, 700], request: 1000, target: 30, unready: [0], replicas: 4, utilization: 60, average: 1200 },
  { current: 3, levels: [300, 500, 700], request: 1000, target: 30, hot: [0], replicas: 4, utilization: 60, average: 1200 },
  { current: 3, levels: [400, 500, 700], request: 1000, target: 30, unready: [1, 2], replicas: 3, utilization: 40, average: 800 },
  { current: 2, levels: [500, 700, NONE, NONE], request: 1000, target: 30, failed: [2, 3], unready: [2, 3], replicas: 4, utilization: 60, average: 1200 },
  { current: 2, levels: [500, 700, NONE, NONE], request: 1000, target: 30, terminating: [2, 3], unready: [2, 3], replicas: 4, utilization: 60, average: 1200 },
  { current: 5, levels: [100, 300, 500, 250, 250], request: 1000, target: 50, replicas: 3, utilization: 28, average: 560 },
  { current: 5, levels: [100, 300, 500, 250, 250], request: 1000, target: 50, unready: [3, 4], replicas: 2, utilization: 30, average: 600 },
  { current: 5, levels: [100, NONE, NONE, NONE, NONE], request: 1000, target: 50, pending: [1, 2, 3, 4], replicas: 1, utilization: 10, average: 200 },
  { current: 5, levels: [100, 300, 500, 250, 250], request: 1000, target: 50, hot: [3, 4], replicas: 2, utilization: 30, average: 600 },
  { current: 3, levels: [1010, 1030, 1020], request: [900, 1000, 1100], target: 100, replicas: 3, utilization: 102, average: 2040 },
  { current: 3, levels: [909, 1010, 1111], request: [900, 1000, 1100], target: 100, tolerance: { down: 0, up: 0 }, replicas: 4, utilization: 101, average: 2020 },
  { current: 3, levels: [1890, 1910, 1900], request: [900, 1000, 1100], target: 100, tolerance: { down: 0.1, up: 2 }, replicas: 3, utilization: 190, average: 3800 },
  { current: 3, levels: [1100, 1080, 1090], request: [900, 1000, 1100], target: 100, tolerance: { down: 2, up: 0.08 }, replicas: 4, utilization: 109, average: 2180 },
  { current: 3, levels: [660, 640, 650], request: [900, 1000, 1100], target: 100, tolerance: { down: 0.36, up: 0.1 }, replicas: 3, utilization: 65, average: 1300 },
  { current: 3, levels: [660, 640, 650], request: [900, 1000, 1100], target: 100, tolerance: { down: 0.34, up: 0.1 }, replicas: 2, utilization: 65, average: 1300 },
  { current: 4, levels: [400, 95, NONE, NONE], request: 1000, target: 100, replicas: 3, utilization: 24, average: 495 },
  { current: 2, levels: [1000, NONE], request: 1000, target: 100, replicas: 2, utilization: 100, average: 2000 },
  { current: 2, levels: [1900, NONE], request: 1000, target: 100, replicas: 2, utilization: 190, average: 3800 },
  { current: 2, levels: [600, NONE], request: 1000, target: 100, replicas: 2, utilization: 60, average: 1200 },
  { current: 3, levels: [100, 450, NONE], request: 1000, target: 50, unready: [0], replicas: 3, utilization: 45, average: 900 },
  { current: 3, levels: [100, 2000, NONE], request: 1000, target: 50, unready: [0], replicas: 4, utilization: 200, average: 4000 },
  { current: 4, levels: [100, 100, 100, NONE], request: 1000, target: 50, unready: [0], replicas: 3, utilization: 10, average: 200 },
  { current: 4, levels: [200, 100, 100, NONE], request: [1000, 1000, 2000, 2000], target: 300, unready: [0], replicas: 2, utilization: 6, average: 200 },
  { current: 2, levels: [100, 100, NONE], request: 1000, target: 50, replicas: 2, utilization: 10, average: 200 },
]; // prettier-ignore

/**
 * A2 speaks of Pods metrics, which we do not follow. The formula is that of an average value of a resource;
 * as there, readiness plays no part for a resource that is not cpu. Levels and targets in milli-units.
 */
export const AVERAGE_VALUE_VECTORS: readonly Vector[] = [
  { current: 3, levels: [20000, 10000, 30000], target: 15000, replicas: 4, average: 20000 },
  { current: 3, levels: [50000, 10000, 30000], target: 15000, unready: [2], replicas: 6, average: 30000 },
  { current: 3, levels: [50000, 15000, 30000], target: 15000, unready: [0, 2], replicas: 7, average: 31666 },
  { current: 5, levels: [12000, 12000, 12000, 12000, 12000], target: 20000, replicas: 3, average: 12000 },
  { current: 3, levels: [20000, 21000, 21000], target: 20000, replicas: 3, average: 20666 },
  { current: 3, levels: [20000, 21000, 21000], target: 20000, tolerance: { down: 0.1, up: 0.01 }, replicas: 4, average: 20666 },
  { current: 5, levels: [20000, 19000, 21000, NONE, NONE], target: 20000, replicas: 5, average: 20000 },
  { current: 2, levels: [10000, 10000, NONE], target: 17000, replicas: 2, average: 10000 },
]; // prettier-ignore

/** Vectors that cannot be asked of us, and why. Each is a case of upstream's that has no row above. */
export const EXCEPTIONS: readonly Readonly<{ vector: string; because: string }>[] = [
  {
    vector: "A1: 4, levels 4000 9500 3000 7000 3200 2000, the last two samples belong to no pod → 24",
    because: "a sample is kept under the uid of its pod, so one without a pod does not exist",
  },
  {
    vector: "A1, error: sample names disjoint from pods",
    because: "the same; it shows as pods without samples",
  },
  { vector: "A3", because: "Object and External metrics are not followed yet" },
  { vector: "A4", because: "the same" },
  {
    vector: "A9: which slot of the event store is replaced, and which is only flagged",
    because: "no slots here; what counts in a rate is asked, by outcome, in coordinate/memory.test.ts",
  },
];
