/**
 * The certificates that we make for ourselves, and when each is made anew. All replicas share them, and
 * clients trust an authority before anything is signed with it: so no change can fail a request.
 *
 *   nothing yet, unreadable, expired      a new authority and a certificate of it
 *   a third of the authority's life left  a next authority; both are trusted, the old one still signs
 *   the next has been trusted for a day   it takes over and signs a certificate; the old one stays trusted
 *   a third of the certificate's life left, or it lacks a name      a new certificate
 *
 * Invariant: the certificate in use is always signed by an authority in `authorities`.
 */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { minutes } from "../../base/units.ts";
import type { EpochMillis, Millis } from "../../base/units.ts";
import { type Issued, issueAuthority, issueServer } from "./issue.ts";

/** What is kept, each PEM, by the keys of the Secret. */
export type Kept = Readonly<{
  /** Everyone to trust, the signing one first. */
  "ca.crt": string;
  "ca.key": string;
  "tls.crt": string;
  "tls.key": string;
  /** The authority that takes over next; both "" while there is none. */
  "next-ca.crt": string;
  "next-ca.key": string;
}>;
export const KEPT_KEYS = ["ca.crt", "ca.key", "tls.crt", "tls.key", "next-ca.crt", "next-ca.key"] as const;

export type Lifetimes = Readonly<{
  authority: Millis;
  certificate: Millis;
  /** How long an authority is trusted before it signs. */
  trustedBefore: Millis;
}>;

const DAY = minutes(24 * 60);
export const LIFETIMES: Lifetimes = {
  authority: minutes(3 * 365 * 24 * 60),
  certificate: minutes(90 * 24 * 60),
  trustedBefore: DAY,
};
/** Clocks differ. */
const BACKDATED = minutes(60);
const RENEWED_AT_FRACTION_LEFT = 1 / 3;

export type Wanted = Readonly<{ hosts: readonly string[]; lifetimes: Lifetimes; now: EpochMillis }>;

/** What to keep from now on, and why; undefined: what is kept will do. */
export function renewed(
  kept: Partial<Kept>,
  wanted: Wanted,
): Readonly<{ kept: Kept; because: string }> | undefined {
  const whole = readWhole(kept);
  if (whole === undefined || lifeLeft(whole.authority, wanted.now) <= 0)
    return { kept: begin(wanted), because: "there was no usable authority" };
  if (whole.next !== undefined) {
    const age = wanted.now - (whole.next.validFromDate.getTime() + BACKDATED);
    if (age >= wanted.lifetimes.trustedBefore)
      return { kept: takeOver(whole.kept, wanted), because: "the next authority takes over" };
  } else if (lifeLeft(whole.authority, wanted.now) <= RENEWED_AT_FRACTION_LEFT)
    return { kept: announceNext(whole.kept, wanted), because: "the authority ends in a while" };
  if (lifeLeft(whole.leaf, wanted.now) > RENEWED_AT_FRACTION_LEFT && namesAll(whole.leaf, wanted.hosts))
    return undefined;
  return { kept: signAnew(whole.kept, wanted), because: "the certificate ends in a while, or lacks a name" };
}

type Whole = Readonly<{
  kept: Kept;
  authority: X509Certificate;
  next: X509Certificate | undefined;
  leaf: X509Certificate;
}>;

/** undefined when something is missing, unreadable, or does not fit together. */
function readWhole(partly: Partial<Kept>): Whole | undefined {
  const kept = { ...EMPTY, ...partly };
  const [authority, leaf] = [certificateIn(kept["ca.crt"]), certificateIn(kept["tls.crt"])];
  if (authority === undefined || leaf === undefined) return undefined;
  const fits =
    isKeyOf(authority, kept["ca.key"]) && isKeyOf(leaf, kept["tls.key"]) && leaf.verify(authority.publicKey);
  const next = certificateIn(kept["next-ca.crt"]);
  return fits
    ? { kept, authority, leaf, next: next && isKeyOf(next, kept["next-ca.key"]) ? next : undefined }
    : undefined;
}

function isKeyOf(certificate: X509Certificate, key: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

/** The first one of a bundle. */
function certificateIn(bundle: string): X509Certificate | undefined {
  try {
    return new X509Certificate(bundle);
  } catch {
    return undefined;
  }
}

/** Of a certificate's whole life, the fraction that is left; 0 or less when it is over. */
function lifeLeft({ validFromDate, validToDate }: X509Certificate, now: EpochMillis): number {
  const [from, until] = [validFromDate.getTime(), validToDate.getTime()];
  return (until - now) / (until - from);
}

const namesAll = (leaf: X509Certificate, hosts: readonly string[]): boolean =>
  hosts.every((host) => leaf.checkHost(host) !== undefined);

function begin(wanted: Wanted): Kept {
  const authority = newAuthority(wanted);
  return signAnew({ ...EMPTY, "ca.crt": authority.certificate, "ca.key": authority.key }, wanted);
}

const EMPTY: Kept = {
  "ca.crt": "", "ca.key": "", "tls.crt": "", "tls.key": "", "next-ca.crt": "", "next-ca.key": "",
}; // prettier-ignore

function announceNext(kept: Kept, wanted: Wanted): Kept {
  const next = newAuthority(wanted);
  const trusted = stillValid(kept["ca.crt"], wanted.now);
  return {
    ...kept,
    "ca.crt": trusted + next.certificate,
    "next-ca.crt": next.certificate,
    "next-ca.key": next.key,
  };
}

function takeOver(kept: Kept, wanted: Wanted): Kept {
  const { "next-ca.crt": next, "next-ca.key": key } = kept;
  const others = stillValid(kept["ca.crt"].replace(next, ""), wanted.now);
  return signAnew(
    { ...kept, "ca.crt": next + others, "ca.key": key, "next-ca.crt": "", "next-ca.key": "" },
    wanted,
  );
}

function signAnew(kept: Kept, { hosts, lifetimes, now }: Wanted): Kept {
  const authority: Issued = { certificate: kept["ca.crt"], key: kept["ca.key"] };
  const leaf = issueServer(
    authority,
    { name: hosts[0] ?? "", hosts },
    validityOf(lifetimes.certificate, now),
  );
  return { ...kept, "tls.crt": leaf.certificate, "tls.key": leaf.key };
}

const newAuthority = ({ lifetimes, now }: Wanted): Issued =>
  issueAuthority(`plimsoll-${now}`, validityOf(lifetimes.authority, now));

const validityOf = (lifetime: Millis, now: EpochMillis) => ({ from: now - BACKDATED, until: now + lifetime });

const PEM = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----\n?/g;

const stillValid = (bundle: string, now: EpochMillis): string =>
  (bundle.match(PEM) ?? []).filter((pem) => lifeLeft(new X509Certificate(pem), now) > 0).join("");
