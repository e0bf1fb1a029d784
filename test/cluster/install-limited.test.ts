/**
 * The chart with less: no metrics API and no right to announce one, and the right to scale in one namespace only. What is
 * left works, and what is not allowed is said.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { NAMESPACE } from "../../generate/rbac.ts";
import {
  type ControlPlane,
  endOwnControlPlane,
  operatorKubeconfig,
  ownControlPlane,
} from "./control-plane.ts";
import { CHART, findHelm, RELEASE } from "./helm.ts";
import { argumentsOf, LONG } from "./install.suite.ts";
import { addReadyNodes, forbiddenCalls } from "./installation.ts";
import { aPolicy, aWorkload, inNamespace, WAIT } from "./manifests.ts";
import { type OperatorProcess, startOperator } from "./operator-process.ts";

let plane: ControlPlane;
let operator: OperatorProcess | undefined;
beforeAll(async () => {
  plane = await ownControlPlane();
  await addReadyNodes(plane, 2);
});
afterAll(async () => {
  await operator?.stop();
  await endOwnControlPlane();
});

test(
  "it scales where it may, says where it may not, announces nothing, and asks for little else",
  async () => {
    const namespaces = { open: await plane.namespace("open"), closed: await plane.namespace("closed") };
    const helm = await findHelm(plane.kubeconfig);
    const values = `metricsApi.mode=Off,metricsApi.mayAnnounce=false,scaling.namespaces={${namespaces.open}}`;
    await helm("install", RELEASE, CHART, "-n", NAMESPACE, "--create-namespace", "--wait", "--set", values);
    const began = Date.now();
    const { kubeconfig, user } = await operatorKubeconfig();
    const args = [...(await argumentsOf(plane)), `--leader-elect-resource-namespace=${NAMESPACE}`];
    expect(args).toContain("--metrics-api=Off");
    operator = await startOperator(plane, { kubeconfig, args });

    for (const namespace of Object.values(namespaces)) {
      const place = { namespace, name: "web" };
      await plane.apply([aWorkload(place, "Deployment"), aPolicy(place)]);
      await inNamespace(plane, namespace).rolledOut("deployment/web");
      await inNamespace(plane, namespace).load("web", "150m");
    }
    const [open, closed] = [inNamespace(plane, namespaces.open), inNamespace(plane, namespaces.closed)];
    await expect.poll(() => open.replicas("deployment/web"), WAIT).toBeGreaterThan(2);
    await expect
      .poll(() => closed.condition("web", "AbleToScale"), WAIT)
      .toMatchObject({ status: "False", reason: "FailedGetScale" });
    expect(await closed.replicas("deployment/web")).toBe(2);

    expect(await plane.kubectl("get", "apiservices", "-o", "name")).not.toContain("metrics.k8s.io");
    const forbidden = new Set(forbiddenCalls(plane.auditFor(user, began)));
    const scale = `/apis/apps/v1/namespaces/${namespaces.closed}/deployments/web/scale`;
    const apiService = "/apis/apiregistration.k8s.io/v1/apiservices/v1.metrics.k8s.io";
    expect([...forbidden].toSorted()).toEqual([`get ${apiService}: 403`, `get ${scale}: 403`]);
    expect(operator.lines.filter(({ message }) => message.includes("APIService"))).toEqual([]);
  },
  LONG,
);
