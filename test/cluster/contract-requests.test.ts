/** The resize of pods and the templates of workloads, at the real API server. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PodBasis } from "../../src/actuate/request-port.ts";
import { resizablePod } from "../../src/actuate/requests/resizable-pod.ts";
import type { Pod } from "../../src/cluster/pod.ts";
import { createShared } from "../../src/real/apiserver/watch/trim/meta.ts";
import { trimPod } from "../../src/real/apiserver/watch/trim/pod.ts";
import { succeed } from "../control-plane/api-request.ts";
import { aRequestWish, describeResizePort, type ResizeWorld } from "../contract/resize-port.suite.ts";
import { describeTemplatePort, type TemplateWorld } from "../contract/template-port.suite.ts";
import { amounts, named, resources } from "../coordinate/requests/questions.ts";
import { controlPlane, type ControlPlane } from "./control-plane.ts";
import { WAIT } from "./manifests.ts";
import { openApi } from "./open-api.ts";

let plane: ControlPlane;
beforeAll(async () => {
  plane = await controlPlane();
  await plane.addKwokNodes(2);
});

/** `others`: what no node of kwok's has, and so only a workload without pods may ask for. */
const TEMPLATE = (app: string, kubelet = "granted", others: Readonly<Record<string, string>> = {}) => ({
  metadata: { labels: { app }, annotations: { "test.plimsoll.dev/resize": kubelet } },
  spec: {
    containers: [
      {
        name: "app",
        image: "registry.example/app",
        resources: {
          requests: { cpu: "200m", memory: "64Mi", ...others },
          limits: { cpu: "400m", memory: "128Mi" },
        },
      },
    ],
  },
});

const pathOf = ({ namespace, name }: Pick<PodBasis, "namespace" | "name">) =>
  `/api/v1/namespaces/${namespace}/pods/${name}`;

async function lookAt(at: Pick<PodBasis, "namespace" | "name">): Promise<Pod> {
  const raw = (await succeed(plane.request, "GET", pathOf(at))) as Record<string, unknown>;
  return trimPod(raw, createShared())!;
}

/** A pod whose kubelet has told what its containers have: before that, the API server takes no resize. */
async function runPod(namespace: string, kubelet?: string): Promise<Pod> {
  const { metadata, spec } = TEMPLATE("solo", kubelet);
  const body = { apiVersion: "v1", kind: "Pod", metadata: { ...metadata, name: "solo" }, spec };
  await succeed(plane.request, "POST", `/api/v1/namespaces/${namespace}/pods`, { body });
  const at = { namespace, name: "solo" };
  const told = async (): Promise<unknown> => {
    const { status } = (await succeed(plane.request, "GET", pathOf(at))) as {
      status: { containerStatuses?: { resources?: object }[] };
    };
    return status.containerStatuses?.[0]?.resources;
  };
  await expect.poll(told, WAIT).toBeDefined();
  return lookAt(at);
}

async function openResizes(): Promise<ResizeWorld> {
  const namespace = await plane.namespace("resize");
  const { api, transport } = await openApi(plane.kubeconfig, namespace);
  return {
    port: api,
    seed: async () => resizablePod(await runPod(namespace)),
    look: async (basis) => resizablePod(await lookAt(basis)),
    async touch({ name }) {
      await plane.kubectl("annotate", `pod/${name}`, "-n", namespace, "touched=true");
    },
    async remove({ name }) {
      await plane.kubectl("delete", `pod/${name}`, "-n", namespace, "--grace-period=0", "--force");
    },
    close: () => transport.close(),
  };
}

async function openTemplates(kind: "Deployment" | "StatefulSet"): Promise<TemplateWorld> {
  const namespace = await plane.namespace("template");
  const { api, transport } = await openApi(plane.kubeconfig, namespace);
  const resource = (name: string): string => `${kind.toLowerCase()}/${name}`;
  return {
    port: api,
    namespace,
    async seed(name) {
      // nobody works on it, so that its version is its own: no replicas, and paused where that exists
      const spec = {
        replicas: 0,
        selector: { matchLabels: { app: name } },
        template: TEMPLATE(name, "granted", { "ephemeral-storage": "1Gi" }),
      };
      const more = kind === "Deployment" ? { paused: true } : { serviceName: name };
      await plane.apply({
        apiVersion: "apps/v1",
        kind,
        metadata: { name, namespace },
        spec: { ...spec, ...more },
      });
      const path = `/apis/apps/v1/namespaces/${namespace}/${kind.toLowerCase()}s/${name}`;
      const observed = async () =>
        ((await succeed(plane.request, "GET", path)) as { status: { observedGeneration?: number } }).status
          .observedGeneration;
      await expect.poll(observed, WAIT).toBe(1);
      return { apiVersion: "apps/v1", kind, name };
    },
    async touch({ name }) {
      await plane.kubectl("annotate", resource(name), "-n", namespace, "touched=true");
    },
    async remove({ name }) {
      await plane.kubectl("delete", resource(name), "-n", namespace);
    },
    close: () => transport.close(),
  };
}

describeResizePort(openResizes);
describeTemplatePort("Deployment", () => openTemplates("Deployment"));
describeTemplatePort("StatefulSet", () => openTemplates("StatefulSet"));

