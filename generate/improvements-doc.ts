/**
 * docs/improvements.md: the rails of src/coordinate/rails.ts and src/coordinate/requests/rails.ts, in the order in
 * which they run.
 */
import { RAILS } from "../src/coordinate/rails.ts";
import { REQUEST_RAILS } from "../src/coordinate/requests/rails.ts";
import { code, markdownTable } from "./markdown.ts";

export function renderImprovementsDoc(): string {
  return `<!-- Written by \`npm run generate\` from src/coordinate/rails.ts and src/coordinate/requests/rails.ts. -->

# Where the outcome differs from the HPA's, and why

The metrics are evaluated exactly as the HPA evaluates them. The answer then runs through these rails, in this order. A rail
that moves it leaves its name, the count before and after, and why, in the decision's record; the status names it in
\`lastDecision\` and, where it holds or limits, in the condition \`ScalingLimited\`.

${markdownTable(["", "rail", "rule", "what users of the HPA met"], rowsOf(RAILS))}

Beyond the rails:

- Stabilization windows and the times of scalings survive a restart, in \`status.horizontal.history\`. A lost memory means a full
  window of hold.
- A decision is taken when fresh samples arrive, not by a timer of its own; a spec change is looked at at once.
- Status is written when its meaning changes; Events tell of acts and of reasons that begin or end, never of every tick.
- \`maxReplicas\` is at most 10,000 (the HPA takes any int32).
- A metric's resource is \`cpu\` or \`memory\`: what kubelets report. The HPA takes any name and fails at run time.

## Where requests are written otherwise than by a VPA

Recommendations are computed exactly as the VPA computes them. What is written of them runs through these rails, in this order:

${markdownTable(["", "rail", "rule", "what users of the VPA met"], rowsOf(REQUEST_RAILS))}

Pods are resized where they run, a batch at a time, and never evicted; the first resize that its kubelet defers, refuses or fails ends the
wave, and what is not granted within five minutes is not asked for any more.
`;
}

type Row = Readonly<{ name: string; rule: string; answers: string }>;

const rowsOf = (rails: readonly Row[]): string[][] =>
  rails.map(({ name, rule, answers }, index) => [String(index + 1), code(name), rule, answers]);
