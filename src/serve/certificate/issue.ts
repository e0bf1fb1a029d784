/**
 * Makes certificates: P-256 keys, signed with ecdsa-with-SHA256 (RFC 5280, RFC 5758). An authority signs
 * clients of its own and servers; it is marked as one, and nothing else is.
 *
 * Invariant: a key that was made here leaves only as PEM in what is returned.
 */
import * as crypto from "node:crypto";
import type { KeyObject } from "node:crypto";
import * as asn1 from "./der.ts";

/** PEM. */
export type Issued = Readonly<{ certificate: string; key: string }>;
export type Subject = Readonly<{ name: string; groups?: readonly string[] }>;
/** Milliseconds since the epoch. */
export type Validity = Readonly<{ from: number; until: number }>;

const ECDSA_SHA256 = asn1.sequence(asn1.oid("1.2.840.10045.4.3.2"));
const USAGE = { server: "1.3.6.1.5.5.7.3.1", client: "1.3.6.1.5.5.7.3.2" };
/** Bits of keyUsage, most significant first: digitalSignature; the same with keyCertSign and cRLSign. */
const [SIGNS, CERTIFIES] = [asn1.bitString(Uint8Array.of(0x80), 7), asn1.bitString(Uint8Array.of(0x86), 1)];

export function issueAuthority(name: string, validity: Validity): Issued {
  const pair = newKeys();
  const self = asn1.names({ name });
  const extensions = [
    extension("2.5.29.19", asn1.sequence(asn1.bool(true)), "critical"),
    extension("2.5.29.15", CERTIFIES, "critical"),
    extension("2.5.29.14", asn1.octets(keyIdentifier(pair.publicKey))),
  ];
  const draft = { subject: self, issuer: self, publicKey: pair.publicKey, extensions, validity };
  return { certificate: signed(draft, pair.privateKey), key: keyPem(pair.privateKey) };
}

/** For someone who calls: user name and groups, as the API server reads them. */
export function issueClient(authority: Issued, subject: Subject, validity: Validity): Issued {
  return issueLeaf(authority, { subject, validity, extensions: [extendedUsage(USAGE.client)] });
}

/** For someone who is called. Hosts are DNS names and IPv4 addresses. */
export function issueServer(
  authority: Issued,
  subject: Subject & Readonly<{ hosts: readonly string[] }>,
  validity: Validity,
): Issued {
  const extensions = [extendedUsage(USAGE.server), alternativeNames(subject.hosts)];
  return issueLeaf(authority, { subject, validity, extensions });
}

type Leaf = Readonly<{ subject: Subject; validity: Validity; extensions: readonly Uint8Array[] }>;

function issueLeaf(authority: Issued, { subject, validity, extensions }: Leaf): Issued {
  const key = crypto.createPrivateKey(authority.key);
  const own = newKeys();
  const draft = {
    subject: asn1.names(subject),
    issuer: asn1.names({ name: commonName(authority.certificate) }),
    publicKey: own.publicKey,
    validity,
    extensions: [
      extension("2.5.29.15", SIGNS, "critical"),
      ...extensions,
      extension("2.5.29.35", asn1.sequence(asn1.context(0, keyIdentifier(crypto.createPublicKey(key))))),
    ],
  };
  return { certificate: signed(draft, key), key: keyPem(own.privateKey) };
}

const newKeys = () => crypto.generateKeyPairSync("ec", { namedCurve: "P-256" });

/** SEC 1 form: Go's token signer reads it, and so does everyone else. */
export const keyPem = (key: KeyObject): string => key.export({ type: "sec1", format: "pem" }).toString();

const commonName = (certificate: string): string =>
  /^CN=(.*)$/m.exec(new crypto.X509Certificate(certificate).subject)?.[1] ?? "";

type Draft = Readonly<{
  subject: Uint8Array;
  issuer: Uint8Array;
  publicKey: KeyObject;
  validity: Validity;
  extensions: readonly Uint8Array[];
}>;

function signed({ subject, issuer, publicKey, extensions, validity }: Draft, key: KeyObject): string {
  const body = asn1.sequence(
    asn1.explicit(0, asn1.integer(Uint8Array.of(2))),
    asn1.integer(Uint8Array.of(1, ...crypto.randomBytes(15))),
    ECDSA_SHA256,
    issuer,
    asn1.sequence(asn1.utcTime(validity.from), asn1.utcTime(validity.until)),
    subject,
    publicKey.export({ type: "spki", format: "der" }),
    asn1.explicit(3, asn1.sequence(...extensions)),
  );
  return asn1.pem(
    "CERTIFICATE",
    asn1.sequence(body, ECDSA_SHA256, asn1.bitString(crypto.sign("sha256", body, key))),
  );
}

function extension(id: string, value: Uint8Array, critical?: "critical"): Uint8Array {
  return asn1.sequence(asn1.oid(id), ...(critical ? [asn1.bool(true)] : []), asn1.octets(value));
}

const extendedUsage = (usage: string): Uint8Array => extension("2.5.29.37", asn1.sequence(asn1.oid(usage)));

/** SHA-1 of the key's bits (RFC 5280, 4.2.1.2): a name, not a protection. */
function keyIdentifier(key: KeyObject): Uint8Array {
  const point = key.export({ type: "spki", format: "der" }).subarray(-65);
  return crypto.createHash("sha1").update(point).digest();
}

function alternativeNames(hosts: readonly string[]): Uint8Array {
  const entries = hosts.map((host) =>
    /^[\d.]+$/.test(host)
      ? asn1.context(7, Uint8Array.from(host.split("."), Number))
      : asn1.context(2, new TextEncoder().encode(host)),
  );
  return extension("2.5.29.17", asn1.der(0x30, ...entries));
}
