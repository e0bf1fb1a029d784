/**
 * deploy/chart: every file of the chart but its helpers and notes.
 */
import { Document, type Pair, type Scalar, type YAMLMap, isMap, stringify } from "yaml";
import type { GeneratedFile } from "../generated-file.ts";
import { HIGHLY_AVAILABLE } from "../ha.ts";
import { code, markdownTable } from "../markdown.ts";
import { VERSION } from "../deploy.ts";
import { chartTemplates } from "./objects.ts";
import { type Schema, VALUES } from "./values.ts";

const HEAD = "# Written by `npm run generate` from generate/chart/: change it there.\n";
const WRITTEN = "<!-- Written by `npm run generate` from generate/chart/. -->";

export const CHART_FILES: readonly GeneratedFile[] = [
  { path: "deploy/chart/Chart.yaml", render: () => HEAD + stringify(chart()) },
  { path: "deploy/chart/values.yaml", render: () => HEAD + valuesText() },
  { path: "deploy/chart/values-ha.yaml", render: () => HEAD + stringify(HIGHLY_AVAILABLE, PLAIN) },
  { path: "deploy/chart/values.schema.json", render: () => `${JSON.stringify(valuesSchema(), null, 2)}\n` },
  { path: "deploy/chart/README.md", render: readme },
  ...[...chartTemplates()].map(([name, text]) => ({
    path: `deploy/chart/templates/${name}`,
    render: () => HEAD + text,
  })),
];

const PLAIN = { aliasDuplicateObjects: false } as const;

const chart = (): object => ({
  apiVersion: "v2",
  name: "plimsoll",
  description:
    "The load line for Kubernetes workloads: one operator that measures, decides, scales, and says why.",
  type: "application",
  version: VERSION,
  appVersion: VERSION,
  kubeVersion: ">=1.34.0-0",
  keywords: ["autoscaling", "metrics"],
  annotations: { "artifacthub.io/license": "Apache-2.0" },
});

type Tree = { [key: string]: unknown };

/** `image.tag` is `tag` in `image`; each value made by `leaf`. */
function nested(leaf: (value: (typeof VALUES)[number]) => unknown): Tree {
  const root: Tree = {};
  for (const value of VALUES) {
    const [group = "", name] = value.path.split(".");
    if (name === undefined) root[group] = leaf(value);
    else root[group] = { ...(root[group] as Tree | undefined), [name]: leaf(value) };
  }
  return root;
}

function valuesText(): string {
  const document = new Document(
    nested(({ fallback }) => fallback),
    PLAIN,
  );
  const meanings = new Map(VALUES.map(({ path, meaning }) => [path, meaning]));
  const explain = (map: YAMLMap, prefix: string): void => {
    for (const { key, value } of map.items as Pair<Scalar, unknown>[]) {
      const path = `${prefix}${String(key.value)}`;
      const meaning = meanings.get(path);
      if (meaning !== undefined) key.commentBefore = ` ${meaning}`;
      else if (isMap(value)) explain(value, `${path}.`);
    }
  };
  if (isMap(document.contents)) explain(document.contents as YAMLMap, "");
  return document.toString({ lineWidth: 0 });
}

/** Unknown keys are refused: a misspelt value that does nothing is worse than one that is refused. */
function valuesSchema(): object {
  const closed = (properties: object): Schema => ({
    type: "object",
    additionalProperties: false,
    properties,
  });
  const described = nested(({ schema, meaning }) => ({ description: meaning, ...schema }));
  const groups = new Set(
    VALUES.filter(({ path }) => path.includes(".")).map(({ path }) => path.split(".")[0]),
  );
  const properties = Object.fromEntries(
    Object.entries(described).map(([key, value]) => [key, groups.has(key) ? closed(value as object) : value]),
  );
  // Helm puts `global` into the values of a chart that another one depends on
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    ...closed({ ...properties, global: { type: "object" } }),
  };
}

function readme(): string {
  const rows = VALUES.map(({ path, fallback, meaning }) => [
    code(path),
    code(JSON.stringify(fallback)),
    meaning,
  ]);
  return `${WRITTEN}

# The chart of Plimsoll

    helm install plimsoll deploy/chart --namespace plimsoll-system --create-namespace --wait

With no values it installs what \`deploy/plimsoll.yaml\` does, object for object; only the Namespace is made by Helm. One release a cluster.
Install, upgrade, uninstall and what happens to policies then: docs/install.md.

${markdownTable(["value", "default", "meaning"], rows)}

A key that is not in this table is refused. \`values-ha.yaml\` beside this file holds the values for high availability.
`;
}
