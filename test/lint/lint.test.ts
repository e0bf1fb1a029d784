import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { readObjects } from "../../src/lint/manifest.ts";
import { lint, RULES } from "../../src/lint/rules.ts";

type Container = Readonly<{ requests?: object; limits?: object; name?: string; init?: string }>;

const deployment = (
  containers: readonly Container[],
  more: object = {},
  annotations: object = {},
): object => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "shop" },
  spec: {
    ...more,
    template: {
      metadata: { annotations },
      spec: {
        containers: containers
          .filter(({ init }) => init === undefined)
          .map(({ name = "app", requests = {}, limits = {} }) => ({ name, resources: { requests, limits } })),
        initContainers: containers
          .filter(({ init }) => init !== undefined)
          .map(({ name = "init", requests = {}, init }) => ({
            name,
            restartPolicy: init,
            resources: { requests },
          })),
      },
    },
  },
});

const WEB = "{apiVersion: apps/v1, kind: Deployment, name: web}";

function policy(metrics: string, more = "", name = "web", mode = "Active"): object {
  const horizontal = `horizontal: {maxReplicas: 9, metrics: [${metrics}] ${more}}`;
  return parse(
    `{apiVersion: plimsoll.dev/v1alpha1, kind: ScalePolicy, metadata: {name: ${name}, namespace: shop}, spec: {targetRef: ${WEB}, mode: ${mode}, ${horizontal}}}`,
  ) as object;
}

function hpa(metrics: string, version = "v2"): object {
  return parse(
    `{apiVersion: autoscaling/${version}, kind: HorizontalPodAutoscaler, metadata: {name: web-hpa, namespace: shop}, spec: {scaleTargetRef: ${WEB}, maxReplicas: 9, metrics: [${metrics}]}}`,
  ) as object;
}

const vpa = (spec: string): object =>
  parse(
    `{apiVersion: autoscaling.k8s.io/v1, kind: VerticalPodAutoscaler, metadata: {name: web-vpa, namespace: shop}, spec: {targetRef: ${WEB}, ${spec}}}`,
  ) as object;

const utilization = (resource: string, percent: number, container?: string): string => {
  const target = `target: {type: Utilization, averageUtilization: ${percent}}`;
  return container === undefined
    ? `{type: Resource, resource: {name: ${resource}, ${target}}}`
    : `{type: ContainerResource, containerResource: {name: ${resource}, container: ${container}, ${target}}}`;
};
const amount = (resource: string, value: string): string =>
  `{type: Resource, resource: {name: ${resource}, target: {type: AverageValue, averageValue: ${value}}}}`;

const CPU_60 = utilization("cpu", 60);
const REQUESTED = deployment([{ requests: { cpu: "200m" } }]);

