/**
 * Who may write a ScalePolicy, as admission policies that the API server evaluates itself: no webhook that can fail.
 *
 * Invariant: nobody gets through a policy what they could not do with their own hands, and nobody but the operator says
 * in `status` what the operator did.
 */
import { REPLACED } from "../src/real/apiserver/aggregation/registrations.ts";
import { REQUESTS_ANNOTATION } from "../src/coordinate/requests/annotation.ts";
import { API_SERVICES, type KubernetesObject, LABELS, NAME, NAMESPACE, OPERATOR_USER } from "./rbac.ts";

export const AUTHOR = `${NAME}-author`;
const STATUS = `${NAME}-status`;
export const ANNOUNCEMENT = `${NAME}-apiservices`;
export const TEMPLATES = `${NAME}-templates`;
export const RESIZES = `${NAME}-resizes`;
const API = "admissionregistration.k8s.io/v1";
const BY_THE_OPERATOR = {
  name: "by-the-operator",
  expression: `request.userInfo.username == '${OPERATOR_USER}'`,
};

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
  const policies = [authorPolicy(), statusPolicy(), announcementPolicy(), templatePolicy(), resizePolicy()];
  const bindings = [AUTHOR, STATUS, ANNOUNCEMENT, TEMPLATES, RESIZES].map(bindingOf);
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
      {
        name: "apply",
        expression:
          "has(object.spec.vertical) && has(object.spec.vertical.apply) && has(object.spec.vertical.apply.mode) " +
          "? object.spec.vertical.apply.mode : 'Off'",
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
      ...applyValidations(target),
    ],
  });
}

/** What a policy's `apply.mode` will do to pods or templates, its author could do with their own hands. */
function applyValidations(target: string): object[] {
  const may = (mode: string, check: string, lacks: string): object => ({
    expression: `variables.apply != '${mode}' || variables.plural == '' || ${check}`,
    messageExpression:
      `'spec.vertical.apply.mode: you may not ' + ${lacks} + ' in namespace ' + request.namespace + ` +
      `', so a ScalePolicy of yours with mode ${mode} may not either'`,
    reason: "Forbidden",
  });
  const workload =
    `authorizer.group(variables.group).resource(variables.plural).namespace(request.namespace)` +
    `.name(${target}.name).check('patch').allowed()`;
  const resize =
    "authorizer.group('').resource('pods').subresource('resize').namespace(request.namespace)" +
    ".check('patch').allowed()";
  return [
    may("InPlace", resize, "'patch pods/resize'"),
    may("Template", workload, `'patch ' + variables.plural + ' ' + ${target}.name`),
  ];
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
    matchConditions: [BY_THE_OPERATOR],
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

/** Every key but these has the same value in both, and none comes or goes. */
function sameMapBut(now: string, old: string, free: readonly string[]): string {
  const isFree = `k in ${JSON.stringify(free)}`;
  return (
    `${now}.all(k, ${isFree} || (k in ${old} && ${now}[k] == ${old}[k])) && ` +
    `${old}.all(k, ${isFree} || k in ${now})`
  );
}

const sameBut = (path: string, free: readonly string[]): string =>
  sameMapBut(`object${path}`, `oldObject${path}`, free);

/** A map inside an object, or an empty one: every step but the first may be missing. */
const mapAt = (object: string, ...steps: string[]): string =>
  `${object}${steps.map((step) => `.?${step}`).join("")}.orValue({})`;

/**
 * The operator itself, held to what a template may have of it: cpu and memory of its containers, and the annotation that
 * says what was there before. Whoever steals its token can run no other image with it.
 */
function templatePolicy(): KubernetesObject {
  const spec = "spec.template.spec";
  const amounts = (name: string): string =>
    sameMapBut(mapAt("c", "resources", name), mapAt("o", "resources", name), ["cpu", "memory"]);
  const container = [
    sameMapBut("c", "o", ["resources"]),
    sameMapBut(mapAt("c", "resources"), mapAt("o", "resources"), ["requests", "limits"]),
    amounts("requests"),
    amounts("limits"),
  ].join(" && ");
  const annotations = (object: string): string => mapAt(`${object}.spec.template`, "metadata", "annotations");
  const checks: readonly (readonly [string, string])[] = [
    ["request.operation == 'UPDATE'", "the operator makes and deletes no workload"],
    [
      `!(request.namespace in ${JSON.stringify(GUARDED_NAMESPACES)})`,
      "the operator changes no workload here",
    ],
    [
      `${sameBut(".metadata", ["managedFields", "resourceVersion", "generation"])} && ${sameBut(".spec", ["template"])}`,
      "the operator changes nothing of a workload but its template",
    ],
    [
      `${sameBut(".spec.template", ["metadata", "spec"])} && ${sameBut(`.${spec}`, ["containers"])} && ` +
        `${sameBut(".spec.template.metadata", ["annotations"])} && ` +
        sameMapBut(annotations("object"), annotations("oldObject"), [REQUESTS_ANNOTATION]),
      `the operator changes nothing of a template but resources and the annotation ${REQUESTS_ANNOTATION}`,
    ],
    [
      `object.${spec}.containers.map(c, c.name) == oldObject.${spec}.containers.map(o, o.name) && ` +
        `object.${spec}.containers.all(c, oldObject.${spec}.containers.filter(o, o.name == c.name).all(o, ${container}))`,
      "the operator changes nothing of a container but its requests and limits of cpu and memory",
    ],
  ];
  return policy(TEMPLATES, ["CREATE", "UPDATE", "DELETE"], ["deployments", "statefulsets"], {
    group: "apps",
    matchConditions: [BY_THE_OPERATOR],
    validations: checks.map(([expression, message]) => ({ expression, message, reason: "Forbidden" })),
  });
}

/** A resize changes cpu and memory alone, the API server sees to that; where, we do. */
function resizePolicy(): KubernetesObject {
  return policy(RESIZES, ["UPDATE"], "pods/resize", {
    group: "",
    matchConditions: [BY_THE_OPERATOR],
    validations: [
      {
        expression: `!(request.namespace in ${JSON.stringify(GUARDED_NAMESPACES)})`,
        message: "the operator resizes no pod here: cluster and operator live in this namespace",
        reason: "Forbidden",
      },
    ],
  });
}

type PolicySpec = Readonly<{ group?: string; validations: readonly object[] } & Record<string, unknown>>;

function policy(
  name: string,
  operations: string[],
  resources: string | readonly string[],
  spec: PolicySpec,
): KubernetesObject {
  const { group = "plimsoll.dev", ...rest } = spec;
  const rule = {
    apiGroups: [group],
    apiVersions: ["*"],
    operations,
    resources: [resources].flat(),
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
