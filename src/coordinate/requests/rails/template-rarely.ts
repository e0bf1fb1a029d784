/**
 * A written template restarts every pod, fills the revision history, and is taken back where Git is the
 * truth.
 *
 * Invariant: a template is written at most once in 12 h, never during a rollout, and never against GitOps.
 */
import { elapsed, minutes } from "../../../base/units.ts";
import type { RequestQuestion, TemplateState } from "../question.ts";
import { type Draft, holdAll, type RequestRail, type RequestReason } from "../rail.ts";
import { lengthText } from "../../wording.ts";

const ONCE_IN = minutes(12 * 60);

export const templateRarely: RequestRail = {
  name: "template-rarely",
  rule: "A template is written at most once in 12 h and never during a rollout; not at all where Argo CD or Flux keeps the object (unless the policy says `plimsoll.dev/requests-ignored`), and not again once a write was taken back.",
  answers:
    "Whoever writes a Deployment fights GitOps (argo-cd#2913, #5105) and pushes revisions out of `rollout undo`.",
  apply(draft, question) {
    const { template } = question.workload;
    if (question.spec.apply.mode !== "Template" || template === undefined) return undefined;
    const never = refusalOf(template);
    // Whoever keeps the template takes an urgent write back as well, and the pods restart twice for nothing.
    if (never !== undefined) return holdAll(withoutUrgency(draft), question, never);
    const notNow = delayOf(template, question);
    return notNow === undefined ? undefined : holdAll(draft, question, notNow);
  },
};

const withoutUrgency = (draft: Draft): Draft => ({ ...draft, urgent: new Set() });

type Why = Readonly<{ reason: RequestReason; why: string }>;

function refusalOf({ gitOps, requestsIgnored, annotation, reverted }: TemplateState): Why | undefined {
  if (gitOps !== undefined && !requestsIgnored) {
    const why = `${gitOps} keeps this object and would take the write back: let it ignore requests, and annotate the policy plimsoll.dev/requests-ignored: "true"`;
    return { reason: "ManagedByGitOps", why };
  }
  if (annotation === "unreadable")
    return {
      reason: "BaseUnknown",
      why: "the template's annotation plimsoll.dev/requests cannot be read: remove it",
    };
  if (!reverted) return undefined;
  const why =
    "our last write was taken back: remove the template's annotation plimsoll.dev/requests to go on";
  return { reason: "Reverted", why };
}

function delayOf({ writtenAt }: TemplateState, { now, workload }: RequestQuestion): Why | undefined {
  const { kind } = workload.rollout;
  if (kind === "in-progress" || kind === "stuck")
    return { reason: "WorkloadRolling", why: "a rollout of the workload is in progress" };
  const since = writtenAt === undefined ? undefined : elapsed(writtenAt, now);
  if (since === undefined || since >= ONCE_IN) return undefined;
  return { reason: "TooSoon", why: `written ${lengthText(since)} ago, and it is once in 12 h` };
}
