/**
 * What an autoscaler of another kind becomes: half or all of a ScalePolicy, and a note for each field that is
 * not the same here.
 */
import type { TargetReference } from "../cluster/workload.ts";
import type { Fields } from "./fields.ts";

/**
 * `left-out`: has no equivalent, and what that means. `changed`: is written otherwise here. `refused`:
 * nothing can be made of the object, or the result would not be accepted.
 */
export type NoteKind = "left-out" | "changed" | "refused";
export type Note = Readonly<{ kind: NoteKind; field: string; message: string }>;

/** Where a note or a policy comes from. */
export type Source = Readonly<{ kind: string; namespace: string | undefined; name: string }>;

/** Blocks of a ScalePolicy's spec, as a person would write them. */
export type Draft = Readonly<{
  source: Source;
  target: TargetReference;
  mode: "Active" | "Paused";
  horizontal: Readonly<Record<string, unknown>> | undefined;
  vertical: Readonly<Record<string, unknown>> | undefined;
}>;

export type Conversion = Readonly<{
  source: Source;
  /** undefined: there is nothing to write; a note of kind `refused` says why. */
  draft: Draft | undefined;
  notes: readonly Note[];
}>;

export const leftOut = (field: string, message: string): Note => ({ kind: "left-out", field, message });
export const changed = (field: string, message: string): Note => ({ kind: "changed", field, message });
export const refusal = (field: string, message: string): Note => ({ kind: "refused", field, message });

/** One note for each field that nobody took. */
export const leftovers = (fields: Fields): readonly Note[] =>
  fields.untaken().map(({ path, value }) => leftOut(path, `${excerpt(value)} has no equivalent`));

/** Group versions that are gone, as old manifests still have them. */
const OLD_GROUPS = new Set(["extensions/v1beta1", "apps/v1beta1", "apps/v1beta2"]);
const APPS_KINDS = new Set(["Deployment", "StatefulSet", "ReplicaSet", "DaemonSet"]);
const GROUP_AND_VERSION = "apps/v1";

/** `scaleTargetRef` or `targetRef`: what is scaled, in today's words. undefined when it names nothing. */
export function targetOf(
  reference: Fields,
  fallbackKind?: string,
): Readonly<{ target: TargetReference | undefined; notes: readonly Note[] }> {
  const kind = reference.text("kind") ?? fallbackKind;
  const name = reference.text("name");
  const written = reference.text("apiVersion");
  if (kind === undefined || name === undefined)
    return { target: undefined, notes: [refusal(reference.path, "names no kind and name to scale")] };
  const apiVersion = currentVersion(written, kind);
  if (apiVersion === undefined) {
    const field = `${reference.path}.apiVersion`;
    return { target: undefined, notes: [refusal(field, `is needed for ${kind}: write group/version`)] };
  }
  const notes =
    written === apiVersion || (written === undefined && fallbackKind !== undefined)
      ? []
      : [changed(`${reference.path}.apiVersion`, `${written ?? "left empty"} is written ${apiVersion}`)];
  return { target: { apiVersion, kind, name }, notes };
}

function currentVersion(written: string | undefined, kind: string): string | undefined {
  const apps = APPS_KINDS.has(kind) && (written === undefined || OLD_GROUPS.has(written));
  return apps ? GROUP_AND_VERSION : written;
}

const EXCERPT_LENGTH_MAX = 60;

/** What was written, short enough for a line. */
export function excerpt(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length <= EXCERPT_LENGTH_MAX ? text : `${text.slice(0, EXCERPT_LENGTH_MAX - 1)}…`;
}
