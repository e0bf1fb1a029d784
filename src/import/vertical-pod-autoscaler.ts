/**
 * A VerticalPodAutoscaler as `spec.vertical`. Its resource policies keep their names and meanings; how it
 * applies its recommendations is another matter, for nothing is evicted here.
 */
import { changed, type Conversion, leftOut, leftovers, type Note, targetOf } from "./draft.ts";
import type { Fields } from "./fields.ts";
import { metadataNotes, type Opened } from "./metadata.ts";

const OFF = "which recommends only: apply.mode says what is written, and nothing is ever evicted";

/** Fields of a container's policy that are the same here. */
const CARRIED = [
  "containerName",
  "mode",
  "controlledResources",
  "controlledValues",
  "minAllowed",
  "maxAllowed",
];

export function convertVerticalPodAutoscaler(opened: Opened): Conversion {
  const { source, spec } = opened;
  const { target, notes } = targetOf(spec.object("targetRef"));
  if (target === undefined) return { source, draft: undefined, notes };
  const modeNotes = readUpdatePolicy(spec.object("updatePolicy"));
  const policies = spec.object("resourcePolicy").list("containerPolicies").map(readContainerPolicy);
  const recommenders = readRecommenders(spec);
  const vertical = {
    apply: { mode: "Off" },
    ...(policies.length === 0 ? {} : { resourcePolicy: { containerPolicies: policies } }),
  };
  return {
    source,
    draft: { source, target, mode: "Active", horizontal: undefined, vertical },
    notes: [...notes, ...modeNotes, ...recommenders, ...leftovers(spec), ...metadataNotes(opened)],
  };
}

/** Anything that is not carried stays untaken, and is told. */
function readContainerPolicy(policy: Fields): Readonly<Record<string, unknown>> {
  const carried = CARRIED.map((field) => [field, policy.take(field)] as const);
  return Object.fromEntries(carried.filter(([, value]) => value !== undefined));
}

/** Without an updatePolicy the VPA evicts. */
function readUpdatePolicy(policy: Fields): readonly Note[] {
  const mode = policy.text("updateMode") ?? "Recreate";
  return mode === "Off" ? [] : [changed(`${policy.path}.updateMode`, `${mode} is written Off, ${OFF}`)];
}

function readRecommenders(spec: Fields): readonly Note[] {
  const names = spec.list("recommenders").flatMap((entry) => entry.text("name") ?? []);
  const others = names.filter((name) => name !== "default");
  if (others.length === 0) return [];
  const message = `${others.join(", ")} is another recommender: write its flags as spec.vertical.recommender`;
  return [leftOut("spec.recommenders", message)];
}
