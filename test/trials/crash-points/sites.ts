/**
 * The points at which a process writes something, and may die: each kind of write with all it is done for.
 *
 * Invariant: every write site of the API port has a row; one without does not compile, and is missed by the suite.
 */
import type { Meta } from "../../../src/cluster/object.ts";
import type { ScalePolicyStatus } from "../../../src/policy/status.ts";
import type { Lease, LeaseRecord } from "../../../src/reconcile/port.ts";
import type { SimModel } from "../../../src/sim/model.ts";
import type { WriteSite } from "../../../src/sim/process.ts";
import type { Stage } from "../story/play.ts";
import type { Story } from "../story/story.ts";

export type Site = Readonly<{
  what: string;
  /** Which of the calls of its kind it is. */
  matches(args: readonly unknown[], model: SimModel): boolean;
  /** From when on the next such call is the one. */
  from(story: Story): Story["turnsAt"];
  /** What makes such a call come, where the story alone does not. */
  provoke?(stage: Stage): void;
}>;

const always = (): boolean => true;
const moving: Site["from"] = ({ movesFrom }) => movesFrom;
const turning: Site["from"] = ({ turnsAt }) => turnsAt;

/** An update of the Lease, by what it changes. */
const onLease =
  (isMeant: (basis: LeaseRecord, record: LeaseRecord) => boolean): Site["matches"] =>
  ([basis, record]) =>
    isMeant((basis as Lease).record, record as LeaseRecord);

/** Whether a status tells of an act that the stored one does not tell of. */
function tellsOfAct([meta, status]: readonly unknown[], model: SimModel): boolean {
  const { namespace, name } = meta as Meta;
  const stored = model.policy(namespace, name)?.status as ScalePolicyStatus | undefined;
  return (status as ScalePolicyStatus).recentActs.length > (stored?.recentActs.length ?? 0);
}

export const SITES: Readonly<Record<WriteSite, readonly Site[]>> = {
  "write-scale": [{ what: "replicas are written", matches: always, from: moving }],
  // the stories told here are of replicas alone
  "resize-pod": [],
  "write-template": [],
  "write-status": [
    { what: "an act is told in the status", matches: tellsOfAct, from: moving },
    {
      what: "a status that tells of no act is written",
      matches: (args, model) => !tellsOfAct(args, model),
      from: moving,
    },
  ],
  emit: [{ what: "an Event is sent", matches: always, from: moving }],
  "create-lease": [{ what: "the Lease is made", matches: always, from: () => 0 as Story["turnsAt"] }],
  "update-lease": [
    {
      what: "the Lease is renewed",
      matches: onLease((basis, { holder }) => holder !== "" && holder === basis.holder),
      from: turning,
    },
    {
      what: "the Lease is let go",
      matches: onLease((_, { holder }) => holder === ""),
      from: turning,
      provoke: ({ fleet }) => fleet.restart(),
    },
    {
      what: "the Lease is taken over",
      matches: onLease((basis, { holder }) => holder !== "" && holder !== basis.holder),
      from: turning,
      provoke: ({ fleet }) => fleet.kill(),
    },
  ],
};
