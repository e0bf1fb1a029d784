/**
 * An object's own data: its name is kept, what the API server wrote is nobody's wish, and all that people
 * wrote besides is told.
 */
import { leftOut, type Note, type Source } from "./draft.ts";
import { Fields } from "./fields.ts";

/** Filled in by the API server: state, not wishes. */
const SERVER_FIELDS = [
  "uid",
  "resourceVersion",
  "generation",
  "creationTimestamp",
  "deletionTimestamp",
  "managedFields",
  "selfLink",
];
/** Left by tools for themselves. */
const TOOL_ANNOTATIONS = [
  "kubectl.kubernetes.io/last-applied-configuration",
  "autoscaling.alpha.kubernetes.io/conditions",
  "autoscaling.alpha.kubernetes.io/current-metrics",
];

export type Opened = Readonly<{
  source: Source;
  annotations: Fields;
  spec: Fields;
  owners: readonly Fields[];
  /** For what nobody has taken by the end. */
  metadata: Fields;
}>;

/** Takes an object apart; `kind` and `apiVersion` have chosen the reader already. */
export function openObject(object: Readonly<Record<string, unknown>>): Opened {
  const whole = new Fields("", object);
  const metadata = whole.object("metadata");
  for (const field of SERVER_FIELDS) metadata.take(field);
  const annotations = metadata.object("annotations");
  for (const annotation of TOOL_ANNOTATIONS) annotations.take(annotation);
  const source = {
    kind: whole.text("kind") ?? "",
    namespace: metadata.text("namespace"),
    name: metadata.text("name") ?? "",
  };
  return {
    source,
    annotations,
    metadata,
    owners: metadata.list("ownerReferences"),
    spec: whole.object("spec"),
  };
}

/** Labels and annotations are often a tool's own: they are named, not copied. */
export function metadataNotes({ metadata }: Opened): readonly Note[] {
  const untaken = metadata.untaken().map(({ path }) => path);
  if (untaken.length === 0) return [];
  return [
    leftOut("metadata", `not copied: ${untaken.map((path) => path.replace(/^metadata\./, "")).join(", ")}`),
  ];
}
