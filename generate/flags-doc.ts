/** docs/flags.md: the flags of `plimsoll operator`, from the table that reads them. */
import { type Flag, OPERATOR_FLAGS } from "../src/operator-flags.ts";
import { code, markdownTable } from "./markdown.ts";

const GROUPS: readonly Readonly<{ group: Flag["group"]; title: string; note: string }>[] = [
  { group: "own", title: "The operator", note: "" },
  {
    group: "serving",
    title: "Serving",
    note: "Named and meant as metrics-server's where it has them. Without certificate files, certificates are made by the operator itself.",
  },
  {
    group: "kubelet",
    title: "Kubelets",
    note: "Named and meant as metrics-server's; defaults are those of its manifest.",
  },
  {
    group: "horizontal",
    title: "Horizontal",
    note: "Named and meant as kube-controller-manager's; a policy's `behavior` goes before them.",
  },
  {
    group: "vertical",
    title: "Vertical",
    note: "Named and meant as the VPA recommender's; what it has as flags for percentiles, margin and half-lives is in the policy.",
  },
  { group: "leader election", title: "Leader election", note: "Named and meant as client-go's." },
];

export function renderFlagsDoc(): string {
  const sections = GROUPS.map(({ group, title, note }) => {
    const rows = OPERATOR_FLAGS.filter((flag) => flag.group === group).map(row);
    return [
      `## ${title}`,
      ...(note === "" ? [] : [note]),
      markdownTable(["flag", "default", "meaning"], rows),
    ].join("\n\n");
  });
  return `<!-- Written by \`npm run generate\` from src/operator-flags.ts. -->

# Flags of \`plimsoll operator\`

\`--config FILE\` takes the same names as YAML, one a line (\`metric-resolution: 15s\`); the command line wins. Of the
environment it reads \`KUBECONFIG\`, \`POD_NAME\`, \`POD_NAMESPACE\`, \`NODE_*\`, and \`HTTPS_PROXY\` and \`NO_PROXY\` towards
the API server.

${sections.join("\n\n")}
`;
}

function row({ name, short, fallback, meaning }: Flag): string[] {
  const written = short === undefined ? code(`--${name}`) : `${code(`--${name}`)}, ${code(`-${short}`)}`;
  return [written, fallback === "" ? "" : code(String(fallback)), meaning];
}
