/**
 * Certificates for a control plane that lives for minutes: P-256 keys, one authority per purpose (clients and the API
 * server, the front proxy, the kubelets), valid for a week. Written here so that the lane needs no openssl.
 * Structure: RFC 5280; signatures: ecdsa-with-SHA256, RFC 5758.
 */
import { createPrivateKey, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";
import {
  bitString,
  bool,
  context,
  der,
  explicit,
  integer,
  names,
  octets,
  oid,
  pem,
  sequence,
  utcTime,
} from "./der.ts";

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
const ECDSA_SHA256 = sequence(oid("1.2.840.10045.4.3.2"));
const USAGE = { server: "1.3.6.1.5.5.7.3.1", client: "1.3.6.1.5.5.7.3.2" };

export function createAuthority(name: string): Authority {
  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const self = names({ name });
  const extensions = [extension("2.5.29.19", sequence(bool(true)), "critical")];
  const draft = { subject: self, issuer: self, publicKey: pair.publicKey, extensions };
  const certificate = signCertificate(draft, pair.privateKey);
  return openAuthority({ name, certificate, key: keyPem(pair.privateKey) });
}

export function openAuthority(sealed: Authority["sealed"]): Authority {
  const key = createPrivateKey(sealed.key);
  const issuer = names(sealed);
  const leaf = (subject: Subject, extensions: readonly Uint8Array[]): Identity => {
    const own = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const draft = { subject: names(subject), issuer, publicKey: own.publicKey, extensions };
    return { certificate: signCertificate(draft, key), key: keyPem(own.privateKey) };
  };
  return {
    sealed,
    client: (subject) => leaf(subject, [extendedUsage(USAGE.client)]),
    server: (subject, hosts) => leaf(subject, [extendedUsage(USAGE.server), alternativeNames(hosts)]),
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

/** SEC 1 form: Go's token signer reads it, and so does everyone else. */
const keyPem = (key: KeyObject): string => key.export({ type: "sec1", format: "pem" }).toString();

type Draft = Readonly<{
  subject: Uint8Array;
  issuer: Uint8Array;
  publicKey: KeyObject;
  extensions: readonly Uint8Array[];
}>;

function signCertificate({ subject, issuer, publicKey, extensions }: Draft, key: KeyObject): string {
  const now = Date.now();
  const body = sequence(
    explicit(0, integer(Uint8Array.of(2))),
    integer(Uint8Array.of(1, ...randomBytes(15))),
    ECDSA_SHA256,
    issuer,
    sequence(utcTime(now - DAY), utcTime(now + 7 * DAY)),
    subject,
    publicKey.export({ type: "spki", format: "der" }),
    explicit(3, sequence(...extensions)),
  );
  return pem("CERTIFICATE", sequence(body, ECDSA_SHA256, bitString(sign("sha256", body, key))));
}

function extension(id: string, value: Uint8Array, critical?: "critical"): Uint8Array {
  return sequence(oid(id), ...(critical ? [bool(true)] : []), octets(value));
}

const extendedUsage = (usage: string): Uint8Array => extension("2.5.29.37", sequence(oid(usage)));

function alternativeNames(hosts: readonly string[]): Uint8Array {
  const entries = hosts.map((host) =>
    /^[\d.]+$/.test(host)
      ? context(7, Uint8Array.from(host.split("."), Number))
      : context(2, new TextEncoder().encode(host)),
  );
  return extension("2.5.29.17", der(0x30, ...entries));
}
