/**
 * What the metrics API answers, row by row: statuses and bodies as metrics-server 0.9.0 answered them on the same
 * requests, but for 503 before two rounds.
 */
import { describe, expect, test } from "vitest";
import { PODS, served } from "./served.ts";

const API = "/apis/metrics.k8s.io/v1beta1";
const SHOP = `${API}/namespaces/shop/pods`;
const AS_TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1,application/json";
const ask = served();

const failure = (status: number, reason: string, message: string | RegExp, details?: object) => ({
  kind: "Status",
  apiVersion: "v1",
  metadata: {},
  status: "Failure",
  message: typeof message === "string" ? message : expect.stringMatching(message),
  reason,
  ...(details !== undefined && { details }),
  code: status,
});
const noPath = failure(404, "NotFound", "the server could not find the requested resource", {});
const noMethod = failure(
  405,
  "MethodNotAllowed",
  "the server does not allow this method on the requested resource",
  {},
);
const noWatch = (kind: string) =>
  failure(405, "MethodNotAllowed", `watch is not supported on resources of kind "${kind}.metrics.k8s.io"`, {
    group: "metrics.k8s.io",
    kind,
  });
const badRequest = (message: RegExp) => failure(400, "BadRequest", message);
const missing = (message: string, details: object) => failure(404, "NotFound", message, details);

