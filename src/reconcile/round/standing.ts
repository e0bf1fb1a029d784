/**
 * Whether a policy may write its target's replicas, seen from the other objects that are there. Re-checked at
 * each decision; nothing is refused at admission for another object's sake.
 *
 * Invariant: of all policies and autoscalers on one target, at most one policy is told that it owns the axis,
 * and none while a foreign autoscaler is there.
 */
import type { ObjectKey } from "../../base/ids.ts";
import { keyOf } from "../../cluster/object.ts";
import { type ForeignAutoscaler, type PolicyObject, targetKey } from "../../cluster/workload.ts";
import type { ScalePolicySpec } from "../../policy/policy.ts";
import type { Effect } from "../../report/record.ts";

export type Withheld = Extract<Effect, { kind: "withheld" }>;
export type Standing = Readonly<{ kind: "owner" }> | Withheld;

export type Rival = Readonly<{ object: PolicyObject; spec: ScalePolicySpec | undefined }>;

/**
 * The others on a target: policies oldest first (creation time, then uid), as the view orders them. They are
 * looked through only as far as the one that counts, because a namespace may hold thousands on one target.
 */
export type Rivals = Readonly<{
  policies: Readonly<{ find(matches: (rival: Rival) => boolean): Rival | undefined }>;
  autoscalers: readonly ForeignAutoscaler[];
  /** Another installation that works on this very policy. */
  installation: string | undefined;
}>;

export function standingOf(policy: PolicyObject, spec: ScalePolicySpec, rivals: Rivals): Standing {
  if (spec.mode !== "Active") return withheldByMode(spec.mode);
  if (rivals.installation !== undefined) return heldBeside(rivals.installation);
  const foreign = rivals.autoscalers.find(({ meta }) => !meta.deleting);
  if (foreign !== undefined) return standbyBeside(foreign);
  const keeper = rivals.policies.find(({ object, spec: other }) => writesReplicas(object, other));
  if (keeper === undefined || keeper.object.meta.uid === policy.meta.uid) return { kind: "owner" };
  return {
    kind: "withheld",
    because: "TargetConflict",
    message: `ScalePolicy ${keyOf(keeper.object)} is older and scales this target: delete one, or set its mode to Shadow`,
  };
}

/** The key under which the view finds who else targets the same thing. */
export const targetOf = (policy: PolicyObject, spec: ScalePolicySpec): ObjectKey =>
  targetKey(policy.meta.namespace, spec.target);

/** Only policies that write own an axis or conflict. */
function writesReplicas(object: PolicyObject, spec: ScalePolicySpec | undefined): boolean {
  return !object.meta.deleting && spec?.mode === "Active" && spec.horizontal !== undefined;
}

function withheldByMode(mode: "Shadow" | "Paused"): Withheld {
  const message =
    mode === "Shadow"
      ? "mode is Shadow: decisions are shown and recorded, no workload is written"
      : "mode is Paused: the target is observed, no workload is written";
  return { kind: "withheld", because: mode, message };
}

function heldBeside(installation: string): Withheld {
  const who = `another installation (Lease ${installation})`;
  const message = `${who} works on this policy too: both hold until one is removed`;
  return { kind: "withheld", because: "OtherInstallation", message };
}

function standbyBeside({ meta, ownerKind }: ForeignAutoscaler): Withheld {
  const maker = ownerKind === undefined ? "" : ` (made by a ${ownerKind})`;
  return {
    kind: "withheld",
    because: "ForeignAutoscaler",
    message: `HorizontalPodAutoscaler ${meta.namespace}/${meta.name}${maker} scales this target: on standby until it is deleted`,
  };
}
