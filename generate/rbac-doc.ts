/**
 * docs/rbac.md: the rights of generate/rbac.ts as a table for those who have to allow them.
 */
import { REQUESTS_ANNOTATION } from "../src/coordinate/requests/annotation.ts";
import {
  AUTHOR,
  GUARDED_NAMESPACES,
  kindsExpression,
  RESIZES,
  TARGET_KINDS,
  TEMPLATES,
} from "./deploy-admission.ts";
import { code } from "./markdown.ts";
import {
  CLUSTER_GRANTS,
  FRONT_PROXY_GRANTS,
  FRONT_PROXY_NAMESPACE,
  NAME,
  NAMESPACE,
  OWN_GRANTS,
  PEOPLE,
  RESIZE_GRANTS,
  RESIZE_ROLE,
  SCALE,
  TARGET_GRANTS,
  TARGETS,
  TARGETS_LABEL,
  TEMPLATE_GRANTS,
  TEMPLATE_ROLE,
  TLS_SECRET,
} from "./rbac.ts";
import type { Grant, Rule } from "./rbac.ts";

export function rbacDoc(): string {
  return `<!-- Written by \`npm run generate\` from generate/rbac.ts. -->

# Rights

The operator runs as ServiceAccount \`${NAMESPACE}/${NAME}\` and has the rights below, no others. A test runs it under
exactly these: it fails when a call is refused, and when a right is not used. It reads no Secret but \`${TLS_SECRET}\`, which holds its own serving certificate, changes no workload other than through \`scale\` and no pod other than through \`resize\`,
asks no kubelet for more than its metrics, and hands on no rights.

## In every namespace

ClusterRole \`${NAME}\`:

${table(CLUSTER_GRANTS)}

Followed resources are listed only where the API server does not stream lists to a watch (as it comes: before
Kubernetes 1.34). Only an event that is repeated within minutes is patched.

## What it scales

ClusterRole \`${SCALE}\`:

${table(TARGET_GRANTS)}

To keep the operator out of all but a few namespaces, delete the ClusterRoleBindings \`${SCALE}\` and \`${TARGETS}\` (below) and bind
these ClusterRoles by RoleBindings in each of those few: \`scaling.namespaces\` of the chart, and the overlay \`namespaced\`, do that ([install.md](install.md)).

### A kind of your own

Any kind with a \`scale\` subresource can be scaled. Two things make it known, and \`scaling.kinds\` of the chart does both:

1. The right, in a ClusterRole that carries the label. ClusterRole \`${TARGETS}\` gathers it by itself:

   \`\`\`yaml
   apiVersion: rbac.authorization.k8s.io/v1
   kind: ClusterRole
   metadata:
     name: ${NAME}-scale-rollouts
     labels: {${TARGETS_LABEL}: "true"}
   rules:
     - {apiGroups: [argoproj.io], resources: [rollouts/scale], verbs: [get, update]}
   \`\`\`

2. The plural of the kind, so that the API server can check whether the author of a policy may scale it (below). It is
   the first variable of the admission policy; keep the patch with your installation, for applying the manifest again
   sets the list back:

   \`\`\`sh
   kubectl patch validatingadmissionpolicy ${AUTHOR} --type json -p '${example()}'
   \`\`\`

${requestRights()}
## In its own namespace

Role \`${NAME}\` in \`${NAMESPACE}\`:

${table(OWN_GRANTS)}

## In ${FRONT_PROXY_NAMESPACE}

Role \`${NAME}-front-proxy\` in \`${FRONT_PROXY_NAMESPACE}\`:

${table(FRONT_PROXY_GRANTS)}

## For people

${PEOPLE.map(({ to, rules }) => `- \`${to}\` (and what includes it) gains ${rules.map(sentence).join("; ")}.`).join("\n")}
- \`${NAME}-metrics-reader\` may read \`/metrics\` of the operator; bind it to Prometheus' ServiceAccount.

## What it may announce

The ValidatingAdmissionPolicy \`${NAME}-apiservices\` holds the operator to its two APIServices of \`metrics.k8s.io\`: it may point them to
its own Service, give one back that it took over, and remove one that is its own. It reaches no other APIService, and a stolen token cannot point the metrics API elsewhere.

Rights to \`apiservices\`, \`clusterroles\` and \`services\` serve nothing else: with \`--metrics-api=Off\` they can be left out, as the overlay
\`metrics-api-off\` and the chart do. Without them the operator asks once at each look, is refused, and goes on.

## Who may write a policy

The ValidatingAdmissionPolicy \`${NAME}-author\` lets someone create or change a ScalePolicy only if they themselves may
update the \`scale\` of its target; with \`apply.mode: InPlace\` they must be allowed to patch \`pods/resize\` in the namespace, with
\`Template\` to patch the target itself. Kinds that it does not list are refused, and so is every policy in
${GUARDED_NAMESPACES.map(code).join(" and ")}: a policy there could scale away what the cluster, or the operator itself, lives on. The list is the policy's
first validation; whoever may edit it may shorten it. A change that leaves \`spec\` as it is (labels,
annotations) is not checked. \`${NAME}-status\` refuses a change of \`status\` by anyone but the operator, cluster
administrators included.
`;
}

