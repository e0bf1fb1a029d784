/**
 * What may befall two replicas and the Lease between them.
 */
import { type Millis, minutes, seconds } from "../../../src/base/units.ts";
import type { LeaseRecord } from "../../../src/reconcile/port.ts";
import type { ApiCall } from "../../../src/sim/ports/fault.ts";
import type { Pair } from "./pair.ts";

export type Disturbance = Readonly<{
  what: string;
  /** It may take its time. */
  befall(pair: Pair): Promise<void>;
  /** From its beginning, or from its end, until somebody leads again; undefined: the leader may keep the Lease. */
  takeOver?: Readonly<{ since: "beginning" | "end"; within: Millis }>;
  /** The leader keeps the Lease. */
  keeps?: true;
  /**
   * A leader learns from the Lease alone that it is taken from it, so it may write until its next renewal, which is
   * before its deadline. By the other rows nobody ever writes beside the holder.
   */
  isUnforeseen?: true;
  /** Whoever leads afterwards believes no sample, because its clock is an hour off theirs: it holds. */
  isBlind?: true;
}>;

/** A lease duration, a retry with its jitter, and the calls. */
export const TAKE_OVER = seconds(17.5);
const killed = { since: "beginning", within: TAKE_OVER } as const;

const paused = (length: number, of: Partial<Disturbance>): Disturbance => ({
  what: `the leader stands still for ${length} s`,
  async befall(pair) {
    const { process } = pair.leader();
    process.pause();
    await pair.time.advance(seconds(length));
    process.resume();
  },
  ...of,
});

/** Somebody writes the Lease. */
const edited = (what: string, change: (pair: Pair) => Partial<LeaseRecord>, of: Partial<Disturbance>) => ({
  what: `somebody writes ${what} into the Lease`,
  befall: (pair: Pair) => pair.editLease(change(pair)),
  isUnforeseen: true as const,
  ...of,
});

const aboutLease = ({ verb }: ApiCall): boolean => verb.endsWith("-lease");
const aboutScales = ({ verb }: ApiCall): boolean => verb.endsWith("-scale");
const everyCall = (): boolean => true;

const slow = (
  latency: number,
  { which, what }: Readonly<{ which: (call: ApiCall) => boolean; what: string }>,
  of: Partial<Disturbance>,
): Disturbance => ({
  what: `${what} take ${latency} s for a minute`,
  async befall(pair) {
    pair.setLatency((call) => seconds(which(call) ? latency : 0));
    await pair.time.advance(minutes(1));
    pair.setLatency(() => seconds(0));
  },
  ...of,
});
const LEASE = { which: aboutLease, what: "calls about the Lease" };
const SCALES = { which: aboutScales, what: "calls about scales" };
const ALL = { which: everyCall, what: "all calls" };

/** At a moving load a write is on its way then, and may arrive long after the other replica leads. */
const cutOff = (latency: number): Disturbance => ({
  what: `writes of scales take ${latency} s, and the leader is cut off from the Lease`,
  async befall(pair) {
    let isSent = false;
    pair.setLatency(({ verb }) => {
      isSent ||= verb === "write-scale";
      return seconds(verb === "write-scale" ? latency : 0);
    });
    for (let n = 0; n < 60 && !isSent; n += 1) await pair.time.advance(seconds(1));
    pair.cutOff(pair.leader());
    await pair.time.advance(minutes(1));
    pair.setLatency(() => seconds(0));
  },
});

const skewed = (what: string, of: "leader" | "standby", by: Millis): Disturbance => ({
  what: `the ${of}'s wall clock is an hour ${what}, and the leader is killed`,
  async befall(pair) {
    pair[of]().process.skew.wall = by;
    await pair.time.advance(seconds(30));
    pair.kill();
  },
  takeOver: { since: "end", within: TAKE_OVER },
  ...(of === "standby" && { isBlind: true }),
});

const HOUR = minutes(60);

export const DISTURBANCES: readonly Disturbance[] = [
  { what: "the leader is killed", befall: async (pair) => pair.kill(), takeOver: killed },
  {
    what: "the leader is told to end",
    befall: async (pair) => pair.leader().stop.abort(),
    takeOver: { since: "beginning", within: seconds(3) },
  },
  paused(5, { keeps: true }),
  paused(15, {}),
  paused(20, { takeOver: killed }),
  paused(60, { takeOver: killed }),
  {
    what: "somebody deletes the Lease",
    befall: async ({ model }) => model.deleteLease(),
    isUnforeseen: true,
    takeOver: { since: "beginning", within: seconds(3) },
  },
  edited("a stranger", () => ({ holder: "a stranger" }), {
    takeOver: { since: "beginning", within: seconds(20) },
  }),
  edited("the standby", (pair) => ({ holder: pair.standby().identity }), {}),
  edited("nobody", () => ({ holder: "" }), { takeOver: { since: "beginning", within: seconds(3) } }),
  edited("another number of transitions", () => ({ transitions: 40 }), {}),
  slow(1, LEASE, { keeps: true }),
  slow(4, LEASE, { keeps: true }),
  slow(8, LEASE, {}),
  slow(12, LEASE, { takeOver: { since: "end", within: TAKE_OVER } }),
  slow(4, SCALES, { keeps: true }),
  slow(20, SCALES, { keeps: true }),
  slow(4, ALL, { keeps: true }),
  slow(8, ALL, {}),
  slow(12, ALL, { takeOver: { since: "end", within: TAKE_OVER } }),
  ...[12, 36, 40].map(cutOff),
  skewed("ahead", "leader", HOUR),
  skewed("behind", "leader", minutes(-60)),
  skewed("ahead", "standby", HOUR),
  skewed("behind", "standby", minutes(-60)),
];

/** Clocks of two replicas that do not agree on how fast time goes. */
export const RATES = [
  { what: "the leader's clock runs at twice the rate", leader: 2, standby: 1 },
  { what: "the standby's clock runs at twice the rate", leader: 1, standby: 2 },
  { what: "both clocks run at twice the rate", leader: 2, standby: 2 },
] as const;
