/** What is sent to resize a pod and to write a template, and what the answers mean. */
import { describe, expect, test } from "vitest";
import type { TemplateBasis } from "../../../../src/actuate/request-port.ts";
import { uid } from "../../../../src/base/ids.ts";
import { gitOpsOf } from "../../../../src/real/apiserver/requests/gitops.ts";
import { mergedResources, readResources } from "../../../../src/real/apiserver/requests/resources.ts";
import { createResizePort } from "../../../../src/real/apiserver/requests/resize.ts";
import { createTemplatePort } from "../../../../src/real/apiserver/requests/template.ts";
import { aRequestWish } from "../../../contract/resize-port.suite.ts";
import { amounts, named, resources } from "../../../coordinate/requests/questions.ts";
import { answered, scripted } from "../scripted.ts";

const BASIS = { namespace: "shop", name: "web-0", uid: uid("u"), resourceVersion: "7" };
const TO = [named("app", resources(amounts(300, 96), amounts(600)))];
const POD = { kind: "Pod", metadata: { resourceVersion: "8" } };
const WEB = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };
const ANNOTATION = "plimsoll.dev/requests";
const PATCH_TEST_FAILED = "the server rejected our request due to an error in our request";

test("a resize names version and uid, and merges containers by name", async () => {
  const transport = scripted(() => answered(200, POD));
  const outcome = await createResizePort(transport).resizePod(BASIS, TO, aRequestWish());
  expect(outcome).toEqual({ kind: "written", resourceVersion: "8" });
  expect(transport.asked).toMatchObject([
    {
      method: "PATCH",
      path: "/api/v1/namespaces/shop/pods/web-0/resize",
      query: { fieldManager: "plimsoll" },
      contentType: "application/strategic-merge-patch+json",
      body: {
        metadata: { uid: "u", resourceVersion: "7" },
        spec: {
          containers: [
            {
              name: "app",
              resources: { requests: { cpu: "300m", memory: "96Mi" }, limits: { cpu: "600m" } },
            },
          ],
        },
      },
    },
  ]);
});

test.each(["../../other/pods/web", "a/b", ".."])("no pod's name leads out of its place: %s", async (name) => {
  const transport = scripted(() => answered(200, POD));
  const outcome = await createResizePort(transport).resizePod({ ...BASIS, name }, TO, aRequestWish());
  expect(outcome).toMatchObject({ kind: "absent" });
  expect(transport.asked).toEqual([]);
});

const written = {
  requests: { cpu: "500m", "nvidia.com/gpu": "1" },
  limits: { cpu: "1" },
  claims: [{ name: "a" }],
};
const deployment = (over: object = {}, annotations: object = {}) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: {
    uid: "u",
    resourceVersion: "7",
    managedFields: [
      { manager: "plimsoll", subresource: "scale", time: "2026-11-25T10:00:00Z" },
      { manager: "plimsoll", time: "2026-11-25T11:00:00Z" },
      { manager: "kubectl" },
    ],
  },
  spec: {
    template: {
      metadata: { annotations, creationTimestamp: null },
      spec: { containers: [{ name: "proxy" }, { name: "app", resources: written, ...over }] },
    },
  },
});

async function readBasis(body: object): Promise<TemplateBasis> {
  const outcome = await createTemplatePort(scripted(() => answered(200, body))).readTemplate("shop", WEB);
  return outcome.kind === "read" ? outcome.value : expect.fail(outcome.message);
}

test("a template is read with what is known of its containers, and when we wrote it", async () => {
  expect(await readBasis(deployment())).toEqual({
    uid: "u",
    resourceVersion: "7",
    containers: [
      { ...named("proxy", resources({})), written: undefined },
      { ...named("app", resources(amounts(500), amounts(1000))), written },
    ],
    annotations: {},
    gitOps: undefined,
    writtenAt: Date.UTC(2026, 10, 25, 11),
  });
});

describe("a template's patch", () => {
  const wanted = { containers: [named("app", resources(amounts(300), amounts(600)))], annotation: "{}" };
  async function patchFor(basis: TemplateBasis, to = wanted): Promise<readonly object[]> {
    const transport = scripted(() => answered(200, deployment()));
    const at = { namespace: "shop", reference: WEB, basis };
    await createTemplatePort(transport).writeTemplate(at, to, { ...aRequestWish(), dryRun: false });
    expect(transport.asked).toMatchObject([{ method: "PATCH", contentType: "application/json-patch+json" }]);
    return transport.asked[0]?.body as readonly object[];
  }
  const container = "/spec/template/spec/containers/1";

  test("tests all that it rests on, and touches resources and one annotation alone", async () => {
    expect(await patchFor(await readBasis(deployment()))).toEqual([
      { op: "test", path: "/metadata/uid", value: "u" },
      { op: "test", path: "/metadata/resourceVersion", value: "7" },
      { op: "test", path: `${container}/name`, value: "app" },
      { op: "test", path: `${container}/resources`, value: written },
      {
        op: "replace",
        path: `${container}/resources`,
        value: {
          requests: { cpu: "300m", "nvidia.com/gpu": "1" },
          limits: { cpu: "600m" },
          claims: [{ name: "a" }],
        },
      },
      { op: "add", path: "/spec/template/metadata/annotations", value: { [ANNOTATION]: "{}" } },
    ]);
  });

  test("adds to annotations that are there, and takes ours away when nothing is ours", async () => {
    const path = "/spec/template/metadata/annotations/plimsoll.dev~1requests";
    const beside = await readBasis(deployment({}, { other: "x" }));
    expect((await patchFor(beside)).at(-1)).toEqual({ op: "add", path, value: "{}" });
    const ours = await readBasis(deployment({}, { [ANNOTATION]: "{}" }));
    expect((await patchFor(ours, { ...wanted, annotation: "" })).at(-1)).toEqual({ op: "remove", path });
    expect(await patchFor(beside, { ...wanted, annotation: "" })).toHaveLength(5);
  });

  test("adds resources where a container has none", async () => {
    const basis = await readBasis(deployment());
    const containers = [named("proxy", resources(amounts(50)))];
    expect((await patchFor(basis, { containers, annotation: "" })).slice(2)).toEqual([
      { op: "test", path: "/spec/template/spec/containers/0/name", value: "proxy" },
      { op: "add", path: "/spec/template/spec/containers/0/resources", value: { requests: { cpu: "50m" } } },
    ]);
  });
});

