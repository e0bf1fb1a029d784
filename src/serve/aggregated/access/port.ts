/**
 * What an aggregated API asks the API server about its callers, and whom it may believe.
 */
import type { ReadOutcome } from "../../../base/outcome.ts";
import type { Caller } from "./caller.ts";

/** What someone wants to do: to objects of a resource, or to a path that is none. */
export type AccessAttributes =
  | Readonly<{
      kind: "resource";
      /** `get`, `list`, `watch`, `create` and so on, as RBAC names them. */
      verb: string;
      group: string;
      version: string;
      resource: string;
      /** "" when there is none. */
      subresource: string;
      /** "" is all of them, or none. */
      namespace: string;
      /** "" is a list. */
      name: string;
    }>
  | Readonly<{ kind: "path"; verb: string; path: string }>;

export type Verdict = Readonly<{ allowed: boolean; reason: string }>;

export interface AccessPort {
  /** TokenReview; undefined: the token is nobody's. */
  reviewToken(token: string): Promise<ReadOutcome<Caller | undefined>>;
  /** SubjectAccessReview. */
  reviewAccess(caller: Caller, attributes: AccessAttributes): Promise<ReadOutcome<Verdict>>;
}

/** What kube-system/extension-apiserver-authentication says: whom to believe, and in which headers. */
export type FrontProxyTrust = Readonly<{
  /** PEM; "" while it is not known: then nobody is believed. */
  requestHeaderCa: string;
  /** Common names of front proxies; empty: any that the authority signed. */
  allowedNames: readonly string[];
  usernameHeaders: readonly string[];
  groupHeaders: readonly string[];
  uidHeaders: readonly string[];
  extraHeaderPrefixes: readonly string[];
  /** PEM; of people's and components' own certificates. "" when there are none. */
  clientCa: string;
}>;

/** Before the first reading. */
export const NOBODY: FrontProxyTrust = {
  requestHeaderCa: "",
  allowedNames: [],
  usernameHeaders: [],
  groupHeaders: [],
  uidHeaders: [],
  extraHeaderPrefixes: [],
  clientCa: "",
};

export interface TrustPort {
  /**
   * Tells what is to be believed, and again whenever that changes, until `signal` aborts. Trouble is told
   * as it begins; what was told last stays true meanwhile.
   */
  followTrust(
    listener: Readonly<{ believe(trust: FrontProxyTrust): void; trouble(message: string): void }>,
    signal: AbortSignal,
  ): Promise<void>;
}
