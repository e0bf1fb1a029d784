/**
 * Whether a certificate was issued under one of some authorities, decided by signatures alone. A TLS server
 * that asks for certificates of two authorities knows only that one of them signed; who may speak for
 * others must be known exactly.
 *
 * Invariant: each link is a signature that was verified; what the peer sends along is material for links,
 * never trusted.
 */
import { X509Certificate } from "node:crypto";
import type { EpochMillis } from "../../../base/units.ts";

/** TLS Web Client Authentication; and "any purpose". */
const CLIENT_PURPOSES = ["1.3.6.1.5.5.7.3.2", "2.5.29.37.0"];
const LINKS_MAX = 5;
const PEM = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** The certificates in a bundle; what cannot be read is left out. */
export function certificatesIn(bundle: string): readonly X509Certificate[] {
  return (bundle.match(PEM) ?? []).flatMap((pem) => {
    try {
      return [new X509Certificate(pem)];
    } catch {
      return [];
    }
  });
}

/** What a peer presents: its own certificate, and others that it sent with it. */
export type Presented = Readonly<{ leaf: X509Certificate; others: readonly X509Certificate[] }>;

/**
 * Whether `leaf` is a client's certificate that leads to one of the authorities, with every certificate
 * valid now.
 */
export function isIssuedUnder(
  authorities: readonly X509Certificate[],
  { leaf, others }: Presented,
  now: EpochMillis,
): boolean {
  if (!isValidAt(leaf, now) || leaf.ca || !isForClients(leaf)) return false;
  let current = leaf;
  for (let link = 0; link < LINKS_MAX; link++) {
    if (authorities.some((authority) => mayIssue(authority, current, now))) return true;
    const issuer = others.find((other) => other !== current && mayIssue(other, current, now));
    if (issuer === undefined) return false;
    current = issuer;
  }
  return false;
}

const mayIssue = (issuer: X509Certificate, subject: X509Certificate, now: EpochMillis): boolean =>
  isValidAt(issuer, now) && hasIssued(issuer, subject);

/** Whether it did so, at whatever time. */
export const hasIssued = (issuer: X509Certificate, subject: X509Certificate): boolean =>
  issuer.ca && subject.checkIssued(issuer) && subject.verify(issuer.publicKey);

const isValidAt = ({ validFromDate, validToDate }: X509Certificate, now: EpochMillis): boolean =>
  validFromDate.getTime() <= now && now <= validToDate.getTime();

/** A certificate that names purposes must name this one. */
function isForClients({ keyUsage }: X509Certificate): boolean {
  const purposes = keyUsage as readonly string[] | undefined;
  return purposes === undefined || purposes.some((purpose) => CLIENT_PURPOSES.includes(purpose));
}

/** Common name and organisations: the user and the groups of a certificate. */
export function subjectOf({
  subject,
}: X509Certificate): Readonly<{ name: string; groups: readonly string[] }> {
  const lines = subject.split("\n").map((line) => /^([A-Za-z]+)=(.*)$/.exec(line));
  const all = (key: string): readonly string[] =>
    lines.flatMap((match) => (match?.[1] === key ? [match[2] ?? ""] : []));
  return { name: all("CN").at(-1) ?? "", groups: all("O") };
}
