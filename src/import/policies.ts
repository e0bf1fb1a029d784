/**
 * Drafts → ScalePolicies: what scales one target becomes one policy, and each is judged by the operator's
 * own parser.
 *
 * Invariant: a policy that comes out of here is accepted by the operator; no draft is lost without a note.
 */
import { must } from "../base/assert.ts";
import { targetKey } from "../cluster/workload.ts";
import { parsePolicy } from "../policy/parse.ts";
import { type Conversion, type Draft, type Note, refusal, type Source } from "./draft.ts";

export type WrittenPolicy = Readonly<{
  apiVersion: "plimsoll.dev/v1alpha1";
  kind: "ScalePolicy";
  metadata: Readonly<{ name: string; namespace?: string }>;
  spec: Readonly<Record<string, unknown>>;
}>;

export type Imported = Readonly<{
  policies: readonly WrittenPolicy[];
  /** By object, in the order of the objects. */
  notes: readonly Readonly<{ source: Source; notes: readonly Note[] }>[];
}>;

export type ImportOptions = Readonly<{
  /** Of what was not paused before. */
  mode: "Shadow" | "Active";
}>;

/** One policy for each target, in the order in which targets first appear. */
export function importAll(conversions: readonly Conversion[], options: ImportOptions): Imported {
  const drafts = conversions.flatMap(({ draft }) => (draft === undefined ? [] : [draft]));
  const byTarget = Map.groupBy(drafts, ({ source, target }) => targetKey(source.namespace ?? "", target));
  const made = [...byTarget.values()].map((group) => makePolicy(group, options));
  const late = Map.groupBy(
    made.flatMap(({ notes }) => notes),
    ({ source }) => source,
  );
  return {
    policies: made.flatMap(({ policy }) => policy ?? []),
    notes: conversions.map(({ source, notes }) => ({
      source,
      notes: [...notes, ...(late.get(source)?.map(({ note }) => note) ?? [])],
    })),
  };
}

type SourceNote = Readonly<{ source: Source; note: Note }>;
type Made = Readonly<{ policy: WrittenPolicy | undefined; notes: readonly SourceNote[] }>;

function makePolicy(drafts: readonly Draft[], options: ImportOptions): Made {
  const { used, surplus } = onePerAxis(drafts);
  const whole = judged(used, options);
  if (whole.policy !== undefined || used.length === 1)
    return { ...whole, notes: [...surplus, ...whole.notes] };
  // One half that is not accepted does not cost the other.
  const sound = used.filter(({ source }) => whole.notes.every((note) => note.source !== source));
  const half = sound.length === 0 ? undefined : judged(sound, options).policy;
  return { policy: half, notes: [...surplus, ...whole.notes] };
}

/** `used` has one draft for each axis, at least one in all. */
function judged(used: readonly Draft[], { mode }: ImportOptions): Made {
  const { source, target } = must(used[0], "a group has a draft");
  const spec = {
    targetRef: target,
    mode: used.some((draft) => draft.mode === "Paused") ? "Paused" : mode,
    ...block(used, "horizontal"),
    ...block(used, "vertical"),
  };
  const notes = problemsOf(spec, used);
  const { name, namespace } = source;
  const metadata = namespace === undefined ? { name } : { name, namespace };
  const policy = { apiVersion: "plimsoll.dev/v1alpha1", kind: "ScalePolicy", metadata, spec } as const;
  return { policy: notes.length === 0 ? policy : undefined, notes };
}

const AXES = ["horizontal", "vertical"] as const;
type Axis = (typeof AXES)[number];

/** Two objects that move one axis of one target fight already: the first is taken, the other told. */
function onePerAxis(drafts: readonly Draft[]): Readonly<{ used: Draft[]; surplus: SourceNote[] }> {
  const used: Draft[] = [];
  const surplus: SourceNote[] = [];
  for (const draft of drafts) {
    const rival = used.find((other) => AXES.some((axis) => bothHave(other, draft, axis)));
    if (rival === undefined) used.push(draft);
    else surplus.push({ source: draft.source, note: refusal("metadata.name", rivalMessage(draft, rival)) });
  }
  return { used, surplus };
}

const bothHave = (one: Draft, other: Draft, axis: Axis): boolean =>
  one[axis] !== undefined && other[axis] !== undefined;

const rivalMessage = ({ target }: Draft, { source }: Draft): string =>
  `${source.kind} ${source.name} scales ${target.kind} ${target.name} too, and was taken: two would fight`;

function block(drafts: readonly Draft[], axis: Axis): Readonly<Record<string, unknown>> {
  const value = drafts.find((draft) => draft[axis] !== undefined)?.[axis];
  return value === undefined ? {} : { [axis]: value };
}

/** Each complaint goes to the object that the block came from. */
function problemsOf(spec: Readonly<Record<string, unknown>>, drafts: readonly Draft[]): SourceNote[] {
  const parsed = parsePolicy(spec);
  if (parsed.kind === "valid") return [];
  const problems =
    parsed.kind === "invalid"
      ? parsed.problems
      : parsed.fields.map((field) => ({ field, message: "is not a field of a ScalePolicy" }));
  return problems.map(({ field, message }) => {
    const axis = AXES.find((name) => field.startsWith(`spec.${name}`));
    const { source } =
      drafts.find((draft) => axis !== undefined && draft[axis] !== undefined) ?? must(drafts[0], "used");
    return { source, note: refusal(`ScalePolicy ${field}`, message) };
  });
}
