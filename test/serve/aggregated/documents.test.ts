/** Discovery and OpenAPI: what clients find before they ask for anything. */
import { describe, expect, test } from "vitest";
import { served } from "../metrics-api/served.ts";

const ask = served();
const GROUP = "/apis/metrics.k8s.io";
const AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

const versions = ["v1", "v1beta1"].map((version) => ({ groupVersion: `metrics.k8s.io/${version}`, version }));
const group = { name: "metrics.k8s.io", versions, preferredVersion: versions[0] };
const resources = [
  { name: "nodes", singularName: "", namespaced: false, kind: "NodeMetrics", verbs: ["get", "list"] },
  { name: "pods", singularName: "", namespaced: true, kind: "PodMetrics", verbs: ["get", "list"] },
];

describe("plain discovery", () => {
  test.each([
    { path: "/apis", body: { kind: "APIGroupList", apiVersion: "v1", groups: [group] } },
    { path: GROUP, body: { kind: "APIGroup", apiVersion: "v1", ...group } },
    { path: `${GROUP}/v1`, body: { kind: "APIResourceList", apiVersion: "v1", groupVersion: "metrics.k8s.io/v1", resources } },
    { path: `${GROUP}/v1beta1/`, body: { kind: "APIResourceList", apiVersion: "v1", groupVersion: "metrics.k8s.io/v1beta1", resources } },
  ])("at $path", ({ path, body }) => {
    for (const accept of ["application/json", "*/*", "application/vnd.kubernetes.protobuf,application/json", ""])
      expect(ask(path, { accept })).toMatchObject({ status: 200, body });
  }); // prettier-ignore
});

describe("aggregated discovery", () => {
  test("names every resource of every version with its kind", () => {
    const { headers, body } = ask("/apis", { accept: AGGREGATED });
    expect(headers["content-type"]).toBe(AGGREGATED);
    const entry = (version: string) => ({
      version,
      freshness: "Current",
      resources: resources.map(({ name, kind, namespaced, verbs }) => ({
        resource: name,
        responseKind: { group: "metrics.k8s.io", version, kind },
        scope: namespaced ? "Namespaced" : "Cluster",
        singularResource: "",
        verbs,
      })),
    });
    expect(body).toMatchObject({
      kind: "APIGroupDiscoveryList",
      apiVersion: "apidiscovery.k8s.io/v2",
      items: [{ metadata: { name: "metrics.k8s.io" }, versions: [entry("v1"), entry("v1beta1")] }],
    });
  });

  test.each([
    { accept: `${AGGREGATED},application/json`, kind: "APIGroupDiscoveryList" },
    { accept: `application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,${AGGREGATED}`, kind: "APIGroupDiscoveryList" },
    { accept: "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json", kind: "APIGroupList" },
    { accept: `application/json,${AGGREGATED}`, kind: "APIGroupList" },
    { accept: `application/json;q=0.5,${AGGREGATED};q=0.9`, kind: "APIGroupDiscoveryList" },
  ])("is answered to $accept with $kind", ({ accept, kind }) => {
    expect(ask("/apis", { accept }).body).toMatchObject({ kind });
  }); // prettier-ignore
});

test("every document has a tag, and who names it gets 304 and nothing else", () => {
  for (const path of [
    "/apis",
    GROUP,
    `${GROUP}/v1`,
    "/openapi/v2",
    "/openapi/v3",
    `/openapi/v3${GROUP}/v1`,
  ]) {
    const first = ask(path);
    const etag = first.headers["etag"] ?? "";
    expect(etag).toMatch(/^"[0-9a-f]{64}"$/);
    expect(first.headers["vary"]).toBe("Accept");
    for (const ifNoneMatch of [etag, `W/${etag}`, `"other", ${etag}`, "*"])
      expect(ask(path, { ifNoneMatch })).toMatchObject({ status: 304, text: "" });
    expect(ask(path, { ifNoneMatch: '"other"' }).status).toBe(200);
  }
  const tagOf = (accept: string) => ask("/apis", { accept }).headers["etag"];
  expect(tagOf(AGGREGATED)).not.toBe(tagOf("application/json"));
});