describe("what a kubelet says of a resize is seen", () => {
  const to = [named("app", resources(amounts(300, 64), amounts(600, 128)))];

  test("granted: asked for, and in force", async () => {
    const { port, seed, look, close } = await openResizes();
    const { basis } = await seed();
    await port.resizePod(basis, to, aRequestWish());
    await expect.poll(async () => (await lookAt(basis)).resize, WAIT).toBeUndefined();
    expect((await look(basis)).desired).toEqual(to);
    expect((await lookAt(basis)).resizedAt).toBeGreaterThan(0);
    await close();
  });

  test.each(["deferred", "infeasible"])(
    "%s: with what is granted instead, and gone when it is taken back",
    async (state) => {
      const namespace = await plane.namespace("resize");
      const { api, transport } = await openApi(plane.kubeconfig, namespace);
      const pod = resizablePod(await runPod(namespace, state));
      await api.resizePod(pod.basis, to, aRequestWish());
      await expect.poll(async () => (await lookAt(pod.basis)).resize?.state, WAIT).toBe(state);
      const waiting = resizablePod(await lookAt(pod.basis));
      expect(waiting).toMatchObject({
        desired: to,
        allocated: pod.desired,
        resize: { message: "said by kwok" },
      });
      await api.resizePod(waiting.basis, waiting.allocated, aRequestWish());
      await expect.poll(async () => (await lookAt(pod.basis)).resize, WAIT).toBeUndefined();
      await transport.close();
    },
  );
});

describe("a written template", () => {
  let world: TemplateWorld;
  beforeAll(async () => {
    world = await openTemplates("Deployment");
  });
  afterAll(() => world.close());

  test("keeps image, other resources and other annotations, and names us as the writer", async () => {
    const { port, namespace } = world;
    const reference = await world.seed("kept");
    const read = await port.readTemplate(namespace, reference);
    if (read.kind !== "read") expect.fail(read.message);
    const wanted = {
      containers: [named("app", resources(amounts(150, 64), amounts(300, 128)))],
      annotation: "{}",
    };
    await port.writeTemplate({ namespace, reference, basis: read.value }, wanted, {
      ...aRequestWish(),
      dryRun: false,
    });
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments/kept`;
    const after = (await succeed(plane.request, "GET", path)) as {
      spec: { template: object };
      metadata: { managedFields: object[] };
    };
    expect(after.spec.template).toMatchObject({
      metadata: { annotations: { "test.plimsoll.dev/resize": "granted", "plimsoll.dev/requests": "{}" } },
      spec: {
        containers: [
          {
            image: "registry.example/app",
            resources: {
              requests: { cpu: "150m", memory: "64Mi", "ephemeral-storage": "1Gi" },
              limits: { cpu: "300m", memory: "128Mi" },
            },
          },
        ],
      },
    });
    expect(after.metadata.managedFields).toContainEqual(expect.objectContaining({ manager: "plimsoll" }));
  });

  test.each([
    {
      keeper: "Argo CD",
      metadata: { annotations: { "argocd.argoproj.io/tracking-id": "web:apps/Deployment:shop/web" } },
    },
    { keeper: "Flux", metadata: { labels: { "kustomize.toolkit.fluxcd.io/name": "shop" } } },
  ])("by $keeper is known from its marks", async ({ keeper, metadata }) => {
    const reference = await world.seed(keeper.toLowerCase().replace(" ", "-"));
    const path = `/apis/apps/v1/namespaces/${world.namespace}/deployments/${reference.name}`;
    await plane.request("PATCH", path, { body: { metadata } });
    expect(await world.port.readTemplate(world.namespace, reference)).toMatchObject({
      value: { gitOps: keeper },
    });
  });

  test("by whoever applied it with a field manager of theirs is known too", async () => {
    const object = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "flux", namespace: world.namespace },
      spec: { selector: { matchLabels: { app: "flux" } }, template: TEMPLATE("flux"), replicas: 0 } }; // prettier-ignore
    await plane.apply(object, "--server-side", "--field-manager=kustomize-controller");
    const reference = { apiVersion: "apps/v1", kind: "Deployment", name: "flux" };
    expect(await world.port.readTemplate(world.namespace, reference)).toMatchObject({
      value: { gitOps: "Flux" },
    });
  });
});

test("what an admission plugin would store otherwise is not written", async () => {
  const { port, namespace, seed, close } = await openTemplates("Deployment");
  const reference = await seed("web");
  const api = "admissionregistration.k8s.io/v1";
  const name = `floor-${namespace}`;
  await plane.apply([
    {
      apiVersion: api,
      kind: "MutatingAdmissionPolicy",
      metadata: { name },
      spec: {
        failurePolicy: "Fail",
        reinvocationPolicy: "Never",
        matchConstraints: {
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
          resourceRules: [
            { apiGroups: ["apps"], apiVersions: ["*"], operations: ["UPDATE"], resources: ["deployments"] },
          ],
        },
        mutations: [
          {
            patchType: "JSONPatch",
            jsonPatch: {
              expression: `[JSONPatch{op: "replace", path: "/spec/template/spec/containers/0/resources/requests/cpu", value: "199m"}]`,
            },
          },
        ],
      },
    },
    {
      apiVersion: api,
      kind: "MutatingAdmissionPolicyBinding",
      metadata: { name },
      spec: { policyName: name },
    },
  ]);
  const wanted = {
    containers: [named("app", resources(amounts(150, 64), amounts(300, 128)))],
    annotation: "{}",
  };
  const attempt = async (): Promise<string> => {
    const read = await port.readTemplate(namespace, reference);
    if (read.kind !== "read") return read.kind;
    const at = { namespace, reference, basis: read.value };
    return (await port.writeTemplate(at, wanted, { ...aRequestWish(), dryRun: true })).kind;
  };
  await expect.poll(attempt, WAIT).toBe("mutated");
  await plane.kubectl("delete", "mutatingadmissionpolicybinding,mutatingadmissionpolicy", name);
  await close();
});
