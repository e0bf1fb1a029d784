/**
 * Objects with marks in them become the text of a Helm template. A mark is a string in brackets that appear nowhere else:
 *
 *   ⟦.Values.replicas⟧            its value, within a line                           {{ .Values.replicas }}
 *   key: ⟦block .Values.affinity⟧ a value of many lines, indented as its key          {{- toYaml … | nindent 8 }}
 *   ⟦lines include "labels" $⟧    lines of their own, among the keys or items here     {{- include … | nindent 4 }}
 *   ⟦begin .Values.tolerations⟧   until ⟦end⟧, only if that is not empty               {{- if … }} … {{- end }}
 *
 * Invariant: without marks an object's template is its YAML, but for the namespace, which is that of the release.
 */
import { assert } from "../../src/base/assert.ts";
import { documentOf } from "../deploy.ts";
import { NAMESPACE } from "../rbac.ts";

export const valueOf = (expression: string): string => `⟦${expression}⟧`;
export const blockOf = (expression: string): string => `⟦block ${expression}⟧`;
/** Lines among the items of a list. */
export const linesOf = (expression: string): string => `⟦lines ${expression}⟧`;
const beginOf = (expression: string): string => `⟦begin ${expression}⟧`;
const END = "⟦end⟧";

type Mapping = Readonly<Record<string, unknown>>;

/** Lines among the keys of a mapping. */
export const linesIn = (expression: string): Mapping => ({ [linesOf(expression)]: "" });

/** The same of a value; none where the value is empty. */
export const itemsOf = (expression: string): string => linesOf(`with ${expression}`);

/** Keys that are there only if the expression is not empty. */
export const keysIf = (expression: string, keys: Mapping): Mapping => ({
  [beginOf(expression)]: "",
  ...keys,
  [END.replace("end", `end of ${expression}`)]: "",
});

/** Items of a list that are there only if the expression is not empty. */
export const itemsIf = (expression: string, items: readonly unknown[]): unknown[] => [
  beginOf(expression),
  ...items,
  END,
];

/** A whole template file; `only`: an expression without which there is nothing in it. */
export function templateOf(object: object, only?: string): string {
  const plain = documentOf(object, 0);
  assert(!plain.includes("{{"), "a template's own words hold no template code");
  const text = inNamespaceOfRelease(plain.split("\n").map(lineOf).join("\n"));
  return only === undefined ? text : `{{- if ${only} }}\n${text}{{- end }}\n`;
}

/** A line that is nothing but a mark, as a key or as an item. */
const ALONE = /^( *)(?:- )?"?⟦(begin|end|lines)(?: ([^⟧]+))?⟧"?(?:: "")?$/;
const BLOCK = /^( *)((?:- )?)([^ ][^⟦]*): "?⟦block ([^⟧]+)⟧"?$/;

function lineOf(line: string): string {
  const alone = ALONE.exec(line);
  if (alone !== null) return lineAlone(alone);
  const block = BLOCK.exec(line);
  if (block === null) return line.replace(/⟦([^⟧]+)⟧/g, "{{ $1 }}");
  const [indent = "", dash = "", key = "", expression = ""] = block.slice(1);
  const deep = indent.length + dash.length + 2;
  return `${indent}${dash}${key}: {{- toYaml ${expression} | nindent ${deep} }}`;
}

function lineAlone([, indent = "", kind, expression = ""]: RegExpExecArray): string {
  const deep = indent.length;
  if (kind === "begin") return `${indent}{{- if ${expression} }}`;
  if (kind === "end") return `${indent}{{- end }}`;
  const optional = /^with (.+)$/.exec(expression)?.[1];
  if (optional === undefined) return `${indent}{{- ${expression} | nindent ${deep} }}`;
  return `${indent}{{- with ${optional} }}{{- toYaml . | nindent ${deep} }}{{- end }}`;
}

/** Quoted where it is a whole value: a namespace may be named 123. */
const inNamespaceOfRelease = (text: string): string =>
  text
    .replace(new RegExp(`(: |- )${NAMESPACE}$`, "gm"), "$1{{ $$.Release.Namespace | quote }}")
    .replaceAll(NAMESPACE, "{{ $$.Release.Namespace }}");
