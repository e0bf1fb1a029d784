/**
 * deploy/plimsoll.yaml on the control plane of this run, and what can be asked about the rights it gives.
 */
import { established } from "./crds.ts";
import { readFileSync } from "node:fs";
import {
  CLUSTER_GRANTS,
  FRONT_PROXY_GRANTS,
  FRONT_PROXY_NAMESPACE,
  NAME,
  NAMESPACE,
  OPERATOR_USER,
  OWN_GRANTS,
  RESIZE_GRANTS,
  TARGET_GRANTS,
  TEMPLATE_GRANTS,
} from "../../generate/rbac.ts";
import type { Grant } from "../../generate/rbac.ts";
import type { AuditEvent, ControlPlane } from "./control-plane.ts";

export const MANIFEST = readFileSync(new URL("../../deploy/plimsoll.yaml", import.meta.url), "utf8");

/** One verb on one resource, as RBAC sees it. */
export type Right = Readonly<{
  verb: string;
  group: string;
  /** With the subresource: `deployments/scale`. */
  resource: string;
  namespace?: string | undefined;
  name?: string | undefined;
}>;

/** Applies the manifest and returns when it is in effect. */
export async function installManifest(plane: ControlPlane): Promise<void> {
  await plane.apply(MANIFEST);
  await inEffect(plane);
}

/** Until what takes effect a moment after it was applied does: the CRD, admission and gathered rights. */
export async function inEffect(plane: ControlPlane): Promise<void> {
  await established(plane, "scalepolicies.plimsoll.dev");
  await until("gathered rights", () =>
    mayOperator(plane, { verb: "get", group: "apps", resource: "deployments/scale" }),
  );
  await until("admission", async () => (await createPolicyOfUnknownKind(plane)) === 403);
}

/** Nodes to choose from, before there are pods: those go to whatever is ready first. */
export async function addReadyNodes(plane: ControlPlane, count: number): Promise<void> {
  for (const node of await plane.addKwokNodes(count))
    await plane.kubectl("wait", "--for=condition=Ready", `node/${node}`, "--timeout=55s");
}

/** Takes it away again, policies included, and waits until it is gone. */
export async function uninstallManifest(plane: ControlPlane): Promise<void> {
  await plane.kubectlWith({ input: MANIFEST }, "delete", "-f", "-", "--ignore-not-found", "--timeout=50s");
}

/** The first step of an uninstallation by hand: what owns the APIServices goes, and they with it. */
export async function withdrawAnnouncement(plane: ControlPlane): Promise<void> {
  await plane.kubectl("delete", "clusterrole", NAME, "--ignore-not-found");
  const ours = ["-l", `app.kubernetes.io/name=${NAME}`];
  await plane.kubectl("wait", "--for=delete", "apiservice", ...ours, "--timeout=55s");
}

/** Nothing is stored: a dry run. */
async function createPolicyOfUnknownKind(plane: ControlPlane): Promise<number> {
  const path = "/apis/plimsoll.dev/v1alpha1/namespaces/default/scalepolicies?dryRun=All";
  const targetRef = { apiVersion: "unknown.example.com/v1", kind: "Unknown", name: "x" };
  const { status } = await plane.request("POST", path, { body: policyObject("probe", targetRef) });
  return status;
}

export type TargetRef = Readonly<{ apiVersion: string; kind: string; name: string }>;

export function policyObject(name: string, targetRef: TargetRef, maxReplicas = 5): object {
  return {
    apiVersion: "plimsoll.dev/v1alpha1",
    kind: "ScalePolicy",
    metadata: { name },
    spec: { targetRef, horizontal: { maxReplicas } },
  };
}

export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (await holds()) return;
    await new Promise((settle) => setTimeout(settle, 100));
  }
  throw new Error(`${what}: not within 30 s`);
}

export const mayOperator = (plane: ControlPlane, right: Right): Promise<boolean> =>
  may(
    plane,
    { user: OPERATOR_USER, groups: ["system:serviceaccounts", `system:serviceaccounts:${NAMESPACE}`] },
    right,
  );

/** Asks the API server, which knows best. */
export async function may(
  plane: ControlPlane,
  who: Readonly<{ user: string; groups?: readonly string[] }>,
  { verb, group, resource: full, namespace, name }: Right,
): Promise<boolean> {
  const [resource, subresource] = full.split("/");
  const resourceAttributes = { verb, group, resource, subresource, namespace, name };
  const path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
  const { status, body } = await plane.request("POST", path, {
    body: { spec: { ...who, resourceAttributes } },
  });
  if (status !== 201) throw new Error(`SubjectAccessReview: ${status} ${JSON.stringify(body)}`);
  return (body as { status: { allowed: boolean } }).status.allowed;
}

/**
 * The rights of the table, one by one: all that the manifest gives, or those that one test needs, which may bind more.
 * Those of a Role are in its namespace.
 */
export function grantedRights(neededBy?: string): Right[] {
  const rights = (grants: readonly Grant[], namespace?: string): Right[] =>
    grants
      .filter(({ test }) => neededBy === undefined || test === neededBy)
      .flatMap((grant) => rightsOf(grant, namespace));
  return [
    ...rights([...CLUSTER_GRANTS, ...TARGET_GRANTS, ...RESIZE_GRANTS]),
    ...rights(neededBy === undefined ? [] : TEMPLATE_GRANTS),
    ...rights(OWN_GRANTS, NAMESPACE),
    ...rights(FRONT_PROXY_GRANTS, FRONT_PROXY_NAMESPACE),
  ];
}

function rightsOf({ rule }: Grant, namespace?: string): Right[] {
  const names = rule.resourceNames ?? [undefined];
  return rule.apiGroups.flatMap((group) =>
    rule.resources.flatMap((resource) =>
      rule.verbs.flatMap((verb) => names.map((name) => ({ verb, group, resource, namespace, name }))),
    ),
  );
}

/** Granted (for the sake of one test, if it is named), and not asked for in these calls: such as `list pods`. */
export function unusedRights(events: readonly AuditEvent[], neededBy?: string): string[] {
  const used = new Set(events.map(({ verb, resource, group }) => rightText({ verb, resource, group })));
  return grantedRights(neededBy)
    .map(rightText)
    .filter((right) => !used.has(right));
}

/** Calls that the API server refused for want of a right, as sentences. */
export function forbiddenCalls(events: readonly AuditEvent[]): string[] {
  const refused = events.filter(({ status }) => status === 401 || status === 403);
  return refused.map(({ verb, path, status }) => `${verb} ${path}: ${status}`);
}

/** `update deployments/scale (apps)`. */
export const rightText = ({ verb, resource, group }: Pick<Right, "verb" | "resource" | "group">): string =>
  `${verb} ${resource}${group === "" ? "" : ` (${group})`}`;