describe("a refusal", () => {
  test.each([
    { what: "a pod that is not there", path: `${SHOP}/nope`, body: missing('pods "nope" not found', { name: "nope", kind: "pods" }) },
    { what: "a pod that has ended", path: `${SHOP}/done`, body: missing('pods "done" not found', { name: "done", kind: "pods" }) },
    {
      what: "a pod without a sample",
      path: `${SHOP}/silent`,
      body: missing('podmetrics.metrics.k8s.io "shop/silent" not found', { name: "shop/silent", group: "metrics.k8s.io", kind: "podmetrics" }),
    },
    {
      what: "a pod with one sample",
      path: `${SHOP}/young`,
      body: missing('podmetrics.metrics.k8s.io "shop/young" not found', { name: "shop/young", group: "metrics.k8s.io", kind: "podmetrics" }),
    },
    { what: "a node that is not there", path: `${API}/nodes/nope`, body: missing('node "nope" not found', { name: "nope", kind: "node" }) },
    {
      what: "a node without a sample",
      path: `${API}/nodes/node-2`,
      body: missing('nodemetrics.metrics.k8s.io "node-2" not found', { name: "node-2", group: "metrics.k8s.io", kind: "nodemetrics" }),
    },
    { what: "a watch of pods", path: `${API}/pods?watch=true`, body: noWatch("pods") },
    { what: "a watch of nodes", path: `${API}/nodes?watch=1`, body: noWatch("nodes") },
    { what: "a watch in a namespace", path: `${SHOP}?watch`, body: noWatch("pods") },
    { what: "the old way to watch", path: `${API}/watch/pods`, body: noPath },
    { what: "a label selector with too many signs", path: `${API}/pods?labelSelector=a%3D%3D%3Db`, body: badRequest(/label selector "a===b"/) },
    { what: "a label selector without its end", path: `${API}/nodes?labelSelector=a+in+(b`, body: badRequest(/label selector/) },
    { what: "another field", path: `${API}/pods?fieldSelector=spec.nodeName%3Dx`, body: badRequest(/"spec.nodeName" cannot be selected by/) },
    { what: "half a field selector", path: `${API}/pods?fieldSelector=metadata.name`, body: badRequest(/cannot read "metadata.name"/) },
    { what: "a field selector with two signs", path: `${API}/pods?fieldSelector=metadata.name%3Da%3Db`, body: badRequest(/cannot read/) },
    { what: "a limit that is no number", path: `${API}/pods?limit=abc`, body: badRequest(/"abc" is not a whole number/) },
    { what: "a resource of no such name", path: `${API}/foo`, body: noPath },
    { what: "a pod without its namespace", path: `${API}/pods/web-1`, body: noPath },
    { what: "nodes in a namespace", path: `${API}/namespaces/shop/nodes`, body: noPath },
    { what: "a namespace", path: `${API}/namespaces/shop`, body: noPath },
    { what: "a subresource", path: `${SHOP}/web-1/log`, body: noPath },
    { what: "another version", path: "/apis/metrics.k8s.io/v9/nodes", body: noPath },
    { what: "another group", path: "/apis/other.example.com", body: noPath },
    { what: "an empty part", path: `${API}//nodes`, body: noPath },
    { what: "a way out of the path", path: `${API}/nodes/..%2f..%2fsecrets`, body: noPath },
    { what: "a broken escape", path: `${API}/nodes/%zz`, body: noPath },
  ])("$what", ({ path, body }) => {
    const answer = ask(path);
    expect(answer.body).toEqual(body);
    expect(answer.status).toBe(body.code);
    expect(answer.headers["content-type"]).toBe("application/json");
  }); // prettier-ignore

  const writes = ["POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
  test.each(writes)("%s, on everything", (method) => {
    for (const path of [`${API}/nodes`, `${SHOP}`, `${SHOP}/x`, "/apis", API, "/openapi/v2"])
      expect(ask(path, {}, method)).toMatchObject({ status: 405, body: noMethod });
  });

  test.each(["application/yaml", "text/html", "application/vnd.kubernetes.protobuf", "application/json;q=0"])(
    "of who reads only %s: 406, and JSON is never called anything else",
    (accept) => {
      for (const path of [`${API}/nodes`, `${SHOP}/web-1`, "/apis", API, "/openapi/v2"])
        expect(ask(path, { accept })).toMatchObject({
          status: 406,
          body: { reason: "NotAcceptable", details: {}, message: /application\/json/ },
        });
    },
  );
});

describe("before two rounds", () => {
  test.each([
    { when: "nobody was asked yet", unsettled: undefined },
    { when: "a node has answered once", unsettled: 1 },
  ])("$when: 503, and when to come back", ({ unsettled }) => {
    const early = served({ unsettled });
    for (const path of [`${API}/nodes`, `${API}/pods`, SHOP, `${SHOP}/web-1`, `${API}/nodes/nope`]) {
      const answer = early(path);
      expect(answer).toMatchObject({ status: 503, headers: { "retry-after": "5" } });
      expect(answer.body).toEqual(failure(503, "ServiceUnavailable", /two rounds/, { retryAfterSeconds: 5 }));
    }
  });

  test("discovery answers, and what is wrong is still told first", () => {
    const early = served({ unsettled: undefined });
    for (const path of ["/apis", "/apis/metrics.k8s.io", API, "/openapi/v2", "/openapi/v3", "/version"])
      expect(early(path).status).toBe(200);
    expect(early(`${API}/pods?watch=true`).status).toBe(405);
    expect(early(`${API}/pods?labelSelector=%3D`).status).toBe(400);
    expect(early(`${API}/pods`, { accept: "text/html" }).status).toBe(406);
  });
});

describe("an object", () => {
  test.each(["v1", "v1beta1"])("is a pod's usage, in %s", (version) => {
    expect(ask(`/apis/metrics.k8s.io/${version}/namespaces/shop/pods/web-1`)).toMatchObject({
      status: 200,
      body: {
        kind: "PodMetrics",
        apiVersion: `metrics.k8s.io/${version}`,
        metadata: {
          name: "web-1",
          namespace: "shop",
          creationTimestamp: "2026-09-21T14:13:50Z",
          labels: { app: "web" },
        },
        timestamp: "2026-09-21T14:13:40Z",
        window: "10.062s",
        containers: [{ name: "app", usage: { cpu: "100m", memory: "64Mi" } }],
      },
    });
  });

  test("has the stamp and the window of the container that was measured first", () => {
    expect(ask(`${SHOP}/web-2`).body).toMatchObject({
      timestamp: "2026-09-21T14:13:39Z",
      containers: [
        { name: "app", usage: { cpu: "100m", memory: "64Mi" } },
        { name: "side", usage: { cpu: "500m", memory: "1k" } },
      ],
    });
  });

  test("is a node's usage, even of one that --node-selector leaves out", () => {
    const body = {
      kind: "NodeMetrics",
      metadata: { name: "node-1", labels: { "kubernetes.io/hostname": "node-1", zone: "a" } },
      window: "10.062s",
      usage: { cpu: "500m", memory: "1536Mi" },
    };
    expect(ask(`${API}/nodes/node-1`).body).toMatchObject(body);
    expect(served({ nodeSelector: "zone=b" })(`${API}/nodes/node-1`).body).toMatchObject(body);
    expect(ask(`${API}/nodes/node-1?watch=true`).body).toMatchObject(body);
  });

  test("F56 is the same bytes in both versions but for the version's name", () => {
    const paths = ["/nodes", "/pods", "/nodes/node-1", "/namespaces/shop/pods/web-2", "/pods?labelSelector=app%3Dother"];
    for (const path of paths)
      for (const accept of ["application/json", AS_TABLE]) {
        const [v1 = "", v1beta1 = ""] = ["v1", "v1beta1"].map((version) => ask(`/apis/metrics.k8s.io/${version}${path}`, { accept }).text);
        expect(v1.length, path).toBeGreaterThan(50);
        expect(v1.replace('"metrics.k8s.io/v1"', '"metrics.k8s.io/v1beta1"'), path).toBe(v1beta1);
      }
  }); // prettier-ignore

  test("without labels has none", () => {
    const { metadata } = ask(`${SHOP}/web-1`).body as { metadata: object };
    expect(Object.keys(metadata)).toEqual(["name", "namespace", "creationTimestamp", "labels"]);
  });
});

type List = Readonly<{
  kind: string;
  metadata: object;
  items: readonly { metadata: { name: string; namespace?: string } }[];
}>;
const namesOf = (path: string, from = ask): string[] =>
  (from(path).body as List).items.map(({ metadata: { namespace, name } }) =>
    namespace === undefined ? name : `${namespace}/${name}`,
  );

describe("figures that nothing has renewed", () => {
  const FIVE_MINUTES = 300_000;
  test.each([`${API}/nodes/node-1`, `${SHOP}/web-1`])("are served for five minutes, and then are none: %s", (path) => {
    expect(served({ later: FIVE_MINUTES })(path).status).toBe(200);
    expect(served({ later: FIVE_MINUTES + 1 })(path)).toMatchObject({ status: 404, body: { message: expect.stringMatching(/metrics.metrics.k8s.io .* not found/) } });
  }); // prettier-ignore

  test("are in no list", () => {
    for (const plural of ["nodes", "pods"]) {
      expect(namesOf(`${API}/${plural}`, served({ later: FIVE_MINUTES }))).not.toEqual([]);
      expect(namesOf(`${API}/${plural}`, served({ later: FIVE_MINUTES + 1 }))).toEqual([]);
    }
  });
});

describe("a list", () => {
  test.each([
    { of: "all pods, by namespace and name", path: `${API}/pods`, names: ["blog/zeta", "shop/web-1", "shop/web-2"] },
    { of: "one namespace", path: SHOP, names: ["shop/web-1", "shop/web-2"] },
    { of: "a namespace that is not there", path: `${API}/namespaces/nowhere/pods`, names: [] },
    { of: "what a label selects", path: `${API}/pods?labelSelector=app%3Dother`, names: ["blog/zeta"] },
    { of: "what a set of labels selects", path: `${API}/pods?labelSelector=app+in+(web,api),!canary`, names: ["shop/web-1", "shop/web-2"] },
    { of: "one name", path: `${API}/pods?fieldSelector=metadata.name%3Dweb-2`, names: ["shop/web-2"] },
    { of: "other namespaces", path: `${API}/pods?fieldSelector=metadata.namespace!%3Dshop`, names: ["blog/zeta"] },
    { of: "both selectors", path: `${SHOP}?labelSelector=app&fieldSelector=metadata.name!%3Dweb-1`, names: ["shop/web-2"] },
    { of: "everything, whatever limit and continue say", path: `${API}/pods?limit=1&continue=x&resourceVersion=7`, names: ["blog/zeta", "shop/web-1", "shop/web-2"] },
    { of: "what is measured, with watch=false", path: `${SHOP}?watch=false`, names: ["shop/web-1", "shop/web-2"] },
    { of: "nodes that are measured", path: `${API}/nodes`, names: ["node-1"] },
    { of: "nodes by label", path: `${API}/nodes?labelSelector=zone%3Db`, names: [] },
    { of: "nodes, with a slash at the end", path: `${API}/nodes/`, names: ["node-1"] },
  ])("$of", ({ path, names }) => {
    expect(namesOf(path)).toEqual(names);
  }); // prettier-ignore

  test("of nodes leaves out those that --node-selector leaves out", () => {
    expect(namesOf(`${API}/nodes`, served({ nodeSelector: "zone=b" }))).toEqual([]);
  });

  test("has no versions of its own and items without a kind", () => {
    const list = ask(`${API}/nodes`).body as List;
    expect(list).toMatchObject({ kind: "NodeMetricsList", apiVersion: "metrics.k8s.io/v1beta1" });
    expect(list.metadata).toEqual({});
    expect(Object.keys(list.items[0] ?? {})).toEqual(["metadata", "timestamp", "window", "usage"]);
  });

  test("without items is an empty one", () => {
    expect(ask(`${API}/namespaces/nowhere/pods`).body).toEqual({
      kind: "PodMetricsList", apiVersion: "metrics.k8s.io/v1beta1", metadata: {}, items: [],
    }); // prettier-ignore
  });

  test("tells the age of everything in it", () => {
    const ages: number[] = [];
    served({ served: ages })(`${API}/pods`);
    expect(ages).toEqual([9.938, 9.938, 10.938]);
  });

  test("of more pods than fit into a slice is whole", () => {
    expect(namesOf(`${API}/namespaces/many/pods`, served({ more: 250 }))).toHaveLength(250);
  });

  test("of ten thousand pods is made in slices of a hundred at most, one after the other", () => {
    const many = served({ more: 10_000 });
    for (const accept of ["application/json", AS_TABLE]) {
      const { slices, text } = many(`${API}/namespaces/many/pods`, { accept });
      expect(slices.length).toBeGreaterThanOrEqual(100);
      for (const slice of slices) expect(slice.match(/"name":"many-/g)?.length ?? 0).toBeLessThanOrEqual(100);
      expect(text.match(/"name":"many-/g)).toHaveLength(10_000);
    }
  });
});

type Table = Readonly<{
  columnDefinitions: { name: string; format: string }[] | null;
  rows: { cells: string[]; object: unknown }[] | null;
}>;

describe("as a table", () => {
  const table = (path: string) => ask(path, { accept: AS_TABLE }).body as Table;

  test("has a column for each resource, and pods summed up", () => {
    const { columnDefinitions, rows } = table(SHOP);
    expect(columnDefinitions?.map(({ name, format }) => `${name}: ${format}`)).toEqual([
      "Name: name", "cpu: quantity", "memory: quantity", "Window: duration",
    ]); // prettier-ignore
    expect(rows?.map(({ cells }) => cells)).toEqual([
      ["web-1", "100m", "64Mi", "10.062s"],
      ["web-2", "600m", "67109864", "10.062s"],
    ]);
  });

  test.each([
    { include: "", object: { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: { name: "node-1" } } },
    { include: "?includeObject=Metadata", object: { kind: "PartialObjectMetadata" } },
    { include: "?includeObject=Object", object: { kind: "NodeMetrics", apiVersion: "metrics.k8s.io/v1beta1", window: "10.062s" } },
  ])("brings with $include what was asked for", ({ include, object }) => {
    expect(table(`${API}/nodes${include}`).rows?.[0]).toMatchObject({ object });
  }); // prettier-ignore

  test("brings nothing with None, and refuses what is none of these", () => {
    expect(table(`${API}/nodes?includeObject=None`).rows?.[0]?.object).toBeNull();
    expect(ask(`${API}/nodes?includeObject=All`, { accept: AS_TABLE })).toMatchObject({ status: 400, body: { reason: "BadRequest" } });
  }); // prettier-ignore

  test("of one object has its row, and of nothing neither columns nor rows", () => {
    expect(table(`${SHOP}/web-1`).rows).toHaveLength(1);
    expect(table(`${API}/namespaces/nowhere/pods`)).toEqual({
      kind: "Table", apiVersion: "meta.k8s.io/v1", metadata: {}, columnDefinitions: null, rows: null,
    }); // prettier-ignore
  });
});

test("metadata alone is answered to who asks for it alone", () => {
  const accept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
  const { body } = ask(SHOP, { accept });
  expect(body).toMatchObject({ kind: "PartialObjectMetadataList", apiVersion: "meta.k8s.io/v1" });
  expect((body as { items: object[] }).items[0]).toEqual({
    kind: "PartialObjectMetadata",
    apiVersion: "meta.k8s.io/v1",
    metadata: { ...PODS.measured, creationTimestamp: "2026-09-21T14:13:50Z", labels: { app: "web" } },
  });
});
