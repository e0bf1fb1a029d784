/**
 * Every path of an aggregated API: discovery, OpenAPI, the version, and the resources.
 *
 * Invariant: nothing is ever answered by a redirection, and everything but the resources is made once, from
 * the table of groups alone.
 */
import { apiGroup, apiGroupDiscoveryList, apiGroupList, apiResourceList } from "./discovery.ts";
import {
  DISCOVERY_TYPE,
  discoveryFor,
  OFFERED,
  type Representation,
  representationFor,
} from "./media-type.ts";
import { type About, openApiV2, openApiV3 } from "./open-api.ts";
import { type Document, documentOf, documentReply, refusalReply, type Reply } from "./reply.ts";
import { type AskedResource, partsOf, resourceIn } from "./request-path.ts";
import type { ApiGroup } from "./resource.ts";
import { noSuchPath, notAcceptable, notAllowed } from "./status-body.ts";

export type ApiRequest = Readonly<{
  method: string;
  url: URL;
  accept: string | undefined;
  ifNoneMatch: string | undefined;
}>;

export type ResourceQuestion = AskedResource &
  Readonly<{ query: URLSearchParams; representation: Representation }>;

export type ApiParts = Readonly<{
  groups: readonly ApiGroup[];
  about: About;
  /** Answers a GET of objects. */
  serve(question: ResourceQuestion): Reply;
}>;

/** undefined: no path of this API. */
export type ApiRoutes = (request: ApiRequest) => Reply | undefined;

export function createApiRoutes({ groups, about, serve }: ApiParts): ApiRoutes {
  const documents = documentsOf(groups, about);
  const root = { plain: documentOf(apiGroupList(groups)), aggregated: aggregatedRoot(groups) };
  return (request) => {
    const path = `/${partsOf(request.url.pathname)?.join("/") ?? ""}`;
    if (path === "/apis") return onlyGet(request, () => rootReply(root, request));
    const document = documents.get(path);
    if (document !== undefined)
      return onlyGet(request, () => acceptable(request) ?? documentReply(document, request.ifNoneMatch));
    const resource = resourceIn(request.url.pathname, groups);
    if (resource !== undefined) return onlyGet(request, () => answer(resource, request, serve));
    return request.url.pathname.startsWith("/apis/") ? refusalReply(noSuchPath) : undefined;
  };
}

function answer(resource: AskedResource, { url, accept }: ApiRequest, serve: ApiParts["serve"]): Reply {
  const representation = representationFor(accept);
  if (representation === undefined) return refusalReply(notAcceptable(OFFERED));
  return serve({ ...resource, query: url.searchParams, representation });
}

const acceptable = ({ accept }: ApiRequest): Reply | undefined =>
  discoveryFor(accept) === undefined ? refusalReply(notAcceptable(OFFERED)) : undefined;

const onlyGet = ({ method }: ApiRequest, reply: () => Reply): Reply =>
  method === "GET" ? reply() : refusalReply(notAllowed);

type Root = Readonly<{ plain: Document; aggregated: Document }>;

function rootReply(root: Root, { accept, ifNoneMatch }: ApiRequest): Reply {
  const form = discoveryFor(accept);
  return form === undefined ? refusalReply(notAcceptable(OFFERED)) : documentReply(root[form], ifNoneMatch);
}

const aggregatedRoot = (groups: readonly ApiGroup[]): Document =>
  documentOf(apiGroupDiscoveryList(groups), DISCOVERY_TYPE);

/** By path, without a slash at the end. */
function documentsOf(groups: readonly ApiGroup[], about: About): ReadonlyMap<string, Document> {
  const documents = new Map<string, Document>([
    ["/openapi/v2", documentOf(openApiV2(groups, about))],
    ["/version", documentOf({ gitVersion: `v${about.version}`, platform: "plimsoll" })],
  ]);
  const paths: Record<string, { serverRelativeURL: string }> = {};
  for (const group of groups) {
    documents.set(`/apis/${group.name}`, documentOf(apiGroup(group)));
    for (const version of group.versions) {
      const path = `apis/${group.name}/${version}`;
      const openApi = documentOf(openApiV3(group, version, about));
      documents.set(`/${path}`, documentOf(apiResourceList(group, version)));
      documents.set(`/openapi/v3/${path}`, openApi);
      paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${openApi.etag.replaceAll('"', "")}` };
    }
  }
  return documents.set("/openapi/v3", documentOf({ paths }));
}
