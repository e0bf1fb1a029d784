/**
 * Who a token is, and who may do what: the API server's own reviews.
 */
import { z } from "zod";
import { seconds } from "../../../base/units.ts";
import type { Caller } from "../../../serve/aggregated/access/caller.ts";
import type { AccessAttributes, AccessPort, Verdict } from "../../../serve/aggregated/access/port.ts";
import { readOutcome } from "../failure.ts";
import type { ApiTransport } from "../transport.ts";

const AUTHENTICATION = "authentication.k8s.io/v1";
const AUTHORIZATION = "authorization.k8s.io/v1";
const ANSWER_WITHIN = seconds(10);

const TokenReview = z
  .object({
    kind: z.literal("TokenReview"),
    status: z
      .object({
        authenticated: z.boolean().default(false),
        user: z
          .object({
            username: z.string().default(""),
            uid: z.string().optional(),
            groups: z.array(z.string()).default([]),
            extra: z.record(z.string(), z.array(z.string())).default({}),
          })
          .prefault({}),
      })
      .prefault({}),
  })
  .transform(({ status: { authenticated, user } }): Caller | undefined => {
    if (!authenticated || user.username === "") return undefined;
    return { user: user.username, uid: user.uid, groups: user.groups, extra: user.extra };
  });

const SubjectAccessReview = z
  .object({
    kind: z.literal("SubjectAccessReview"),
    status: z.object({
      allowed: z.boolean().default(false),
      denied: z.boolean().default(false),
      reason: z.string().default(""),
    }),
  })
  .transform(({ status: { allowed, denied, reason } }): Verdict => ({ allowed: allowed && !denied, reason }));

export function createAccessPort(transport: ApiTransport): AccessPort {
  return {
    async reviewToken(token) {
      const body = { apiVersion: AUTHENTICATION, kind: "TokenReview", spec: { token } };
      const path = `/apis/${AUTHENTICATION}/tokenreviews`;
      return readOutcome(
        await transport.send({ method: "POST", path, body, timeout: ANSWER_WITHIN }),
        TokenReview,
      );
    },
    async reviewAccess({ user, uid, groups, extra }, attributes) {
      const spec = { user, ...(uid !== undefined && { uid }), groups, extra, ...attributesIn(attributes) };
      const body = { apiVersion: AUTHORIZATION, kind: "SubjectAccessReview", spec };
      const path = `/apis/${AUTHORIZATION}/subjectaccessreviews`;
      return readOutcome(
        await transport.send({ method: "POST", path, body, timeout: ANSWER_WITHIN }),
        SubjectAccessReview,
      );
    },
  };
}

function attributesIn(attributes: AccessAttributes): object {
  if (attributes.kind === "path")
    return { nonResourceAttributes: { path: attributes.path, verb: attributes.verb } };
  const { kind: _, ...resourceAttributes } = attributes;
  return { resourceAttributes };
}
