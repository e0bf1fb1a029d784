/**
 * Certificates for a control plane that lives for minutes: one authority per purpose (clients and the API server, the
 * front proxy, the kubelets), valid for a week. Made by the operator's own code, so that the lane needs no openssl.
 */
import { generateKeyPairSync } from "node:crypto";
import {
  issueAuthority,
  issueClient,
  issueServer,
  keyPem,
  type Issued,
} from "../../src/serve/certificate/issue.ts";

export type Identity = Readonly<{ certificate: string; key: string }>;
export type Subject = Readonly<{ name: string; groups?: readonly string[] }>;
export interface Authority {
  /** Name, certificate to be trusted, and key: enough to open it again in another process. */
  readonly sealed: Identity & { readonly name: string };
  /** A certificate for someone who calls (user name and groups, as the API server reads them). */
  client(subject: Subject): Identity;
  /** A certificate for someone who is called. Hosts are DNS names and IPv4 addresses. */
  server(subject: Subject, hosts: readonly string[]): Identity;
}

const DAY = 86_400_000;
const aWeek = () => ({ from: Date.now() - DAY, until: Date.now() + 7 * DAY });

export const createAuthority = (name: string): Authority =>
  openAuthority({ name, ...issueAuthority(name, aWeek()) });

export function openAuthority(sealed: Authority["sealed"]): Authority {
  const own: Issued = sealed;
  return {
    sealed,
    client: (subject) => issueClient(own, subject, aWeek()),
    server: (subject, hosts) => issueServer(own, { ...subject, hosts }, aWeek()),
  };
}

/** The pair that signs service account tokens. */
export function createTokenKeys(): { privateKey: string; publicKey: string } {
  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    privateKey: keyPem(pair.privateKey),
    publicKey: pair.publicKey.export({ type: "spki", format: "pem" }).toString(),
  };
}
