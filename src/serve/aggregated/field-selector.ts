/**
 * `metadata.name=web-1,metadata.namespace!=kube-system`: the only two fields that can be selected by.
 * Values may escape `,`, `=` and `\` by a backslash before them.
 */

export type FieldSelector = (object: Readonly<{ name: string; namespace: string }>) => boolean;
export type FieldSelectorOutcome =
  Readonly<{ kind: "selector"; selects: FieldSelector }> | Readonly<{ kind: "malformed"; message: string }>;

const FIELDS: Readonly<Record<string, "name" | "namespace">> = {
  "metadata.name": "name",
  "metadata.namespace": "namespace",
};
const TERM = /^([^!=]+)(!=|==|=)((?:[^\\=,]|\\[\\=,])*)$/;
const COMMA = /(?<!(?<!\\)(?:\\\\)*\\),/;

export function parseFieldSelector(text: string): FieldSelectorOutcome {
  const selectors: FieldSelector[] = [];
  for (const term of text.split(COMMA)) {
    if (term === "") continue;
    const [, label = "", operator, value = ""] = TERM.exec(term) ?? [];
    if (operator === undefined)
      return malformed(`invalid field selector ${JSON.stringify(text)}: cannot read "${term}"`);
    const field = Object.hasOwn(FIELDS, label) ? FIELDS[label] : undefined;
    if (field === undefined)
      return malformed(`"${label}" cannot be selected by, only "metadata.name" and "metadata.namespace"`);
    const wanted = value.replaceAll(/\\([\\=,])/g, "$1");
    selectors.push((object) => (object[field] === wanted) === (operator !== "!="));
  }
  return { kind: "selector", selects: (object) => selectors.every((holds) => holds(object)) };
}

const malformed = (message: string): FieldSelectorOutcome => ({ kind: "malformed", message });
