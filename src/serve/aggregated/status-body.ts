/**
 * What went wrong, as the API server's clients read it: metav1.Status with a reason that programs know and
 * a message that people read. Reasons, details and the messages of 404 and 405 are those of
 * kube-apiserver's own library, which clients compare.
 */

export type Refusal = Readonly<{
  code: number;
  reason: string;
  message: string;
  details?: Readonly<Record<string, unknown>>;
  /** Seconds until asking again makes sense. */
  retryAfter?: number;
}>;

export function statusBody(refusal: Refusal): Readonly<Record<string, unknown>> {
  const { code, reason, message, retryAfter } = refusal;
  const details =
    retryAfter === undefined ? refusal.details : { ...refusal.details, retryAfterSeconds: retryAfter };
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message,
    ...(reason !== "" && { reason }),
    ...(details !== undefined && { details }),
    code,
  };
}

export const badRequest = (message: string): Refusal => ({ code: 400, reason: "BadRequest", message });

export const unauthorized: Refusal = { code: 401, reason: "Unauthorized", message: "Unauthorized" };

export const notAllowed: Refusal = {
  code: 405,
  reason: "MethodNotAllowed",
  message: "the server does not allow this method on the requested resource",
  details: {},
};

export const watchNotAllowed = (group: string, plural: string): Refusal => ({
  code: 405,
  reason: "MethodNotAllowed",
  message: `watch is not supported on resources of kind "${plural}.${group}"`,
  details: { group, kind: plural },
});

export const notAcceptable = (offered: readonly string[]): Refusal => ({
  code: 406,
  reason: "NotAcceptable",
  message: `only the following media types are accepted: ${offered.join(", ")}`,
  details: {},
});

/** 404 as of a route that is not there. */
export const noSuchPath: Refusal = {
  code: 404,
  reason: "NotFound",
  message: "the server could not find the requested resource",
  details: {},
};

/**
 * 404 of one object: `podmetrics.metrics.k8s.io "shop/web-1" not found`; without a group `pods "web-1" not
 * found`.
 */
export function notFound({
  group,
  kind,
  name,
}: Readonly<{ group: string; kind: string; name: string }>): Refusal {
  return {
    code: 404,
    reason: "NotFound",
    message: `${group === "" ? kind : `${kind}.${group}`} ${JSON.stringify(name)} not found`,
    details: { name, ...(group !== "" && { group }), kind },
  };
}

export const tryAgain = (message: string, retryAfter: number): Refusal => ({
  code: 503,
  reason: "ServiceUnavailable",
  message,
  retryAfter,
});

export const tooMany: Refusal = {
  code: 429,
  reason: "TooManyRequests",
  message: "too many requests at the same time, please try again later",
  retryAfter: 1,
};

export const tooLong: Refusal = { code: 414, reason: "", message: "the URL is too long" };

export const ourFault: Refusal = {
  code: 500,
  reason: "InternalError",
  message: "an error on the server prevented the request from succeeding",
};
