/**
 * Bad policies by hand, beside those of test/policy/cases.ts: what people bring along from other tools, and what
 * an attacker might store where an old CRD lets everything pass.
 */
import { CASES } from "../../policy/cases.ts";

export type Bad = Readonly<{
  name: string;
  spec: unknown;
  /** The field that is to be named. */
  field: string;
}>;

const targetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };
const spec = (fields: Readonly<Record<string, unknown>>): unknown => ({
  targetRef,
  horizontal: { maxReplicas: 9 },
  ...fields,
});
const horizontal = (fields: Readonly<Record<string, unknown>>): unknown =>
  spec({ horizontal: { maxReplicas: 9, ...fields } });
const following = (...metrics: unknown[]): unknown => horizontal({ metrics });
const cpu = {
  type: "Resource",
  resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 60 } },
};
const down = (fields: Readonly<Record<string, unknown>>): unknown =>
  horizontal({ behavior: { scaleDown: fields } });
const deep = (levels: number): unknown => (levels === 0 ? 1 : { in: deep(levels - 1) });

const MORE: readonly Bad[] = [
  { name: "a spec that is a text", spec: "scale web", field: "spec" },
  { name: "a spec that is a number", spec: 3, field: "spec" },
  { name: "a spec that is true", spec: true, field: "spec" },
  { name: "a list of targets", spec: spec({ targetRef: [targetRef] }), field: "spec.targetRef" },
  { name: "a target's uid", spec: spec({ targetRef: { ...targetRef, uid: "1" } }), field: "spec.targetRef.uid" },
  { name: "a target's fieldPath", spec: spec({ targetRef: { ...targetRef, fieldPath: "spec" } }), field: "spec.targetRef.fieldPath" },
  { name: "a name that climbs out of its path", spec: spec({ targetRef: { ...targetRef, name: "../../secrets/web" } }), field: "spec.targetRef.name" },
  { name: "a name with a query", spec: spec({ targetRef: { ...targetRef, name: "web?force=true" } }), field: "spec.targetRef.name" },
  { name: "a name with a line end", spec: spec({ targetRef: { ...targetRef, name: "web\n" } }), field: "spec.targetRef.name" },
  { name: "a name in another script", spec: spec({ targetRef: { ...targetRef, name: "wеb" } }), field: "spec.targetRef.name" },
  { name: "an apiVersion that is a host", spec: spec({ targetRef: { ...targetRef, apiVersion: "http://evil/v1" } }), field: "spec.targetRef.apiVersion" },
  { name: "a kind that is a path", spec: spec({ targetRef: { ...targetRef, kind: "pods/exec" } }), field: "spec.targetRef.kind" },
  { name: "a maximum beyond all numbers", spec: horizontal({ maxReplicas: 1e308 }), field: "spec.horizontal.maxReplicas" },
  { name: "a maximum of true", spec: horizontal({ maxReplicas: true }), field: "spec.horizontal.maxReplicas" },
  { name: "a maximum in a list", spec: horizontal({ maxReplicas: [9] }), field: "spec.horizontal.maxReplicas" },
  { name: "a minimum beyond the maximum by one", spec: horizontal({ minReplicas: 10 }), field: "spec.horizontal.maxReplicas" },
  { name: "an object of metrics", spec: horizontal({ metrics: { cpu: 60 } }), field: "spec.horizontal.metrics" },
  { name: "a metric by its name", spec: following("cpu"), field: "spec.horizontal.metrics[0]" },
  { name: "a good metric and a bad one", spec: following(cpu, { type: "Resource" }), field: "spec.horizontal.metrics[1].resource" },
  { name: "a list in a list", spec: following([cpu]), field: "spec.horizontal.metrics[0]" },
  { name: "a window of half a second", spec: down({ stabilizationWindowSeconds: 0.5 }), field: "spec.horizontal.behavior.scaleDown.stabilizationWindowSeconds" },
  { name: "a policy that is a number", spec: down({ policies: [4] }), field: "spec.horizontal.behavior.scaleDown.policies[0]" },
  { name: "a policy for no time", spec: down({ policies: [{ type: "Pods", value: 1, periodSeconds: null }] }), field: "spec.horizontal.behavior.scaleDown.policies[0].periodSeconds" },
  { name: "a key that JavaScript knows", spec: JSON.parse('{"targetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"web"},"constructor":{"prototype":{}}}'), field: "spec.constructor" },
  { name: "two hundred levels of nothing", spec: spec({ of: deep(200) }), field: "spec.of" },
  { name: "KEDA's whole ScaledObject", spec: { scaleTargetRef: { name: "web" }, minReplicaCount: 0, triggers: [] }, field: "spec.scaleTargetRef" },
]; // prettier-ignore

export const BAD: readonly Bad[] = [
  ...CASES.flatMap((row) =>
    row.verdict === "accepted" ? [] : [{ name: row.name, spec: row.spec, field: row.field }],
  ),
  ...MORE,
];