/** What is wrong → [title, objects, the findings as `rule of kind`]. */
const ROWS: readonly (readonly [title: string, objects: readonly object[], found: readonly string[]])[] = [
  ["a sound policy and its workload", [policy(CPU_60), REQUESTED], []],
  ["a policy alone", [policy(CPU_60)], []],
  ["nothing that scales", [REQUESTED, deployment([{}], { replicas: 3 })], []],
  ["min over max", [policy(CPU_60, ", minReplicas: 12")], ["invalid ScalePolicy"]],
  ["a field that no ScalePolicy has", [policy(CPU_60, ", forecast: 1")], ["invalid ScalePolicy"]],
  ["an HPA that names no target", [{ ...hpa(CPU_60), spec: { maxReplicas: 3 } }], ["invalid HorizontalPodAutoscaler"]],
  ["an HPA with an external metric, which is sound", [hpa(`${CPU_60}, {type: External, external: {metric: {name: q}}}`)], []],
  ["an HPA of a version that is gone", [hpa(CPU_60, "v2beta2")], ["old-version HorizontalPodAutoscaler"]],
  ["no request", [policy(CPU_60), deployment([{}])], ["no-requests ScalePolicy"]],
  ["a limit, which stands for the request", [policy(CPU_60), deployment([{ limits: { cpu: 1 } }])], []],
  ["a request of the other resource", [hpa(CPU_60), deployment([{ requests: { memory: "1Gi" } }])], ["no-requests HorizontalPodAutoscaler"]],
  ["a sidecar without a request", [policy(CPU_60), deployment([{ requests: { cpu: 1 } }, { name: "s", init: "Always" }])], ["no-requests ScalePolicy"]],
  ["an init container without a request", [policy(CPU_60), deployment([{ requests: { cpu: 1 } }, { name: "i", init: "Never" }])], []],
  ["an amount, which needs no request", [policy(amount("cpu", "100m")), deployment([{}])], []],
  ["one container's request, which is there", [policy(utilization("cpu", 50, "app")), deployment([{ requests: { cpu: 1 } }, { name: "other" }])], []],
  ["a container that is not there", [policy(utilization("cpu", 50, "main")), REQUESTED], ["unknown-container ScalePolicy"]],
  ["150 % of 200m under a limit of 250m", [policy(utilization("cpu", 150)), deployment([{ requests: { cpu: "200m" }, limits: { cpu: "250m" } }])], ["target-out-of-reach ScalePolicy"]],
  ["150 % of 200m under a limit of 400m", [policy(utilization("cpu", 150)), deployment([{ requests: { cpu: "200m" }, limits: { cpu: "400m" } }])], []],
  ["150 % of 200m without a limit", [policy(utilization("cpu", 150)), REQUESTED], []],
  ["100 % of a request that is the limit", [policy(utilization("cpu", 100)), deployment([{ limits: { cpu: "250m" } }])], ["target-out-of-reach ScalePolicy"]],
  ["150 % of who knows what", [policy(utilization("cpu", 150))], ["target-out-of-reach ScalePolicy"]],
  ["an amount over the limit", [policy(amount("memory", "2Gi")), deployment([{ limits: { memory: "1Gi" } }])], ["target-out-of-reach ScalePolicy"]],
  ["min = max", [policy(CPU_60, ", minReplicas: 9")], ["min-is-max ScalePolicy"]],
  ["memory by a percentage", [policy(utilization("memory", 80))], ["memory-utilization ScalePolicy"]],
  ["replicas in the manifest", [policy(CPU_60), deployment([{ requests: { cpu: 1 } }], { replicas: 3 })], ["fixed-replicas Deployment"]],
  ["a policy and an HPA on one target", [hpa(CPU_60), policy(CPU_60)], ["two-autoscalers ScalePolicy"]],
  ["a policy in Shadow beside an HPA", [hpa(CPU_60), policy(CPU_60, "", "web", "Shadow")], []],
  ["two policies", [policy(CPU_60), policy(CPU_60, "", "web2")], ["two-autoscalers ScalePolicy"]],
  ["a VPA on the resource that an HPA follows", [hpa(CPU_60), vpa("updatePolicy: {updateMode: Auto}")], ["half-a-pair VerticalPodAutoscaler"]],
  ["a VPA on the resource that a policy follows", [policy(CPU_60), vpa("updatePolicy: {updateMode: InPlace}")], ["half-a-pair VerticalPodAutoscaler"]],
  ["a VPA that only recommends", [hpa(CPU_60), vpa("updatePolicy: {updateMode: 'Off'}")], []],
  ["a VPA of the other resource", [hpa(CPU_60), vpa("resourcePolicy: {containerPolicies: [{containerName: '*', controlledResources: [memory]}]}")], []],
  ["a VPA beside an amount of cpu", [hpa(amount("cpu", "100m")), vpa("updatePolicy: {updateMode: Auto}")], []],
  ["our annotation with a value, committed", [deployment([{}], {}, { "plimsoll.dev/requests": '{"app":{"cpu":{"base":"1","set":"500m"}}}' })], ["half-a-pair Deployment"]],
  ["our annotation, emptied", [deployment([{}], {}, { "plimsoll.dev/requests": "" })], []],
]; // prettier-ignore

describe("lint", () => {
  test.each(ROWS)("%s", (_, objects, found) => {
    const findings = lint(readObjects(objects));
    expect(findings.map(({ rule, source }) => `${rule} ${source.kind}`)).toEqual(found);
  });

  test("finds the same in one List as in single documents", () => {
    const objects = [hpa(CPU_60), policy(CPU_60), deployment([{}])];
    expect(lint(readObjects([{ kind: "List", apiVersion: "v1", items: objects }]))).toEqual(
      lint(readObjects(objects)),
    );
  });

  test("every rule finds something in a row above", () => {
    const found = new Set(ROWS.flatMap(([, , names]) => names.map((name) => name.split(" ")[0])));
    expect(found).toEqual(new Set(RULES.map(({ name }) => name)));
  });

  test("every finding says what to do, and none is empty", () => {
    for (const [, objects] of ROWS)
      for (const { message, field } of lint(readObjects(objects))) {
        expect(field).not.toBe("");
        expect(message.length).toBeGreaterThan(20);
      }
  });

  test("what is no manifest is no finding", () => {
    expect(lint(readObjects([null, 1, "text", [], {}, { kind: "Pod" }]))).toEqual([]);
  });
});
