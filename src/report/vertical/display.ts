/**
 * A recommendation as text: for the column of `kubectl get sp`, and as a sentence.
 *
 *   requests 500m and 310Mi, target 240m and 305Mi    cpu 500m→240m mem 310Mi
 *   no request of cpu, target 240m                    cpu -→240m mem 310Mi
 *
 * Invariant: the targets are those that the status shows, so a text stays for as long as they do; a change
 * that would not be worth a write (under 10 %) is not shown as one.
 */
import { readAmount } from "../../base/quantity.ts";
import { type MilliUnits, milliUnits, type RequestAmounts, type ResourceName } from "../../base/units.ts";
import type { RequestTexts, VerticalStatus } from "../../policy/vertical/status.ts";
import { RESOURCES } from "../../vertical/amount.ts";
import type { NoRecommendation } from "../../vertical/proposal.ts";
import { shortAmount } from "../figures.ts";
import type { VerticalVerdict } from "../record.ts";

/** Names settled once: significance of a vertical change. */
const SIGNIFICANT = 0.1;

const SHORT = { cpu: "cpu", memory: "mem" } as const;

/** What a pod asks for, and what is recommended in its place; empty while nothing is known of its pods. */
export function requestsAndTargets({ question }: VerticalVerdict, status: VerticalStatus): string {
  const counted = question.containers.filter(({ role }) => role !== "init");
  if (counted.length === 0) return "";
  const targets = targetsIn(status);
  const column = (resource: ResourceName): string => {
    const requests = counted.map((one) => inMilli(resource, one.requests));
    const wanted = counted.map(({ name }, at) => readAmount(targets.get(name)?.[resource]) ?? requests[at]);
    return `${SHORT[resource]} ${changeText(resource, sumOf(requests), sumOf(wanted))}`;
  };
  return RESOURCES.map(column).join(" ");
}

/** `recommended app: cpu 500m→240m, memory 310Mi→121Mi; proxy: no samples yet`. */
export function verticalSentence(verdict: VerticalVerdict, status: VerticalStatus): string {
  const { proposal, question, podCount, unsupported } = verdict;
  if (unsupported !== undefined) return `no recommendation: ${unsupported}`;
  if (proposal.containers.length === 0)
    return podCount === 0 ? "no recommendation: no pods of the target" : "no recommendation";
  const targets = targetsIn(status);
  const parts = proposal.containers.map((one) => {
    if (one.kind === "none") return `${one.container}: ${NONE_BECAUSE[one.because]}`;
    const requests = question.containers.find(({ name }) => name === one.container)?.requests ?? {};
    return `${one.container}: ${containerText(requests, targets.get(one.container) ?? {})}`;
  });
  return `recommended ${parts.join("; ")}`;
}

/** What is known of the containers that have no recommendation. */
export const NONE_BECAUSE: Readonly<Record<NoRecommendation["because"], string>> = {
  "no-samples": "no samples yet",
  "policy-off": "its policy is Off",
  "not-counted": "an init container",
};

const targetsIn = ({ recommendation }: VerticalStatus): ReadonlyMap<string, RequestTexts> =>
  new Map(recommendation?.containerRecommendations.map((one) => [one.containerName, one.target]));

const containerText = (requests: RequestAmounts, target: RequestTexts): string =>
  RESOURCES.filter((resource) => target[resource] !== undefined)
    .map((resource) => {
      const [now, wanted] = [inMilli(resource, requests), readAmount(target[resource])];
      return `${resource} ${changeText(resource, now, wanted)}`;
    })
    .join(", ");

function changeText(
  resource: ResourceName,
  request: MilliUnits | undefined,
  target: MilliUnits | undefined,
): string {
  const now = request === undefined ? "-" : shortAmount(resource, request);
  if (target === undefined || !isSignificant(request, target)) return now;
  return `${now}→${shortAmount(resource, target)}`;
}

function isSignificant(request: MilliUnits | undefined, target: MilliUnits): boolean {
  return request === undefined || request === 0 || Math.abs(target - request) >= SIGNIFICANT * request;
}

function inMilli(resource: ResourceName, amounts: RequestAmounts): MilliUnits | undefined {
  const amount = amounts[resource];
  return amount === undefined ? undefined : milliUnits(resource === "cpu" ? amount : amount * 1000);
}

/** undefined where one of them is not set. */
function sumOf(amounts: readonly (MilliUnits | undefined)[]): MilliUnits | undefined {
  return amounts.reduce<MilliUnits | undefined>(
    (sum, amount) => (sum === undefined || amount === undefined ? undefined : milliUnits(sum + amount)),
    milliUnits(0),
  );
}