type Schema = Readonly<{
  "x-kubernetes-group-version-kind": object[];
  properties: Readonly<Record<string, object>>;
  description: string;
}>;
type Operation = Readonly<{
  get: Readonly<Record<string, unknown>>;
  parameters: { name: string; in: string }[];
}>;
type V3 = Readonly<{
  openapi: string;
  paths: Record<string, Operation>;
  components: { schemas: Record<string, Schema> };
}>;
type V2 = Readonly<{
  swagger: string;
  paths: Record<string, Operation>;
  definitions: Record<string, Schema>;
}>;

const SCHEMA = "io.k8s.metrics.pkg.apis.metrics";
const pathsOf = (version: string) => [
  `${GROUP}/${version}/nodes`,
  `${GROUP}/${version}/nodes/{name}`,
  `${GROUP}/${version}/pods`,
  `${GROUP}/${version}/namespaces/{namespace}/pods`,
  `${GROUP}/${version}/namespaces/{namespace}/pods/{name}`,
];

describe("OpenAPI", () => {
  test("of version 3 has a document for each version, found from one list", () => {
    const { paths } = ask("/openapi/v3").body as { paths: Record<string, { serverRelativeURL: string }> };
    expect(Object.keys(paths)).toEqual(["apis/metrics.k8s.io/v1", "apis/metrics.k8s.io/v1beta1"]);
    for (const { serverRelativeURL } of Object.values(paths)) {
      const document = ask(serverRelativeURL);
      expect(document.status).toBe(200);
      expect(document.headers["etag"]).toBe(
        `"${new URL(`https://x${serverRelativeURL}`).searchParams.get("hash")}"`,
      );
    }
  });

  test("of version 3 says of every kind which it is, and of every field what it means", () => {
    const { openapi, paths, components } = ask(`/openapi/v3${GROUP}/v1`).body as V3;
    expect(openapi).toBe("3.0.0");
    expect(Object.keys(paths)).toEqual(pathsOf("v1"));
    const kinds = ["NodeMetrics", "NodeMetricsList", "PodMetrics", "PodMetricsList"];
    expect(Object.keys(components.schemas)).toEqual(kinds.map((kind) => `${SCHEMA}.v1.${kind}`));
    for (const kind of kinds) {
      const schema = components.schemas[`${SCHEMA}.v1.${kind}`];
      expect(schema?.["x-kubernetes-group-version-kind"]).toEqual([
        { group: "metrics.k8s.io", version: "v1", kind },
      ]);
      for (const field of Object.values(schema?.properties ?? {}))
        expect(field).toHaveProperty("description");
    }
  });

  test("of version 2 holds both versions, and refers to nothing that it lacks", () => {
    const { swagger, paths, definitions } = ask("/openapi/v2").body as V2;
    expect(swagger).toBe("2.0");
    expect(Object.keys(paths)).toEqual([...pathsOf("v1"), ...pathsOf("v1beta1")]);
    const text = ask("/openapi/v2").text;
    const references = [...text.matchAll(/"#\/definitions\/([^"]+)"/g)].map(([, name = ""]) => name);
    expect(references.length).toBeGreaterThan(10);
    for (const name of references) expect(definitions).toHaveProperty([name]);
  });

  test.each(["/openapi/v2", `/openapi/v3${GROUP}/v1`])(
    "at %s names each operation once, and what a path holds",
    (path) => {
      const { paths } = ask(path).body as V2;
      const ids = Object.values(paths).map(({ get }) => get["operationId"]);
      expect(new Set(ids).size).toBe(ids.length);
      for (const [template, { parameters }] of Object.entries(paths)) {
        const inPath = [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
        expect(parameters.filter((one) => one.in === "path").map(({ name }) => name)).toEqual(inPath);
      }
    },
  );
});
