/**
 * The control plane of this worker, for tests of the `cluster` project: call `controlPlane()` in a `beforeAll`. Files of one
 * worker share it, one after the other, so work in a namespace of your own, and end what you start.
 */
import { inject } from "vitest";
import { connect } from "../control-plane/connection.ts";
import type { TokenKubeconfig } from "../control-plane/kubeconfig.ts";
import type { ControlPlane, Coordinates } from "../control-plane/connection.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Where to ask for one: /WORKER answers its coordinates. */
    controlPlanes: string | { missing: string };
  }
}

export type { AuditEvent } from "../control-plane/audit.ts";
export type { ControlPlane } from "../control-plane/connection.ts";

/** Whose control plane this file works with: that of its worker, unless it asked for one of its own. */
let place = process.env["VITEST_POOL_ID"] ?? "";

export async function controlPlane(): Promise<ControlPlane> {
  const answer = await ask("GET");
  return connect((await answer.json()) as Coordinates);
}

/**
 * One that no other file has touched, for tests that count what there is in a whole cluster; `operatorKubeconfig` is of
 * it too. End it in an `afterAll` with `endOwnControlPlane`.
 */
export function ownControlPlane(): Promise<ControlPlane> {
  place = `${process.env["VITEST_POOL_ID"]}-own-${performance.timeOrigin}`;
  return controlPlane();
}

export async function endOwnControlPlane(): Promise<void> {
  await ask("DELETE");
}

async function ask(method: "GET" | "DELETE"): Promise<Response> {
  const planes = inject("controlPlanes");
  if (typeof planes !== "string") throw new Error(planes.missing);
  const answer = await fetch(`${planes}/${place}`, { method });
  if (!answer.ok) throw new Error(await answer.text());
  return answer;
}

/**
 * A kubeconfig with the operator's own rights: a token of the service account of deploy/plimsoll.yaml, which must be
 * applied already. With `auditFor(user)` a test sees every call it made, and that none was forbidden.
 */
export async function operatorKubeconfig(): Promise<TokenKubeconfig> {
  return (await controlPlane()).serviceAccountKubeconfig("plimsoll-system", "plimsoll");
}