describe("what the API server says to it", () => {
  const wanted = { containers: [named("app", resources(amounts(300), amounts(600)))], annotation: "{}" };
  const stored = { requests: { cpu: "300m" }, limits: { cpu: "600m" } };
  const asked = async (status: number, body: object, dryRun = true) => {
    const basis = await readBasis(deployment());
    const port = createTemplatePort(scripted(() => answered(status, body)));
    return port.writeTemplate({ namespace: "shop", reference: WEB, basis }, wanted, {
      ...aRequestWish(),
      dryRun,
    });
  };

  test.each([
    {
      what: "stored as asked",
      body: deployment({ resources: stored }, { [ANNOTATION]: "{}" }),
      kind: "written",
    },
    {
      what: "stored in other words",
      body: deployment({ resources: { ...stored, requests: { cpu: "0.3" } } }, { [ANNOTATION]: "{}" }),
      kind: "written",
    },
    {
      what: "another request",
      body: deployment(
        { resources: { requests: { cpu: "301m" }, limits: { cpu: "600m" } } },
        { [ANNOTATION]: "{}" },
      ),
      kind: "mutated",
    },
    {
      what: "a limit gone",
      body: deployment({ resources: { requests: { cpu: "300m" } } }, { [ANNOTATION]: "{}" }),
      kind: "mutated",
    },
    { what: "the annotation dropped", body: deployment({ resources: stored }), kind: "mutated" },
  ])("a dry run with $what is $kind", async ({ body, kind }) => {
    expect(await asked(200, body)).toMatchObject({ kind });
  });

  test.each([
    { status: 422, body: { kind: "Status", message: PATCH_TEST_FAILED }, kind: "conflict" },
    { status: 409, body: { kind: "Status", message: "modified" }, kind: "conflict" },
    {
      status: 422,
      body: { kind: "Status", message: "invalid", details: { causes: [{ field: "spec.template" }] } },
      kind: "refused",
    },
    { status: 403, body: { kind: "Status", message: "no" }, kind: "forbidden" },
    { status: 404, body: { kind: "Status", message: "gone" }, kind: "absent" },
    { status: 500, body: {}, kind: "failed" },
  ])("$status $body.message: $kind", async ({ status, body, kind }) => {
    expect(await asked(status, body, false)).toMatchObject({ kind });
  });
});

test.each([
  { ...WEB, kind: "DaemonSet" },
  { ...WEB, apiVersion: "example.com/v1" },
  { ...WEB, name: "../other" },
])("$apiVersion $kind $name has no template to write, and nobody is asked", async (reference) => {
  const transport = scripted(() => answered(200, deployment()));
  expect(await createTemplatePort(transport).readTemplate("shop", reference)).toMatchObject({
    kind: "absent",
  });
  expect(transport.asked).toEqual([]);
});

describe("who keeps an object", () => {
  const marks = { labels: {}, annotations: {}, managers: ["kubectl", "kube-controller-manager"] };
  test.each([
    { over: {}, keeper: undefined },
    { over: { labels: { "app.kubernetes.io/instance": "web" } }, keeper: undefined },
    { over: { labels: { "argocd.argoproj.io/instance": "web" } }, keeper: "Argo CD" },
    { over: { annotations: { "argocd.argoproj.io/tracking-id": "web" } }, keeper: "Argo CD" },
    { over: { managers: ["argocd-controller"] }, keeper: "Argo CD" },
    { over: { managers: ["argocd-application-controller"] }, keeper: "Argo CD" },
    { over: { labels: { "kustomize.toolkit.fluxcd.io/name": "shop" } }, keeper: "Flux" },
    { over: { labels: { "helm.toolkit.fluxcd.io/name": "shop" } }, keeper: "Flux" },
    { over: { managers: ["helm-controller"] }, keeper: "Flux" },
  ])("$over: $keeper", ({ over, keeper }) => {
    expect(gitOpsOf({ ...marks, ...(over as Partial<typeof marks>) })).toBe(keeper);
  });
});

test.each([undefined, null, "text", 3, [], { requests: 3 }, { requests: { cpu: "much", memory: {} } }])(
  "resources that are %j are none",
  (written) => {
    expect(readResources(written)).toEqual(resources({}));
    expect(mergedResources(written, resources(amounts(100)))).toMatchObject({ requests: { cpu: "100m" } });
  },
);
