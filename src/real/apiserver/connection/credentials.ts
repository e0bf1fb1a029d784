/**
 * What a connection is made with (TLS) and a request is sent with (headers), always as fresh as its files and
 * plugins are. Whoever holds credentials never sees where they come from.
 *
 * Invariant: `tls` is the same object as before exactly while nothing in it changed, so a change of
 * certificate is seen by comparing references.
 */
import * as tls from "node:tls";
import { elapsed, seconds, type MonoMillis } from "../../../base/units.ts";
import { cleanMessage, wordsOf } from "../message.ts";
import type { CredentialPorts, Obtained, TextSource } from "./text-source.ts";

export type RequestHeaders = Readonly<Record<string, string | string[]>>;

export type TlsMaterial = Readonly<{
  /** Shared by all connections: a CA list is parsed once. */
  secureContext: tls.SecureContext;
  servername: string | undefined;
  rejectUnauthorized: boolean;
}>;

export type Material = Readonly<{
  /** undefined for a plain http server. */
  tls: TlsMaterial | undefined;
  headers: RequestHeaders;
}>;

export interface Credentials {
  current(): Promise<Obtained<Material>>;
  /** Looks for anything newer than `refused`, which was not accepted; whether there is now. Never rejects. */
  renew(refused: Material): Promise<boolean>;
}

/** The right to speak: headers, or a client certificate that a plugin handed out. */
export type Grant = Readonly<{
  headers: RequestHeaders;
  certificate?: Readonly<{ cert: string; key: string }>;
}>;

export interface GrantSource {
  /** `anew`: the last grant was refused. */
  grant(anew: boolean): Promise<Obtained<Grant>>;
}

/** Where everything comes from; undefined parts are not used. */
export type CredentialSources = Readonly<{
  tls: TlsSources | undefined;
  grants: GrantSource;
  /** Sent with every request besides the grant's headers (impersonation). */
  headers: RequestHeaders;
}>;
export type TlsSources = Readonly<{
  /** Without one, the system's and Node's own certificate authorities are trusted. */
  ca: TextSource | undefined;
  certificate: Readonly<{ cert: TextSource; key: TextSource }> | undefined;
  servername: string | undefined;
  insecure: boolean;
}>;

/** Files and plugins are not asked again and again while a server refuses whatever they say. */
const RENEW_AT_MOST_EVERY = seconds(5);

export function createCredentials(sources: CredentialSources, ports: CredentialPorts): Credentials {
  return new RotatingCredentials(sources, ports);
}

class RotatingCredentials implements Credentials {
  readonly #sources: CredentialSources;
  readonly #ports: CredentialPorts;
  #tls: Readonly<{ made: TlsMaterial; from: PemTexts }> | undefined;
  #renewedAt: MonoMillis | undefined;
  #renewing: Promise<Obtained<Material>> | undefined;

  constructor(sources: CredentialSources, ports: CredentialPorts) {
    this.#sources = sources;
    this.#ports = ports;
  }

  current(): Promise<Obtained<Material>> {
    return this.#renewing ?? this.#obtain(false);
  }

  async renew(refused: Material): Promise<boolean> {
    const known = await this.current();
    if (isNewer(known, refused)) return true;
    const now = this.#ports.clock.mono();
    if (this.#renewing === undefined) {
      if (this.#renewedAt !== undefined && elapsed(this.#renewedAt, now) < RENEW_AT_MOST_EVERY) return false;
      this.#renewedAt = now;
      this.#renewing = this.#obtain(true).finally(() => {
        this.#renewing = undefined;
      });
    }
    return isNewer(await this.#renewing, refused);
  }

  async #obtain(anew: boolean): Promise<Obtained<Material>> {
    const granted = await this.#sources.grants.grant(anew);
    if (granted.kind === "unobtainable") return granted;
    const tls = await this.#obtainTls(granted.value, anew);
    if (tls.kind === "unobtainable") return tls;
    const headers = { ...this.#sources.headers, ...granted.value.headers };
    return { kind: "obtained", value: { tls: tls.value, headers } };
  }

  async #obtainTls(grant: Grant, anew: boolean): Promise<Obtained<TlsMaterial | undefined>> {
    const { tls } = this.#sources;
    if (tls === undefined) return { kind: "obtained", value: undefined };
    const texts = await readPems(tls, grant, anew);
    if (texts.kind === "unobtainable") return texts;
    if (this.#tls !== undefined && samePems(this.#tls.from, texts.value))
      return { kind: "obtained", value: this.#tls.made };
    try {
      this.#tls = { made: makeTls(tls, texts.value), from: texts.value };
    } catch (error) {
      const message = cleanMessage(`the certificates do not fit together: ${wordsOf(error)}`);
      if (this.#tls === undefined) return { kind: "unobtainable", message };
      // A key that is replaced a moment after its certificate: the next look will find both.
      this.#ports.log("warn", "new certificates cannot be used; the last ones stay in use", {
        problem: message,
      });
    }
    return { kind: "obtained", value: this.#tls.made };
  }
}

type PemTexts = Readonly<{ ca: string | undefined; cert: string | undefined; key: string | undefined }>;

async function readPems(sources: TlsSources, grant: Grant, anew: boolean): Promise<Obtained<PemTexts>> {
  const { ca, certificate } = sources;
  const texts: (string | undefined)[] = [];
  for (const source of [ca, certificate?.cert, certificate?.key]) {
    const text = await source?.read(anew);
    if (text?.kind === "unobtainable") return text;
    texts.push(text?.value);
  }
  const [authority, cert, key] = texts;
  return { kind: "obtained", value: { ca: authority, cert, key, ...grant.certificate } };
}

function makeTls({ servername, insecure }: TlsSources, { ca, cert, key }: PemTexts): TlsMaterial {
  const authorities = ca ?? [...tls.getCACertificates("default"), ...tls.getCACertificates("system")];
  const secureContext = tls.createSecureContext({ ca: authorities, cert, key, minVersion: "TLSv1.2" });
  return { secureContext, servername, rejectUnauthorized: !insecure };
}

const samePems = (a: PemTexts, b: PemTexts): boolean => a.ca === b.ca && a.cert === b.cert && a.key === b.key;

const isNewer = (known: Obtained<Material>, refused: Material): boolean =>
  known.kind === "obtained" &&
  (known.value.tls !== refused.tls ||
    known.value.headers["authorization"] !== refused.headers["authorization"]);
