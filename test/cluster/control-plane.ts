/**
 * The control plane of this run, for tests of the `cluster` project: call `controlPlane()` in a `beforeAll`.
 * Everything in it is shared by all test files, so work in a namespace of your own.
 */
import { inject } from "vitest";
import { connect } from "../control-plane/connection.ts";
import type { TokenKubeconfig } from "../control-plane/kubeconfig.ts";
import type { ControlPlane, Coordinates } from "../control-plane/connection.ts";

declare module "vitest" {
  interface ProvidedContext {
    controlPlane: Coordinates | { missing: string };
  }
}

export type { AuditEvent } from "../control-plane/audit.ts";
export type { ControlPlane } from "../control-plane/connection.ts";

export async function controlPlane(): Promise<ControlPlane> {
  const given = inject("controlPlane");
  if ("missing" in given) throw new Error(given.missing);
  return connect(given);
}

/**
 * A kubeconfig with the operator's own rights: a token of the service account of deploy/plimsoll.yaml, which must be
 * applied already. With `auditFor(user)` a test sees every call it made, and that none was forbidden.
 */
export async function operatorKubeconfig(): Promise<TokenKubeconfig> {
  return (await controlPlane()).serviceAccountKubeconfig("plimsoll-system", "plimsoll");
}
