/**
 * What a soak says: from readings over time to figures, and from figures to verdicts.
 */
/** One look at the operator; delays and `decisions` are of the time since the look before. */
export type Reading = Readonly<{
  /** Since the operator began. */
  seconds: number;
  /** After a forced collection. */
  heapBytes: number;
  residentBytes: number;
  sockets: number;
  /**
   * Event-loop delay, 99th percentile, of the time before this span's fault, and of all of it; each beside that of a
   * process that does nothing.
   */
  calm: Lag;
  whole: Lag;
  decisionsPerSecond: number;
}>;

export type Lag = Readonly<{ lagMillis: number; idleLagMillis: number }>;

export type Ending = Readonly<{ exitCode: number | null; crashes: readonly string[] }>;
export type Verdict = Readonly<{
  what: string;
  figure: string;
  goal: string;
  holds: boolean;
  /** It tells of the machine as much as of the operator: a busy one may miss it. */
  ofMachine?: boolean;
}>;

const HEAP_RATIO_MAX = 1.05;
/** Of a soak that is over before minute 4: until then its histories fill, the slower the busier the machine is. */
const SHORT_HEAP_RATIO_MAX = 1.3;
const LAG_MILLIS_MAX = 50;
/** The fewest are compared: kept-alive connections come with a burst and go 80 s after it, leaks stay. */
const SOCKETS_SPREAD = 6;
/** Of such a short soak, which a burst outlasts: one for each kubelet. */
const SHORT_SOCKETS_SPREAD = 41;
const BASE_SECONDS = 120;
/** Below, a slope per hour is a guess. */
const SLOPE_SECONDS_MIN = 1200;
const SLOPE_PERCENT_MAX = 1;
const MIB = 1024 * 1024;

export function judge(readings: readonly Reading[], { exitCode, crashes }: Ending): readonly Verdict[] {
  const base = baseOf(readings);
  const last = readings.at(-1);
  if (base === undefined || last === undefined) throw new Error("a soak needs two readings");
  const after = readings.filter(({ seconds }) => seconds >= base.seconds);
  const ratio = last.heapBytes / base.heapBytes;
  const isShort = last.seconds < 2 * BASE_SECONDS;
  const ratioMax = isShort ? SHORT_HEAP_RATIO_MAX : HEAP_RATIO_MAX;
  const spread = isShort ? SHORT_SOCKETS_SPREAD : SOCKETS_SPREAD;
  const lag = percentile95(after.map(({ calm }) => calm.lagMillis));
  const sockets = after.map((reading) => reading.sockets);
  const grown = Math.min(...lastThird(sockets)) - Math.min(...firstThird(sockets));
  const rates = after.map(({ decisionsPerSecond }) => decisionsPerSecond);
  const row = (what: string, figure: string, ...[goal, holds]: [string, boolean]): Verdict => ({
    what,
    figure,
    goal,
    holds,
  });
  return [
    row(
      `heap after a forced collection, minute ${Math.round(base.seconds / 6) / 10} and end`,
      `${(base.heapBytes / MIB).toFixed(2)} and ${(last.heapBytes / MIB).toFixed(2)} MiB: ${ratio.toFixed(3)}`,
      `at most ${ratioMax}`,
      ratio <= ratioMax,
    ),
    slopeRow(after),
    {
      ...row(
        "event-loop delay p99 without a fault, 95th percentile of the spans",
        `${lag.toFixed(1)} ms (an idle process's beside it: ${percentile95(after.map(({ calm }) => calm.idleLagMillis)).toFixed(1)} ms)`,
        `at most ${LAG_MILLIS_MAX} ms`,
        lag <= LAG_MILLIS_MAX,
      ),
      ofMachine: true,
    },
    row(
      "event-loop delay p99 with a fault, worst span",
      `${Math.max(...after.map(({ whole }) => whole.lagMillis)).toFixed(1)} ms (an idle process's: ${Math.max(...after.map(({ whole }) => whole.idleLagMillis)).toFixed(1)} ms)`,
      "",
      true,
    ),
    row("open sockets, fewest in the first third and in the last", `${Math.min(...firstThird(sockets))} and ${Math.min(...lastThird(sockets))}`, `at most ${spread} more`, grown <= spread),
    row("decisions per second, mean", (rates.reduce((sum, rate) => sum + rate, 0) / rates.length).toFixed(1), "more than 0 in each span", rates.every((rate) => rate > 0)),
    row("resident memory, most", `${Math.round(Math.max(...after.map(({ residentBytes }) => residentBytes)) / MIB)} MiB`, "", true),
    row("crashes and unhandled rejections", `${crashes.length}${crashes.length > 0 ? `: ${crashes[0]}` : ""}`, "0", crashes.length === 0),
    row("exit code after SIGTERM", `${exitCode}`, "0", exitCode === 0),
  ]; // prettier-ignore
}

/** Of few the greatest: 2 spans are judged by the worse. */
const percentile95 = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.ceil(values.length * 0.95) - 1] ?? Number.NaN;

/** At minute 2, or half-way through a soak that is shorter than four; never its end. */
function baseOf(readings: readonly Reading[]): Reading | undefined {
  const half = (readings.at(-1)?.seconds ?? 0) / 2;
  const from = Math.min(BASE_SECONDS, half);
  const before = readings.slice(0, -1);
  return before.find(({ seconds }) => seconds >= from) ?? before.at(-1);
}

function slopeRow(readings: readonly Reading[]): Verdict {
  const what = "heap, slope by least squares";
  const span = (readings.at(-1)?.seconds ?? 0) - (readings[0]?.seconds ?? 0);
  const percent = heapPercentPerHour(readings);
  const figure = `${percent.toFixed(2)} % per hour over ${readings.length} collections`;
  if (span < SLOPE_SECONDS_MIN) return { what, figure, goal: "none in so short a time", holds: true };
  return { what, figure, goal: `less than ${SLOPE_PERCENT_MAX} %`, holds: percent < SLOPE_PERCENT_MAX };
}

/**
 * The slope of the line of least squares through heap over time, in percent of its mean per hour. Readings at 0, 1 and 2
 * hours of 100, 102 and 104 bytes: 2 / 102, which is 1.96.
 */
export function heapPercentPerHour(readings: readonly Pick<Reading, "seconds" | "heapBytes">[]): number {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const time = mean(readings.map(({ seconds }) => seconds));
  const heap = mean(readings.map(({ heapBytes }) => heapBytes));
  const along = readings.map(({ seconds, heapBytes }) => (seconds - time) * (heapBytes - heap));
  const spread = readings.map(({ seconds }) => (seconds - time) ** 2);
  return ((mean(along) / mean(spread)) * 3600 * 100) / heap;
}

const firstThird = <T>(values: readonly T[]): readonly T[] => values.slice(0, Math.ceil(values.length / 3));
const lastThird = <T>(values: readonly T[]): readonly T[] => values.slice(-Math.ceil(values.length / 3));
