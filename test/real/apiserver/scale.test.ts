import { expect, test } from "vitest";
import { createScalePort } from "../../../src/real/apiserver/scale.ts";
import { answered, scripted } from "./scripted.ts";
import { wish } from "../../builders.ts";

const WEB = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };
const resource = (name: string, kind: string, namespaced = true) => ({ name, kind, namespaced });
const APPS = {
  kind: "APIResourceList",
  resources: [
    resource("deployments/status", "Deployment"),
    resource("deployments", "Deployment"),
    resource("deployments/scale", "Scale"),
    resource("daemonsets", "DaemonSet"),
    resource("hills", "Hill", false),
    resource("hills/scale", "Scale", false),
  ],
};
const SCALE = {
  apiVersion: "autoscaling/v1",
  kind: "Scale",
  metadata: { uid: "u", resourceVersion: "7" },
  spec: { replicas: 3 },
  status: { replicas: 2, selector: "app=web" },
};
const NOT_SERVED = { kind: "Status", reason: "NotFound", details: {} };
const NO_OBJECT = { kind: "Status", reason: "NotFound", details: { name: "web" } };

const pathsOf = (transport: ReturnType<typeof scripted>): string[] => transport.asked.map(({ path }) => path);

test("a kind is looked up once, and its scale is read where it lives", async () => {
  const transport = scripted(({ path }) => answered(200, path.endsWith("scale") ? SCALE : APPS));
  const port = createScalePort(transport);
  expect(await port.readScale("shop", WEB)).toEqual({
    kind: "read",
    value: { uid: "u", resourceVersion: "7", replicas: 3, observedReplicas: 2, selector: "app=web" },
  });
  await port.readScale("shop", WEB);
  const scale = "/apis/apps/v1/namespaces/shop/deployments/web/scale";
  expect(pathsOf(transport)).toEqual(["/apis/apps/v1", scale, scale]);
});

test("many who ask for one kind together look it up once", async () => {
  const transport = scripted(({ path }) => answered(200, path.endsWith("scale") ? SCALE : APPS));
  const port = createScalePort(transport);
  await Promise.all(Array.from({ length: 10 }, () => port.readScale("shop", WEB)));
  expect(pathsOf(transport).filter((path) => path === "/apis/apps/v1")).toHaveLength(1);
});

test("the core group lives under /api", async () => {
  const core = {
    kind: "APIResourceList",
    resources: [resource("rcs", "RC"), resource("rcs/scale", "Scale")],
  };
  const transport = scripted(({ path }) => answered(200, path.endsWith("scale") ? SCALE : core));
  await createScalePort(transport).readScale("shop", { apiVersion: "v1", kind: "RC", name: "web" });
  expect(pathsOf(transport)).toEqual(["/api/v1", "/api/v1/namespaces/shop/rcs/web/scale"]);
});

test("replicas that are left out are 0, and so says the API", async () => {
  const none = { ...SCALE, spec: {}, status: { replicas: 0, selector: "" } };
  const transport = scripted(({ path }) => answered(200, path.endsWith("scale") ? none : APPS));
  expect(await createScalePort(transport).readScale("shop", WEB)).toMatchObject({
    value: { replicas: 0, observedReplicas: 0, selector: undefined },
  });
});

test.each([
  { change: { kind: "Nonesuch" }, message: "the API server has no kind Nonesuch in apps/v1" },
  { change: { kind: "DaemonSet" }, message: "DaemonSet of apps/v1 has no scale subresource" },
  { change: { kind: "Hill" }, message: "Hill of apps/v1 is not namespaced" },
])("what cannot be scaled is absent: $message", async ({ change, message }) => {
  const port = createScalePort(scripted(() => answered(200, APPS)));
  expect(await port.readScale("shop", { ...WEB, ...change })).toEqual({ kind: "absent", message });
});

test("an API that is not there is absent, and asked for again, since a CRD may come", async () => {
  const transport = scripted(({ path }, nth) =>
    nth === 1 ? answered(404) : answered(200, path.endsWith("scale") ? SCALE : APPS),
  );
  const port = createScalePort(transport);
  expect(await port.readScale("shop", WEB)).toEqual({
    kind: "absent",
    message: "the API server has no API apps/v1",
  });
  expect(await port.readScale("shop", WEB)).toMatchObject({ kind: "read" });
});

test("a kind that was not there yet is looked for again", async () => {
  const before = { ...APPS, resources: [] };
  const transport = scripted(({ path }, nth) =>
    answered(200, path.endsWith("scale") ? SCALE : nth === 1 ? before : APPS),
  );
  const port = createScalePort(transport);
  expect(await port.readScale("shop", WEB)).toMatchObject({ kind: "absent" });
  expect(await port.readScale("shop", WEB)).toMatchObject({ kind: "read" });
});

test.each([
  { name: "../../../other/deployments/web" },
  { name: "a%2Fb" },
  { name: "web?dryRun=All" },
  { name: ".." },
  { name: "" },
  { apiVersion: "apps/v1/namespaces" },
  { apiVersion: "apps/../v1" },
  { apiVersion: "" },
])("no name leads out of its place: $name $apiVersion", async (change) => {
  const transport = scripted(({ path }) => answered(200, path.endsWith("scale") ? SCALE : APPS));
  expect(await createScalePort(transport).readScale("shop", { ...WEB, ...change })).toMatchObject({
    kind: "absent",
  });
  expect(pathsOf(transport).filter((path) => path !== "/apis/apps/v1")).toEqual([]);
});

test.each([
  { what: "a path that is no longer served", body: NOT_SERVED, lookups: 2 },
  { what: "an object that is gone", body: NO_OBJECT, lookups: 1 },
])("after $what, its kind is looked up $lookups times in all", async ({ body, lookups }) => {
  const transport = scripted(({ path }) =>
    path.endsWith("scale") ? answered(404, body) : answered(200, APPS),
  );
  const port = createScalePort(transport);
  expect(await port.readScale("shop", WEB)).toMatchObject({ kind: "absent" });
  expect(await port.readScale("shop", WEB)).toMatchObject({ kind: "absent" });
  expect(pathsOf(transport).filter((path) => path === "/apis/apps/v1")).toHaveLength(lookups);
});

test.each([
  { status: 503, kind: "failed" },
  { status: 403, kind: "forbidden" },
  { status: 429, kind: "throttled" },
])("a lookup that is answered $status is $kind, for reading and writing", async ({ status, kind }) => {
  const port = createScalePort(scripted(() => answered(status)));
  expect(await port.readScale("shop", WEB)).toMatchObject({ kind });
  const basis = {
    uid: "u" as never,
    resourceVersion: "7",
    replicas: 3,
    observedReplicas: 3,
    selector: undefined,
  };
  expect(await port.writeScale("shop", WEB, basis, wish(4))).toMatchObject({ kind });
});

test("a scale that is no scale is a failure of the server", async () => {
  const transport = scripted(({ path }) => answered(200, path.endsWith("scale") ? { kind: "Table" } : APPS));
  expect(await createScalePort(transport).readScale("shop", WEB)).toMatchObject({
    kind: "failed",
    status: 200,
    message: expect.stringContaining("something else at apiVersion"),
  });
});
