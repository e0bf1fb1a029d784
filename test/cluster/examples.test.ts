/**
 * The examples as a user applies them: one `kubectl apply -f` each, with the validation that kubectl asks for.
 */
import { beforeAll, expect, test } from "vitest";
import { type ControlPlane, controlPlane } from "./control-plane.ts";
import { established, establishCrds } from "./crds.ts";
import { inNamespace, WAIT } from "./manifests.ts";
import { startOperator } from "./operator-process.ts";

const example = (file: string): string => new URL(`../../examples/${file}`, import.meta.url).pathname;

let plane: ControlPlane;
let namespace: string;

beforeAll(async () => {
  plane = await controlPlane();
  await establishCrds(plane);
  namespace = await plane.namespace("examples");
});

const apply = (file: string) => plane.kubectl("apply", "-n", namespace, "-f", example(file));

test.each([
  ["web.yaml", "web"],
  ["behavior.yaml", "shop"],
  ["statefulset.yaml", "cache"],
  ["container-resource.yaml", "api"],
  ["vertical.yaml", "report"],
])("examples/%s is applied as it is, and again without a change", async (file, name) => {
  expect(await apply(file)).toContain(`scalepolicy.plimsoll.dev/${name} created`);
  const again = (await apply(file)).trim().split("\n");
  expect(again.filter((line) => !line.endsWith(" unchanged"))).toEqual([]);
});

test("the first example scales as the README says: load rises and the replicas follow", async () => {
  await plane.addKwokNodes(2);
  const operator = await startOperator(plane);
  try {
    const { load, replicas, condition } = inNamespace(plane, namespace);
    await expect
      .poll(() => condition("web", "ScalingActive"), WAIT)
      .toMatchObject({ status: expect.any(String) });
    await load("web", "190m");
    await expect.poll(() => replicas("deployment/web"), WAIT).toBeGreaterThanOrEqual(4);
    const [header = "", row = ""] = (await plane.kubectl("get", "sp", "web", "-n", namespace)).split("\n");
    expect(header).toMatch(/^NAME +KIND +TARGET +MODE/);
    expect(row).toMatch(/^web +Deployment +web +Active +2 +20 /);
  } finally {
    await operator.stop();
    await plane.kubectl("delete", "sp", "--all", "-n", namespace);
  }
});

test("examples/custom-kind is applied in two steps, and its object can be scaled", async () => {
  await apply("custom-kind/1-crd.yaml");
  await established(plane, "farms.example.com");
  expect(await apply("custom-kind/2-farm.yaml")).toContain("scalepolicy.plimsoll.dev/render created");
  await plane.kubectl("scale", "farm/render", "--replicas=3", "-n", namespace);
  expect(await plane.kubectl("get", "farm/render", "-n", namespace, "-o", "jsonpath={.spec.workers}")).toBe(
    "3",
  );
  await plane.kubectl("delete", "-f", example("custom-kind/1-crd.yaml"));
});
