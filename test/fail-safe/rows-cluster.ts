/**
 * Fail-safe rows F15 to F27: nodes, the API server and what is known of it, and the operator's own life.
 *
 * Invariant: nothing is written on a view that is old, without the Lease, or after a clock that jumped.
 */
import type { Row } from "./rows.ts";

const TRIAL = "test/trials/fail-safe/cluster.test.ts";
const MEMORY = "test/coordinate/memory.test.ts";
const RECOVERY = "test/cluster/recovery.test.ts";

export const CLUSTER_ROWS: readonly Row[] = [
  {
    row: "F15",
    condition: "a node dies under load",
    does: "its pods count as lost after 40 s and are replaced at once, on top of what load asks for",
    shows: "rail `count-own-pods` in the decision",
    own: TRIAL,
    also: [
      {
        file: "test/scenarios/dead-node.scenario",
        name: "The pods of a dead node are replaced, and nothing goes down while they are away.",
      },
    ],
  },
  {
    row: "F16",
    condition: "the API server is gone",
    does: "nothing is written and nothing queued; the process stays, and decides anew when it is back",
    shows: "`plimsoll_leader` 0, `plimsoll_cache_age_seconds` rising; /livez and /readyz stay as they were",
    also: [
      {
        file: "test/sim/outage.test.ts",
        name: "F16 ten minutes without an API server: no write, no error, no exit, and the count follows again afterwards",
      },
      {
        file: RECOVERY,
        name: "an API server that is gone for a while is waited for: the process stays, and decides again when it is back",
      },
    ],
  },
  {
    row: "F17",
    condition: "half of all answers are 429",
    does: "requests stay at most a fifth above the usual number, and the Lease, which has a level of its own, is kept",
    shows: '`plimsoll_writes_total{outcome="throttled"}`',
    own: TRIAL,
    also: [
      {
        file: "test/real/apiserver/http-transport.test.ts",
        name: "the lease gets through while everything else is stuck",
      },
    ],
  },
  {
    row: "F18",
    condition: "what the watch shows is older than our own last write",
    does: "nothing is decided until it has caught up",
    shows: "no decisions of that policy; `plimsoll_cache_age_seconds`",
    also: [
      {
        file: "test/sim/own-write.test.ts",
        name: "F18 with a watch that is 20 s late, a step is written once, and nothing is decided before it came back",
      },
      { file: "test/reconcile/policy-state.test.ts", name: "is trusted ($trust) when $when" },
    ],
  },
  {
    row: "F19",
    condition: "a watch is dead without an error",
    does: "it is given up after 75 s of silence and listed anew, and no decrease is decided on what has been silent for 90 s",
    shows: "`MissingEvidence`; `plimsoll_cache_age_seconds`, `plimsoll_watch_restarts_total`",
    own: TRIAL,
    also: [
      {
        file: "test/real/watch/reflector.test.ts",
        name: "of 75 s gives the connection up and lists anew, at once: quiet or dead, the view is never older",
      },
    ],
  },
  {
    row: "F20",
    condition: "an object is deleted and made again while nobody watches",
    does: "the new one is another object: nothing is carried over from its namesake",
    shows: "`WindowsIncomplete` for a window",
    also: [
      {
        file: "test/view/cache.test.ts",
        name: "F20 an object deleted and made again under its name is the end of one and the beginning of another",
      },
      {
        file: "test/cluster/reflector.test.ts",
        name: "an object deleted and made again while nobody watched is the end of one and the beginning of another",
      },
    ],
  },
  {
    row: "F21",
    condition: "the Lease is lost, or there are two leaders",
    does: "each stops writing at its own deadline, by the monotonic clock, without asking anybody",
    shows: "`plimsoll_leader`; the log says when deciding stops",
    also: [
      {
        file: "test/reconcile/election.test.ts",
        name: "F21 a leader that is cut off stops leading within the renew deadline, and leads again when the way is free",
      },
      {
        file: "test/reconcile/candidacy.test.ts",
        name: "leads from the moment its accepted renewal was sent, for the renew deadline and no longer",
      },
    ],
  },
  {
    row: "F22",
    condition: "two installations with Leases of their own run in one cluster",
    does: "both hold within two periods, for as long as both are there; the one that stays goes on 5 min later",
    shows: "`OtherInstallation`, and a Warning Event of each; the message names the other's Lease",
    own: TRIAL,
    also: [
      {
        file: "test/trials/fail-safe/cluster.test.ts",
        name: "F22: one installation that follows another takes no notice of what that left behind",
      },
    ],
  },
  {
    row: "F23",
    condition: "the wall clock jumps",
    does: "no write follows from it, and decreases wait for a full window",
    shows: "`WindowsIncomplete`",
    own: TRIAL,
    also: [
      {
        file: "test/coordinate/make-plan.test.ts",
        name: "set $what, it loosens nothing: no decrease for a full window",
      },
    ],
  },
  {
    row: "F24",
    condition: "the process stands still for 12 s in the middle of a decision",
    does: "the write is not sent; nothing planned before is, and nothing is decreased for two periods afterwards",
    shows: '`plimsoll_decisions_total{verdict="not-written"}`; a log line with the length of the stall',
    own: TRIAL,
    also: [
      { file: "test/serve/event-loop.test.ts", name: "a stall is told when it is over, with its length" },
      {
        file: "test/trials/fail-safe/cluster.test.ts",
        name: "F24: for two periods after a stall nothing is decreased, and load is answered as always",
      },
    ],
  },
  {
    row: "F25",
    condition: "there is more to remember than memory",
    does: "what is kept of each container, node and answer is bounded, and what is gone is let go",
    shows: "`process_resident_memory_bytes`; docs/benchmarks.md has what a cluster of your size takes",
    also: [
      { file: "test/store/ring.test.ts", name: "F25 a full ring forgets its oldest sample" },
      { file: "test/store/store.test.ts", name: "rows of evicted pods are used again, and start empty" },
      {
        file: "test/scrape/decode.test.ts",
        name: "a node that names more containers than any node runs is believed up to a limit",
      },
    ],
  },
  {
    row: "F26",
    condition: "the operator is killed and started again",
    does: "no decrease comes sooner than without the restart, and a gap in the history holds them for a window at most",
    shows: "`WindowsIncomplete` where the history is missing or damaged",
    own: TRIAL,
    also: [
      { file: MEMORY, name: "is read back dated so that it allows less" },
      { file: RECOVERY, name: "without a history waits one full window, for amnesia is no licence to drop" },
      {
        file: RECOVERY,
        name: "keeps its windows: what it wrote before is in the status, and no decrease comes before its time",
      },
    ],
  },
  {
    row: "F27",
    condition: "another version of the operator wrote the status or the spec",
    does: "what is unknown in a status is left out; a spec with an unknown field is held; a foreign history is none",
    shows: "`UnknownField`, `WindowsIncomplete`",
    also: [
      {
        file: "test/policy/parse-status.test.ts",
        name: "F27 may have been written by a newer operator: what is unknown is left out",
      },
      { file: "test/policy/parse.test.ts", name: "does not know: $name, at $field" },
      { file: MEMORY, name: "is no memory, so that a decrease waits for a full window" },
    ],
  },
];
