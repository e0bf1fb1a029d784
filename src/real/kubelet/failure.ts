/**
 * What goes wrong between us and a kubelet, in causes and in sentences that say what to do.
 *
 * Invariant: a sentence names the address; it holds no credential and nothing of an answer's body.
 */
import type { Millis } from "../../base/units.ts";
import type { NodeReply, ScrapeFailureCause } from "../../scrape/port.ts";
import { cleanMessage, codeOf, wordsOf } from "../apiserver/message.ts";

type Failed = Extract<NodeReply, { kind: "failed" }>;

const HAVE_IT_SIGNED =
  "have the cluster sign it (kubelet: serverTLSBootstrap: true, then approve its CSR), " +
  "or name the CA in --kubelet-certificate-authority";
const UNKNOWN_AUTHORITY = `is signed by an unknown CA: ${HAVE_IT_SIGNED}`;

/** What is wrong with a certificate and what to do about it, by the codes of OpenSSL and Node. */
const CERTIFICATE_ADVICE: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: `is self-signed: ${HAVE_IT_SIGNED}`,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  CERT_SIGNATURE_FAILURE: UNKNOWN_AUTHORITY,
  CERT_HAS_EXPIRED: "has expired: renew it (kubelet: rotateCertificates: true)",
  CERT_NOT_YET_VALID: "is not valid yet: check the clocks of both machines",
  ERR_TLS_CERT_ALTNAME_INVALID:
    "is not for this address: have it list the address, or prefer another type in " +
    "--kubelet-preferred-address-types",
};
const CERTIFICATE = /^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS_CERT|INVALID_CA|HOSTNAME_MISMATCH)/;

const TIMEOUTS = ["UND_ERR_CONNECT_TIMEOUT", "UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT", "ETIMEDOUT"];
const TOO_LARGE = "UND_ERR_RES_EXCEEDED_MAX_SIZE";

const CONNECTION_ADVICE: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there: check --kubelet-port and whether the kubelet runs",
  ENOTFOUND: "the name does not resolve: put InternalIP first in --kubelet-preferred-address-types",
  EAI_AGAIN: "the name does not resolve now: put InternalIP first in --kubelet-preferred-address-types",
  EHOSTUNREACH: "there is no route to it: check network policies and whether the node is up",
  ENETUNREACH: "there is no route to it: check network policies and whether the node is up",
  ERR_SSL_WRONG_VERSION_NUMBER: "it does not speak TLS: check --kubelet-port",
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    "it asks for a client certificate: see --kubelet-client-certificate",
};

const STATUS_ADVICE: Readonly<Record<number, string>> = {
  401: "it does not know who we are: it needs webhook authentication (authentication.webhook.enabled: true), or a client certificate that its CA signed",
  403: "we have no right to read it: grant `get` on `nodes/metrics`",
  404: "there is nothing at this path; check the annotation metrics.k8s.io/resource-metrics-path of the node",
};

/** A status other than 200. Redirects are not followed: they could lead our token elsewhere. */
export function statusFailure(url: string, status: number): Failed {
  const isRedirect = status >= 300 && status < 400;
  const advice = isRedirect ? "redirects are not followed" : STATUS_ADVICE[status];
  return failed(
    causeOfStatus(status),
    `${url} answered ${status}${advice === undefined ? "" : `: ${advice}`}`,
  );
}

export function tooLarge(url: string, bytesMax: number): Failed {
  return failed(
    "too-large",
    `the answer of ${url} is larger than ${bytesMax / 1_048_576} MiB and was not read`,
  );
}

export function timedOut(url: string, limit: Millis): Failed {
  const advice = "is the node overloaded, or the port closed by a firewall?";
  return failed("timeout", `no whole answer from ${url} within ${limit / 1000} s: ${advice}`);
}

export function noCredentials(url: string, message: string): Failed {
  return failed("unauthorized", `${url} was not asked: ${message}`);
}

/** A request that broke: before, during or after the handshake. */
export function connectionFailure(url: string, error: unknown, limits: Limits): Failed {
  const code = codeOf(error);
  if (CERTIFICATE.test(code))
    return failed("certificate", `the certificate of ${url} ${certificateAdvice(code, error)}`);
  if (TIMEOUTS.includes(code)) return timedOut(url, limits.requestTimeout);
  if (code === TOO_LARGE) return tooLarge(url, limits.bodyBytesMax);
  const advice = CONNECTION_ADVICE[code];
  const why = advice === undefined ? wordsOf(error) : `${code}; ${advice}`;
  return failed("connection", `no connection to ${url}: ${why}`);
}

export type Limits = Readonly<{ requestTimeout: Millis; bodyBytesMax: number }>;

function certificateAdvice(code: string, error: unknown): string {
  return CERTIFICATE_ADVICE[code] ?? `is not trusted (${wordsOf(error)}): ${HAVE_IT_SIGNED}`;
}

function causeOfStatus(status: number): ScrapeFailureCause {
  if (status === 401) return "unauthorized";
  return status === 403 ? "forbidden" : "status";
}

function failed(cause: ScrapeFailureCause, message: string): Failed {
  return { kind: "failed", cause, message: cleanMessage(message) };
}
