/**
 * The HPA's own windows, policies and select policies; without `behavior` its pipeline from before them.
 * What enters here is what the windows remember.
 *
 * Invariant: agrees with upstream, but looks back 15 s where upstream limits per sync, counts everyone's
 * changes of the count, and takes an incomplete scale-up window for one that saw the present count.
 */
import { later } from "../../../base/units.ts";
import { arithmeticOf } from "../../../horizontal/arithmetic.ts";
import { type Limited, limitReplicas, limitWithoutBehavior } from "../../../horizontal/limit.ts";
import {
  type Stabilized,
  stabilizeReplicas,
  stabilizeWithoutBehavior,
} from "../../../horizontal/stabilize.ts";
import type { Circumstances, Rail, Statement, Verdict } from "../../rail.ts";
import { downWindowOf, upWindowOf } from "../../windows.ts";
import { clockText, lengthText } from "../../wording.ts";

function apply(replicas: number, circumstances: Circumstances): Verdict | undefined {
  const { question, proposal } = circumstances;
  const { replicas: current } = question.target;
  // Upstream leaves windows alone when no metric has an answer.
  if (proposal.combined.kind === "failure" && replicas === current) return undefined;
  const stabilized = stabilize(replicas, circumstances);
  const limited = limit(stabilized.replicas, circumstances);
  if (stabilized.replicas === replicas && limited.reason === "DesiredWithinRange") return undefined;
  const states: Statement[] = [];
  if (stabilized.replicas !== replicas)
    states.push({ type: "AbleToScale", reason: stabilizedReason(replicas, circumstances) });
  if (limited.reason !== "DesiredWithinRange")
    states.push({ type: "ScalingLimited", reason: limited.reason });
  const whys = [
    stabilized.replicas === replicas ? "" : windowText(replicas, stabilized, circumstances),
    limited.atRate === stabilized.replicas ? "" : rateText(stabilized.replicas, limited, current),
  ];
  return { replicas: limited.atRate, why: whys.filter((why) => why !== "").join(", "), states };
}

function stabilize(desired: number, { question, memory }: Circumstances): Stabilized {
  const { now, spec, target } = question;
  const wish = { current: target.replicas, desired, now, recommendations: memory.recommendations };
  const downWindow = downWindowOf(question);
  if (spec.behavior === undefined) return stabilizeWithoutBehavior({ ...wish, window: downWindow });
  const upWindow = upWindowOf(question);
  const stabilized = stabilizeReplicas({ ...wish, upWindow, downWindow });
  const whole = later(memory.completeSince, upWindow);
  if (stabilized.replicas <= wish.current || whole <= now) return stabilized;
  return { replicas: wish.current, until: whole };
}

function limit(desired: number, { question, memory }: Circumstances): Limited {
  const { now, spec, target, settings } = question;
  const { behavior, minReplicas, maxReplicas } = spec;
  const asked = {
    current: target.replicas,
    desired,
    minReplicas,
    maxReplicas,
    now,
    events: memory.scaleEvents,
  };
  return behavior === undefined
    ? limitWithoutBehavior(asked)
    : limitReplicas(asked, behavior, arithmeticOf(settings.arithmetic));
}

/** As upstream, which without `behavior` knows the scale-down window only. */
function stabilizedReason(desired: number, { question }: Circumstances): Statement["reason"] {
  const up = question.spec.behavior !== undefined && desired >= question.target.replicas;
  return up ? "ScaleUpStabilized" : "ScaleDownStabilized";
}

function windowText(desired: number, { replicas, until }: Stabilized, { question }: Circumstances): string {
  const window = lengthText(replicas < desired ? upWindowOf(question) : downWindowOf(question));
  const end = until === undefined ? "" : ` until ${clockText(until)}`;
  return `${window} window keeps ${replicas} (now wants ${desired})${end}`;
}

function rateText(desired: number, { atRate }: Limited, current: number): string {
  const limit =
    desired > current ? `scaleUp allows at most ${atRate}` : `scaleDown allows at least ${atRate}`;
  return `${limit} now (wants ${desired})`;
}

export const behavior: Rail = {
  name: "behavior",
  rule: "`behavior` works as in autoscaling/v2: stabilization windows, policies and select policy; without it, growth is limited to twice the count of 15 s ago (at least 4), however often decisions are made.",
  answers:
    "Not an improvement but the HPA's own rule; changes made by people and other tools count in its rates here.",
  apply,
};