function requestRights(): string {
  return `## What it resizes

ClusterRole \`${RESIZE_ROLE}\`, for policies with \`apply.mode: InPlace\`:

${table(RESIZE_GRANTS)}

Where nobody uses that mode, delete its ClusterRoleBinding; to allow it in a few namespaces only, bind the ClusterRole by a
RoleBinding in each of those. Without the right such a policy says \`NotPermitted\`. The ValidatingAdmissionPolicy \`${RESIZES}\`
refuses a resize in ${GUARDED_NAMESPACES.map(code).join(" and ")}.

## Where it may write templates

ClusterRole \`${TEMPLATE_ROLE}\`, for policies with \`apply.mode: Template\`. It is bound to nobody: whoever may patch a workload can
otherwise run any image there. Bind it in the namespaces that want it:

\`\`\`sh
kubectl create rolebinding ${TEMPLATE_ROLE} --clusterrole=${TEMPLATE_ROLE} --serviceaccount=${NAMESPACE}:${NAME} -n shop
\`\`\`

${table(TEMPLATE_GRANTS)}

The ValidatingAdmissionPolicy \`${TEMPLATES}\` holds the operator to \`cpu\` and \`memory\` in the containers' \`resources\` and to the
template's annotation \`${REQUESTS_ANNOTATION}\`: with a stolen token nobody changes an image, a command, a volume or a replica count
this way. Without the binding such a policy says \`NotPermitted\`.
`;
}

/** A JSON patch that lists one more kind. */
function example(): string {
  const value = kindsExpression({ ...TARGET_KINDS, "Rollout.argoproj.io": "rollouts" });
  return JSON.stringify([{ op: "replace", path: "/spec/variables/0/expression", value }]);
}

function table(grants: readonly Grant[]): string {
  const rows = grants.map(({ rule, why, test }) => [
    rule.verbs.join(", "),
    resourcesOf(rule),
    why,
    `\`${test}\``,
  ]);
  const lines = [["verbs", "resource", "why", "test that needs it"], ["---", "---", "---", "---"], ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function resourcesOf({ apiGroups, resources, resourceNames }: Rule): string {
  const group = apiGroups.filter((each) => each !== "").join(", ");
  const names =
    resourceNames === undefined ? "" : ` named ${resourceNames.map((each) => `\`${each}\``).join(", ")}`;
  return `${resources.map((each) => `\`${each}\``).join(", ")}${group === "" ? "" : ` (${group})`}${names}`;
}

const sentence = (rule: Rule): string => `${rule.verbs.join(", ")} on ${resourcesOf(rule)}`;
