/**
 * Fail-safe rows F28 to F42: policies and targets that come, go or break, and others who write them.
 *
 * Invariant: one axis has one owner, every write has a precondition, and no object's trouble is another's.
 */
import type { Row } from "./rows.ts";

const TRIAL = "test/trials/fail-safe/objects.test.ts";
const STANDING = "test/reconcile/standing.test.ts";

export const OBJECT_ROWS: readonly Row[] = [
  {
    row: "F28",
    condition: "a hundred policies are deleted at once, in the middle of decisions",
    does: "replicas stay as they are and nothing is written any more; there is no finalizer to wait for",
    shows: "nothing: the series of a deleted policy end",
    own: TRIAL,
  },
  {
    row: "F29",
    condition: "the target is deleted",
    does: "the policy holds and says so, and no error and no write comes of it",
    shows: "`AbleToScale=False`, `FailedGetScale`",
    own: TRIAL,
  },
  {
    row: "F30",
    condition: "the target is made again under its name",
    does: "it is another workload: no decrease until a full window is known of it",
    shows: "`WindowsIncomplete`",
    own: TRIAL,
    also: [
      {
        file: "test/coordinate/memory.test.ts",
        name: "memory of one target is none of another with its name",
      },
    ],
  },
  {
    row: "F31",
    condition: "the target's containers are renamed while a policy follows one by name",
    does: "the policy says that no container has that name, and decreases nothing",
    shows: "`FailedGetContainerResourceMetric`",
    own: TRIAL,
  },
  {
    row: "F32",
    condition: "a human sets replicas, or 0",
    does: "the next decision starts from that number, and 0 pauses until it is not 0",
    shows: "`ScalingDisabled`; `status.recentActs` names the manager",
    also: [
      {
        file: "test/scenarios/human.scenario",
        name: "F32 What a human sets stands until the window allows otherwise, and 0 by a human pauses.",
      },
    ],
  },
  {
    row: "F33",
    condition: "someone reverts us every 5 s",
    does: "at most 6 writes happen in 10 min and 2 in a minute, and control resumes within 2 min of its end",
    shows:
      "`Contended`, and a Warning Event, from the third reversion in 10 min on: the message names the other's field manager, and what to write for Argo CD and Flux",
    own: TRIAL,
    also: [
      {
        file: "test/actuate/write-budget.test.ts",
        name: "against a writer that reverts each write at once, at most 6 happen in any 10 minutes",
      },
    ],
  },
  {
    row: "F34",
    condition: "an HPA scales the same target",
    does: "the policy stands by, keeps its memory, and takes over without going down first",
    shows: "`ForeignAutoscaler`, and a Warning Event that names it",
    also: [
      {
        file: "test/scenarios/foreign-hpa.scenario",
        name: "F34 Beside someone else's HPA the policy stands by, and takes over without ever going down first.",
      },
      {
        file: "test/cluster/scaling.test.ts",
        name: "beside an HPA on the same target it stands by, and takes over when the HPA is gone",
      },
    ],
  },
  {
    row: "F35",
    condition: "a KEDA ScaledObject, or a VPA, is on the same target",
    does: "a ScaledObject is seen through the HPA that it owns, and is told by its kind",
    shows: "`ForeignAutoscaler`",
    also: [{ file: STANDING, name: "F35 when $when: $because" }],
    notYet: "a VPA concerns requests, which Plimsoll does not write yet",
  },
  {
    row: "F36",
    condition: "two policies name one target",
    does: "the older one scales it, before and after restarts, and the other says which",
    shows: "`TargetConflict`, and a Warning Event",
    own: TRIAL,
    also: [{ file: STANDING, name: "F35 when $when: $because" }],
  },
  {
    row: "F38",
    condition: "a quota refuses pods",
    does: "what is refused is given up, and tried again by one replica every 5 min until there is room",
    shows: "`QuotaLimited`, and a Warning Event",
    also: [
      {
        file: "test/scenarios/quota.scenario",
        name: "F38 What the quota refuses is not asked for over and over, and is taken up when there is room.",
      },
    ],
  },
  {
    row: "F39",
    condition: "our write is refused for an hour",
    does: "it is tried at most 20 times, later each time, and no Event is sent for each try",
    shows: '`FailedUpdateScale` with the API server\'s words; `plimsoll_writes_total{outcome="forbidden"}`',
    own: TRIAL,
    also: [
      {
        file: "test/actuate/reaction.test.ts",
        name: "after $outcome.kind for the $row. time in a row: decide again in $ms ms",
      },
    ],
  },
  {
    row: "F40",
    condition: "a namespace is terminating and refuses everything",
    does: "its policies go quiet without an error, and a hundred others keep their pace",
    shows: '`plimsoll_writes_total{outcome="forbidden"}`',
    own: TRIAL,
  },
  {
    row: "F41",
    condition: "the CRD is missing",
    does: "metrics are scraped, nothing is decided, and policies are picked up when it is there",
    shows: "/readyz names the cache that is not filled; the log says which kind is missing",
    also: [
      {
        file: "test/cluster/recovery.test.ts",
        name: "F41 without the CRD it goes on, and picks it up when it is there",
      },
    ],
  },
  {
    row: "F42",
    condition: "one policy brings out a bug each time it is looked at",
    does: "its rounds are logged and tried later each time, and a hundred others keep their pace",
    shows: "log lines of level error with that policy's name",
    own: TRIAL,
  },
];
