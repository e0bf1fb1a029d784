/**
 * Who may write a ScalePolicy, as admission policies that the API server evaluates itself: no webhook that can fail.
 *
 * Invariant: nobody gets through a policy what they could not do with their own hands, and nobody but the operator says
 * in `status` what the operator did.
 */
import { REPLACED } from "../src/real/apiserver/aggregation/registrations.ts";
import { API_SERVICES, type KubernetesObject, LABELS, NAME, NAMESPACE, OPERATOR_USER } from "./rbac.ts";

export const AUTHOR = `${NAME}-author`;
const STATUS = `${NAME}-status`;
export const ANNOUNCEMENT = `${NAME}-apiservices`;
const API = "admissionregistration.k8s.io/v1";

/**
 * Kind and group → plural, for an admission policy cannot ask discovery. A literal in the policy and not a ConfigMap as
 * its parameter: once a policy with such a parameter is removed and comes again, the API server never finds the ConfigMap
 * again until it is restarted (kubernetes/kubernetes#130887), and until then nobody could write a ScalePolicy.
 */
export const TARGET_KINDS: Readonly<Record<string, string>> = {
  "Deployment.apps": "deployments",
  "StatefulSet.apps": "statefulsets",
};

/** Where no workload is scaled: what keeps the cluster itself running, and this operator, which could scale itself away. */
export const GUARDED_NAMESPACES: readonly string[] = ["kube-system", NAMESPACE];

export function admissionObjects(): KubernetesObject[] {
  const policies = [authorPolicy(), statusPolicy(), announcementPolicy()];
  const bindings = [AUTHOR, STATUS, ANNOUNCEMENT].map(bindingOf);
  return policies.flatMap((one, at) => [one, ...bindings.slice(at, at + 1)]);
}

/** A map literal of CEL; JSON of plain strings is one. */
export const kindsExpression = (kinds: Readonly<Record<string, string>>): string => JSON.stringify(kinds);

/** One validation per right, so that the message names the right that is lacking. */
function authorPolicy(): KubernetesObject {
  const target = "object.spec.targetRef";
  const scale = "authorizer.group(variables.group).resource(variables.plural).subresource('scale')";
  return policy(AUTHOR, ["CREATE", "UPDATE"], "scalepolicies", {
    matchConditions: [
      { name: "spec-changed", expression: "request.operation == 'CREATE' || object.spec != oldObject.spec" },
    ],
    variables: [
      // the first, so that a patch finds it (docs/rbac.md)
      { name: "kinds", expression: kindsExpression(TARGET_KINDS) },
      {
        name: "group",
        expression: `${target}.apiVersion.contains('/') ? ${target}.apiVersion.split('/')[0] : ''`,
      },
      {
        name: "key",
        expression: `variables.group == '' ? ${target}.kind : ${target}.kind + '.' + variables.group`,
      },
      {
        name: "plural",
        expression: "variables.key in variables.kinds ? variables.kinds[variables.key] : ''",
      },
    ],
    validations: [
      {
        expression: `!(request.namespace in ${JSON.stringify(GUARDED_NAMESPACES)})`,
        message: `no workload of ${GUARDED_NAMESPACES.join(" or ")} is scaled: cluster and operator live there (docs/rbac.md)`,
        reason: "Forbidden",
      },
      {
        expression: "variables.plural != ''",
        messageExpression:
          `'spec.targetRef: ' + variables.key + ' is not listed in ValidatingAdmissionPolicy ${AUTHOR}; ` +
          `a cluster administrator adds it there and lets the operator scale it (docs/rbac.md)'`,
        reason: "Forbidden",
      },
      {
        expression:
          `variables.plural == '' || ${scale}` +
          `.namespace(request.namespace).name(${target}.name).check('update').allowed()`,
        messageExpression:
          `'spec.targetRef: you may not update ' + variables.plural + '/scale of ' + ${target}.name + ` +
          `' in namespace ' + request.namespace + ', so a ScalePolicy of yours may not either'`,
        reason: "Forbidden",
      },
    ],
  });
}

function statusPolicy(): KubernetesObject {
  return policy(STATUS, ["UPDATE"], "scalepolicies/status", {
    validations: [
      {
        expression: `request.userInfo.username == '${OPERATOR_USER}'`,
        message: "status of a ScalePolicy says what the operator did, and only the operator writes it",
        reason: "Forbidden",
      },
    ],
  });
}

/**
 * The operator itself, held to its two APIServices and its own Service. What it took over it may give back: to the service
 * that the annotation names, and nobody else.
 */
function announcementPolicy(): KubernetesObject {
  const isOurs = (object: string): string =>
    `has(${object}.spec.service) && ${object}.spec.service.namespace == '${NAMESPACE}' && ` +
    `${object}.spec.service.name == '${NAME}'`;
  const replaced = `'${REPLACED}'`;
  const isGivenBack =
    `oldObject != null && (${isOurs("oldObject")}) && has(oldObject.metadata.annotations) && ` +
    `${replaced} in oldObject.metadata.annotations && has(object.spec.service) && ` +
    `oldObject.metadata.annotations[${replaced}].contains('"namespace":"' + object.spec.service.namespace + ` +
    `'","name":"' + object.spec.service.name + '"')`;
  return policy(ANNOUNCEMENT, ["CREATE", "UPDATE", "DELETE"], "apiservices", {
    group: "apiregistration.k8s.io",
    matchConditions: [
      { name: "by-the-operator", expression: `request.userInfo.username == '${OPERATOR_USER}'` },
    ],
    validations: [
      {
        expression: `request.name in ${JSON.stringify(API_SERVICES)}`,
        message: `the operator has APIServices ${API_SERVICES.join(" and ")}, and no others`,
        reason: "Forbidden",
      },
      {
        expression: `request.operation == 'DELETE' ? (${isOurs("oldObject")}) : ((${isOurs("object")}) || (${isGivenBack}))`,
        message: `the operator points APIServices to Service ${NAMESPACE}/${NAME} only, and removes only those`,
        reason: "Forbidden",
      },
    ],
  });
}

type PolicySpec = Readonly<{ group?: string; validations: readonly object[] } & Record<string, unknown>>;

function policy(name: string, operations: string[], resource: string, spec: PolicySpec): KubernetesObject {
  const { group = "plimsoll.dev", ...rest } = spec;
  const rule = {
    apiGroups: [group],
    apiVersions: ["*"],
    operations,
    resources: [resource],
    scope: "*",
  };
  return {
    apiVersion: API,
    kind: "ValidatingAdmissionPolicy",
    metadata: { name, labels: LABELS },
    spec: { failurePolicy: "Fail", matchConstraints: { resourceRules: [rule] }, ...rest },
  };
}

function bindingOf(name: string): KubernetesObject {
  return {
    apiVersion: API,
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name, labels: LABELS },
    spec: { policyName: name, validationActions: ["Deny"] },
  };
}
