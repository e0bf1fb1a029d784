import { expect, test } from "vitest";
import { attributesOf } from "../../../../src/serve/aggregated/access/attributes.ts";

const G = "/apis/metrics.k8s.io/v1";
const none = { namespace: "", name: "", subresource: "" };

test.each([
  { asked: `GET ${G}/pods`, means: { verb: "list", resource: "pods" } },
  { asked: `GET ${G}/pods/`, means: { verb: "list", resource: "pods" } },
  { asked: `GET ${G}/pods?watch=1`, means: { verb: "watch", resource: "pods" } },
  { asked: `GET ${G}/pods?watch=false`, means: { verb: "list", resource: "pods" } },
  { asked: `GET ${G}/watch/pods`, means: { verb: "watch", resource: "pods" } },
  { asked: `GET ${G}/nodes/n1`, means: { verb: "get", resource: "nodes", name: "n1" } },
  { asked: `HEAD ${G}/nodes/n1`, means: { verb: "get", resource: "nodes", name: "n1" } },
  { asked: `GET ${G}/nodes/n1?watch=1`, means: { verb: "get", resource: "nodes", name: "n1" } },
  { asked: `GET ${G}/namespaces/shop/pods`, means: { verb: "list", resource: "pods", namespace: "shop" } },
  { asked: `GET ${G}/namespaces/shop/pods/web`, means: { verb: "get", resource: "pods", namespace: "shop", name: "web" } },
  { asked: `GET ${G}/namespaces/shop/pods/web/log`, means: { verb: "get", resource: "pods", namespace: "shop", name: "web", subresource: "log" } },
  { asked: `POST ${G}/namespaces/shop/pods`, means: { verb: "create", resource: "pods", namespace: "shop" } },
  { asked: `PUT ${G}/nodes/n1`, means: { verb: "update", resource: "nodes", name: "n1" } },
  { asked: `PATCH ${G}/nodes/n1`, means: { verb: "patch", resource: "nodes", name: "n1" } },
  { asked: `DELETE ${G}/nodes/n1`, means: { verb: "delete", resource: "nodes", name: "n1" } },
  { asked: `DELETE ${G}/nodes`, means: { verb: "deletecollection", resource: "nodes" } },
  { asked: `GET ${G}/namespaces/shop`, means: { verb: "get", resource: "namespaces", namespace: "shop", name: "shop" } },
])("$asked", ({ asked, means }) => {
  const [method = "", path = ""] = asked.split(" ");
  expect(attributesOf(method, new URL(`https://secure${path}`))).toEqual({
    kind: "resource", group: "metrics.k8s.io", version: "v1", ...none, ...means,
  });
}); // prettier-ignore

test.each([
  "/apis",
  "/apis/metrics.k8s.io",
  G,
  "/metrics",
  "/openapi/v2",
  "/version",
  `${G}//pods`,
  `${G}/a%2fb`,
  `${G}/%zz`,
])("GET %s is a path", (path) => {
  expect(attributesOf("GET", new URL(`https://secure${path}`))).toEqual({ kind: "path", verb: "get", path });
});
