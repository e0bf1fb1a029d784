/**
 * What a live template says about earlier writes: by whom it is kept, what we set, and whether it still
 * stands.
 */
import {
  annotationText,
  baseOf,
  isTakenBack,
  readAnnotation,
  REQUESTS_ANNOTATION,
} from "../../coordinate/requests/annotation.ts";
import type { ContainerResources, RequestPlan } from "../../coordinate/requests/plan.ts";
import type { TemplateState } from "../../coordinate/requests/question.ts";
import type { TemplateBasis } from "../request-port.ts";

/** On the policy: GitOps leaves requests of its target alone. */
export const REQUESTS_IGNORED_ANNOTATION = "plimsoll.dev/requests-ignored";

export function templateStateOf(basis: TemplateBasis, requestsIgnored: boolean): TemplateState {
  const annotation = readAnnotation(basis.annotations[REQUESTS_ANNOTATION]);
  return {
    gitOps: basis.gitOps,
    requestsIgnored,
    annotation: annotation.kind,
    reverted: isTakenBack(basis.containers, annotation),
    writtenAt: basis.writtenAt,
  };
}

/** What each container of the template would have without us. */
export function templateBases({ containers, annotations }: TemplateBasis): readonly ContainerResources[] {
  const annotation = readAnnotation(annotations[REQUESTS_ANNOTATION]);
  return containers.map(({ container, requests, limits }) =>
    baseOf({ container, requests, limits }, annotation),
  );
}

/** The annotation that goes with a plan: the bases stay what they were before our first write. */
export function annotationFor(basis: TemplateBasis, { changes }: RequestPlan): string {
  const wanted = new Map(changes.map((one) => [one.container, one]));
  const after = basis.containers.map((one) => wanted.get(one.container) ?? one);
  return annotationText(templateBases(basis), after);
}
