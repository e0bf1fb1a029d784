/**
 * docs/reasons.md: the reasons of src/report/reasons.ts and src/report/event-reasons.ts.
 */
import { EVENT_REASONS, type EventReason } from "../src/report/event-reasons.ts";
import { CONDITION_REASONS, type ConditionReason } from "../src/report/reasons.ts";
import { code, markdownTable } from "./markdown.ts";

const CONDITIONS = [
  [
    "Ready",
    "The summary. True: the policy does what its mode says. False: something stands in the way, and the reason is that of the condition below that says so.",
  ],
  ["AbleToScale", "Whether the target's scale can be read and written by this policy."],
  ["ScalingActive", "Whether a replica count can be computed."],
  ["ScalingLimited", "Whether something keeps the replica count from what the metrics ask for."],
  ["RecommendationProvided", "Whether requests are recommended. As the VPA's."],
  [
    "LowConfidence",
    "Whether there is less than a day of history. The VPA declares this condition and never sets it. It never keeps a recommendation from being shown.",
  ],
  ["NoPodsMatched", "Whether the target is without pods. As the VPA's."],
  ["ConfigUnsupported", "Whether the target is one that cannot be worked on. As the VPA's."],
  ["Applying", "Whether recommended requests are being written."],
] as const;

export function renderReasonsDoc(): string {
  const rows: readonly ConditionReason[] = CONDITION_REASONS;
  const events: readonly EventReason[] = EVENT_REASONS;
  return `<!-- Written by \`npm run generate\` from src/report/reasons.ts. -->

# Conditions, reasons and Events

A ScalePolicy's \`status.conditions\` say how it stands, and why. The first four conditions are there from the first visit,
with status Unknown until something is known; the other five while the spec has \`vertical\`. Each carries the \`observedGeneration\` that it is true of; \`lastTransitionTime\`
moves only when its status does. Names marked HPA mean what they mean in autoscaling/v2, those marked VPA what they mean in the VPA.

    kubectl get sp
    kubectl describe sp NAME
    kubectl wait --for=condition=Ready sp/NAME

${CONDITIONS.map(([type, what]) => `## ${type}\n\n${what}\n\n${reasonTable(rows.filter((row) => row.type === type))}`).join("\n\n")}

## Every condition

${reasonTable(rows.filter(({ type }) => type === "every"))}

## Events

Events tell of acts, and of reasons that begin or end; a reason that lasts is told once, not with every decision. Those with the
action \`Scrape\` are about nodes, those with \`Register\` about APIServices; both are in the namespace \`default\`.

${markdownTable(
  ["reason", "type", "action", "when", "from"],
  events.map(({ reason, type, action, when, from = "" }) => [code(reason), type, action, when, from]),
)}
`;
}

const reasonTable = (rows: readonly ConditionReason[]): string =>
  markdownTable(
    ["status", "reason", "what it means", "what to do", "from"],
    rows.map(({ status, reason, meaning, remedy = "Nothing.", from = "" }) => [
      status,
      code(reason),
      meaning,
      remedy,
      from,
    ]),
  );
