/** S08: no manifest that is shipped asks for a right that leads into a kubelet, nor for one that holds such a right. */
import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseAllDocuments } from "yaml";
import { describe, expect, test } from "vitest";
import { CLUSTER_GRANTS, FRONT_PROXY_GRANTS, OWN_GRANTS, TARGET_GRANTS } from "../../generate/rbac.ts";
import { nameOf } from "../fail-safe/row.ts";

type Rule = Readonly<{
  verbs: readonly string[];
  resources?: readonly string[];
  apiGroups?: readonly string[];
  nonResourceURLs?: readonly string[];
}>;
type Role = Readonly<{ kind: string; metadata: { name: string }; rules?: readonly Rule[] }>;

const root = fileURLToPath(new URL("../../", import.meta.url));
/** Whatever is applied as it is; what a template has yet to make is rendered by its own tests. */
const FILES = globSync("{deploy,examples,crds}/**/*.yaml", { cwd: root }).filter(
  (file) => !file.includes("/templates/"),
);
const ROLES = FILES.flatMap((file) =>
  parseAllDocuments(readFileSync(root + file, "utf8"))
    .map((document) => document.toJS() as Role | null)
    .filter((object): object is Role => object?.kind === "ClusterRole" || object?.kind === "Role")
    .map((role) => ({ file, role })),
); // prettier-ignore

/** Each runs commands somewhere, reads others' secrets, or gives its holder more than it has. */
const NEVER = [
  "nodes/proxy", "nodes/exec", "nodes", "pods/exec", "pods/attach", "pods/portforward", "pods/proxy", "services/proxy",
  "pods/ephemeralcontainers", "serviceaccounts/token", "certificatesigningrequests/approval",
]; // prettier-ignore
/** Of nodes themselves these are only read. */
const READ = ["get", "list", "watch"];
const NEVER_VERBS = ["*", "impersonate", "escalate", "bind", "approve", "sign"];

/** What is wrong with a rule, in words. */
function wrongs({ verbs, resources = [], apiGroups = [], nonResourceURLs = [] }: Rule): readonly string[] {
  const isReading = verbs.every((verb) => READ.includes(verb));
  return [
    ...verbs.filter((verb) => NEVER_VERBS.includes(verb)),
    ...resources.filter(
      (resource) =>
        resource.includes("*") || (NEVER.includes(resource) && !(resource === "nodes" && isReading)),
    ),
    ...apiGroups.filter((group) => group === "*"),
    ...nonResourceURLs.filter((path) => path.includes("*")),
  ];
}

test(nameOf("S08"), () => {
  const rules = ROLES.flatMap(({ file, role }) => (role.rules ?? []).map((rule) => ({ file, role: role.metadata.name, rule })));
  expect(rules.length).toBeGreaterThan(10);
  for (const { file, role, rule } of rules) expect(wrongs(rule), `${file}: ${role}`).toEqual([]);
  const scraping = rules.filter(({ rule }) => rule.resources?.includes("nodes/metrics"));
  expect(scraping.length).toBeGreaterThan(0);
  for (const { rule } of scraping) expect(rule.verbs).toEqual(["get"]);
}); // prettier-ignore

test("S08 nor does the table from which manifests of every kind are made", () => {
  const grants = [...CLUSTER_GRANTS, ...TARGET_GRANTS, ...OWN_GRANTS, ...FRONT_PROXY_GRANTS];
  for (const { rule } of grants) expect(wrongs(rule)).toEqual([]);
});

describe("the lint finds", () => {
  test.each<Rule>([
    { verbs: ["get"], apiGroups: [""], resources: ["nodes/proxy"] },
    { verbs: ["get"], apiGroups: [""], resources: ["nodes/*"] },
    { verbs: ["get"], apiGroups: [""], resources: ["*"] },
    { verbs: ["patch"], apiGroups: [""], resources: ["nodes"] },
    { verbs: ["*"], apiGroups: ["apps"], resources: ["deployments"] },
    { verbs: ["get"], apiGroups: ["*"], resources: ["deployments"] },
    { verbs: ["create"], apiGroups: [""], resources: ["pods/exec"] },
    { verbs: ["impersonate"], apiGroups: [""], resources: ["users"] },
    { verbs: ["get"], nonResourceURLs: ["/*"] },
  ])("%j", (rule) => {
    expect(wrongs(rule)).not.toEqual([]);
  });
});
