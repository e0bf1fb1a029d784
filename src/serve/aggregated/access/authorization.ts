/**
 * Whether a caller may do what it asks, by the API server's word, for ten seconds either way.
 *
 *   a member of system:masters            anything
 *   everyone else                         what a SubjectAccessReview allows
 *
 * Invariant: where the API server cannot be asked, nothing is allowed that was not allowed a moment ago.
 */
import type { Clock } from "../../../base/clock.ts";
import { seconds } from "../../../base/units.ts";
import { AnswerCache } from "./answer-cache.ts";
import type { Caller } from "./caller.ts";
import type { AccessAttributes, AccessPort, Verdict } from "./port.ts";
import { type Refusal, tryAgain } from "../status-body.ts";

const BELIEVED_FOR = seconds(10);

export class Authorizer {
  readonly #port: Pick<AccessPort, "reviewAccess">;
  readonly #answers: AnswerCache<Verdict>;

  constructor(port: Pick<AccessPort, "reviewAccess">, clock: Pick<Clock, "mono">) {
    this.#port = port;
    this.#answers = new AnswerCache(clock, BELIEVED_FOR);
  }

  /** undefined: allowed. */
  async refuse(caller: Caller, attributes: AccessAttributes): Promise<Refusal | undefined> {
    if (caller.groups.includes("system:masters")) return undefined;
    const key = JSON.stringify([caller, attributes]);
    const review = await this.#answers.get(key, () => this.#port.reviewAccess(caller, attributes));
    if (review.kind !== "read") return tryAgain("the API server cannot say whether this is allowed", 1);
    return review.value.allowed ? undefined : forbidden(caller, attributes, review.value.reason);
  }
}

function forbidden({ user }: Caller, attributes: AccessAttributes, reason: string): Refusal {
  const why = reason === "" ? "" : `: ${reason}`;
  if (attributes.kind === "path")
    return {
      code: 403,
      reason: "Forbidden",
      message: `forbidden: User "${user}" cannot ${attributes.verb} path "${attributes.path}"${why}`,
    };
  const { group, namespace, name, verb, subresource } = attributes;
  const resource = subresource === "" ? attributes.resource : `${attributes.resource}/${subresource}`;
  const where = namespace === "" ? "at the cluster scope" : `in the namespace "${namespace}"`;
  const what = name === "" ? "" : ` "${name}"`;
  return {
    code: 403,
    reason: "Forbidden",
    message:
      `${attributes.resource}.${group}${what} is forbidden: User "${user}" cannot ${verb} ` +
      `resource "${resource}" in API group "${group}" ${where}${why}`,
    details: { group, kind: attributes.resource, ...(name !== "" && { name }) },
  };
}
