/**
 * metrics-server's storage as spec'd (two points a container, rebuilt at every round), written from its
 * description with exact integers, to compare ours with. Test code: slow and plain on purpose.
 */
export type Point = Readonly<{ at: bigint; cpu: bigint; memory: bigint; start: bigint }>;
export type ReferencePod = Readonly<Record<string, Point>>;
export type ReferenceUsage = Readonly<
  Record<string, { cpu: bigint; memory: bigint; at: bigint; window: bigint }>
>;

const FRESH_MIN = 10_000_000_000n;

export class ReferenceStore {
  readonly #resolution: bigint;
  #last: Record<string, ReferencePod> = {};
  #previous: Record<string, ReferencePod> = {};

  constructor(resolutionNanos: bigint) {
    this.#resolution = resolutionNanos;
  }

  store(pods: Readonly<Record<string, ReferencePod>>): void {
    const previous: Record<string, ReferencePod> = {};
    for (const [name, pod] of Object.entries(pods)) {
      const pairs = Object.entries(pod).flatMap(([container, point]) => {
        const before = this.#pointBefore(
          point,
          this.#last[name]?.[container],
          this.#previous[name]?.[container],
        );
        return before === undefined ? [] : [[container, before] as const];
      });
      if (pairs.length > 0) previous[name] = Object.fromEntries(pairs);
    }
    this.#last = pods;
    this.#previous = previous;
  }

  /** Undefined: absent. A container whose rate is in error is left out, as there. */
  read(name: string): ReferenceUsage | undefined {
    const last = this.#last[name];
    const previous = this.#previous[name];
    if (last === undefined || previous === undefined) return undefined;
    if (Object.keys(last).some((container) => previous[container] === undefined)) return undefined;
    return Object.fromEntries(
      Object.entries(last).flatMap(([container, point]) => {
        const before = previous[container]!;
        if (point.start < before.start || point.cpu < before.cpu) return [];
        const window = point.at - before.at;
        const seconds = Number(window / 1_000_000_000n) + Number(window % 1_000_000_000n) / 1e9;
        const cpu = BigInt(Math.trunc(Number(point.cpu - before.cpu) / seconds));
        return [[container, { cpu, memory: point.memory, at: point.at, window }]];
      }),
    );
  }

  #pointBefore(point: Point, last: Point | undefined, previous: Point | undefined): Point | undefined {
    const age = point.at - point.start;
    if (point.start < point.at && age >= FRESH_MIN && age < this.#resolution)
      return { ...point, at: point.start, cpu: 0n };
    if (last === undefined || point.start >= last.at) return undefined;
    if (point.at > last.at) return last;
    return previous !== undefined && previous.at < point.at ? previous : undefined;
  }
}
