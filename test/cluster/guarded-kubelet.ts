/**
 * The door of a kubelet before kwok's, which has none: whoever asks shows a token, and the API server says whose it is
 * (TokenReview) and whether they may (SubjectAccessReview on `nodes/metrics` of that node), as a kubelet with webhook
 * authentication and authorization does.
 */
import type { IncomingMessage } from "node:http";
import type { ControlPlane } from "./control-plane.ts";
import { may } from "./installation.ts";
import { type Front, startFront } from "./tls-front.ts";

/** `verdicts`: user → status codes they were given. */
export type GuardedKubelet = Front & Readonly<{ verdicts: ReadonlyMap<string, ReadonlySet<number>> }>;
type Caller = Readonly<{ username: string; groups: readonly string[] }>;

export async function startGuardedKubelet(plane: ControlPlane): Promise<GuardedKubelet> {
  const verdicts = new Map<string, Set<number>>();
  const decide = async (asked: IncomingMessage) => {
    const caller = await callerOf(plane, asked.headers.authorization);
    const status = caller === undefined ? 401 : (await mayRead(plane, caller, nodeOf(asked))) ? 200 : 403;
    const who = caller?.username ?? "nobody";
    verdicts.set(who, (verdicts.get(who) ?? new Set()).add(status));
    return status === 200 ? undefined : { status };
  };
  return { ...(await startFront(plane, { before: "kubelet", decide })), verdicts };
}

async function callerOf(plane: ControlPlane, authorization = ""): Promise<Caller | undefined> {
  const body = { spec: { token: authorization.replace(/^Bearer /, "") } };
  const review = await plane.request("POST", "/apis/authentication.k8s.io/v1/tokenreviews", { body });
  const { status } = review.body as { status: { authenticated?: boolean; user: Caller } };
  return status.authenticated === true ? status.user : undefined;
}

async function mayRead(plane: ControlPlane, { username, groups }: Caller, name: string): Promise<boolean> {
  const right = { verb: "get", group: "", resource: "nodes/metrics", name };
  return may(plane, { user: username, groups }, right);
}

/** `/metrics/kubelets/NAME/metrics/resource` */
const nodeOf = ({ url = "" }: IncomingMessage): string => url.split("/")[3] ?? "";
