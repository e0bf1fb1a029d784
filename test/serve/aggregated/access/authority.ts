/**
 * Certificates of a small world: a front proxy's authority, the clients' authority, and one that nobody knows.
 */
import { X509Certificate } from "node:crypto";
import { epochMillis } from "../../../../src/base/units.ts";
import type { Presented } from "../../../../src/serve/aggregated/access/certificate-chain.ts";
import type { FrontProxyTrust } from "../../../../src/serve/aggregated/access/port.ts";
import {
  type Issued,
  issueAuthority,
  issueClient,
  issueServer,
  type Subject,
} from "../../../../src/serve/certificate/issue.ts";

export const NOW = epochMillis(Date.UTC(2026, 10, 25));
const DAY = 86_400_000;
export const VALID = { from: NOW - DAY, until: NOW + DAY };
export const OVER = { from: NOW - 2 * DAY, until: NOW - DAY };
export const TO_COME = { from: NOW + DAY, until: NOW + 2 * DAY };

export const AUTHORITIES = {
  frontProxy: issueAuthority("front-proxy-authority", VALID),
  clients: issueAuthority("clients-authority", VALID),
  unknown: issueAuthority("front-proxy-authority", VALID),
};

export const TRUST: FrontProxyTrust = {
  requestHeaderCa: AUTHORITIES.frontProxy.certificate,
  allowedNames: ["front-proxy"],
  usernameHeaders: ["X-Remote-User"],
  groupHeaders: ["X-Remote-Group"],
  uidHeaders: ["X-Remote-Uid"],
  extraHeaderPrefixes: ["X-Remote-Extra-"],
  clientCa: AUTHORITIES.clients.certificate,
};

export const presented = ({ certificate }: Issued, ...others: readonly Issued[]): Presented => ({
  leaf: new X509Certificate(certificate),
  others: others.map((other) => new X509Certificate(other.certificate)),
});

export const client = (by: keyof typeof AUTHORITIES, subject: Subject, validity = VALID): Issued =>
  issueClient(AUTHORITIES[by], subject, validity);
export const server = (by: keyof typeof AUTHORITIES, name: string): Issued =>
  issueServer(AUTHORITIES[by], { name, hosts: ["localhost"] }, VALID);
