/**
 * Finds out who asks, in kube-apiserver's order: a front proxy that speaks for someone, a certificate of
 * one's own, a bearer token; else anonymous.
 *
 *   a front proxy's certificate (authority and name), and a user named   that user
 *   certificate of the client authority                                  its common name and organisations
 *   bearer token that the API server knows                               its user
 *   bearer token that it does not know                                   401
 *   none of these                                                        system:anonymous
 *
 * Invariant: X-Remote-* headers mean nothing unless the connection's own certificate is a front proxy's,
 * and a user's certificate never is one.
 */
import type { X509Certificate } from "node:crypto";
import type { Clock } from "../../../base/clock.ts";
import { later, minutes, type EpochMillis } from "../../../base/units.ts";
import { badRequest, type Refusal, tryAgain, unauthorized } from "../status-body.ts";
import { ANONYMOUS, type Caller, recognised } from "./caller.ts";
import { certificatesIn, isIssuedUnder, type Presented, subjectOf } from "./certificate-chain.ts";
import { Disbeliefs, type OnDisbelief } from "./disbelief.ts";
import { hopByHopIdentity, identityIn, type RawHeaders, valuesOf } from "./header-identity.ts";
import { type FrontProxyTrust, NOBODY } from "./port.ts";
import type { TokenReviews } from "./token-reviews.ts";

export type Credentials = Readonly<{
  headers: RawHeaders;
  /**
   * What the TLS layer was shown, the same object for all requests of a connection; undefined: no
   * certificate.
   */
  presented: Presented | undefined;
}>;

export type Authenticated =
  Readonly<{ kind: "caller"; caller: Caller }> | Readonly<{ kind: "refused"; refusal: Refusal }>;

/** What a certificate is good for. */
type Standing = Readonly<{ frontProxy: boolean; client: boolean }>;
const NONE: Standing = { frontProxy: false, client: false };

/** How long a verified chain is believed, so that not every request of a connection verifies signatures. */
const BELIEVED_FOR = minutes(1);

export class Authenticator {
  readonly #tokens: Pick<TokenReviews, "review">;
  readonly #clock: Pick<Clock, "wall">;
  readonly #disbeliefs: Disbeliefs;
  #trust: FrontProxyTrust = NOBODY;
  #requestHeaderCas: readonly X509Certificate[] = [];
  #clientCas: readonly X509Certificate[] = [];
  #verified = new WeakMap<Presented, Readonly<{ standing: Standing; until: EpochMillis }>>();

  constructor(
    tokens: Pick<TokenReviews, "review">,
    clock: Pick<Clock, "wall">,
    onDisbelief: OnDisbelief = () => undefined,
  ) {
    this.#tokens = tokens;
    this.#clock = clock;
    this.#disbeliefs = new Disbeliefs(onDisbelief);
  }

  /** Authorities rotate: the next request is judged by these. */
  believe(trust: FrontProxyTrust): void {
    this.#trust = trust;
    this.#requestHeaderCas = certificatesIn(trust.requestHeaderCa);
    this.#clientCas = certificatesIn(trust.clientCa);
    this.#verified = new WeakMap();
  }

  async authenticate({ headers, presented }: Credentials): Promise<Authenticated> {
    if (hopByHopIdentity(headers, this.#trust))
      return { kind: "refused", refusal: badRequest("the Connection header names a header of identity") };
    const shown = this.#ofCertificate(presented, headers);
    if (shown !== undefined) return { kind: "caller", caller: recognised(shown) };
    const token = bearerIn(headers);
    return token === undefined ? { kind: "caller", caller: ANONYMOUS } : this.#ofToken(token);
  }

  #ofCertificate(presented: Presented | undefined, headers: RawHeaders): Caller | undefined {
    const { frontProxy, client } = presented === undefined ? NONE : this.#standingOf(presented);
    const spokenFor = identityIn(headers, this.#trust);
    if (spokenFor !== undefined && frontProxy) return spokenFor;
    if (spokenFor !== undefined)
      this.#disbeliefs.note(presented, { authorities: this.#requestHeaderCas, now: this.#clock.wall() });
    if (presented === undefined || !client) return undefined;
    const { name, groups } = subjectOf(presented.leaf);
    return name === "" ? undefined : { user: name, uid: undefined, groups, extra: {} };
  }

  #standingOf(presented: Presented): Standing {
    const now = this.#clock.wall();
    const known = this.#verified.get(presented);
    if (known !== undefined && now < known.until && presented.leaf.validToDate.getTime() >= now)
      return known.standing;
    const standing = this.#verify(presented, now);
    this.#verified.set(presented, { standing, until: later(now, BELIEVED_FOR) });
    return standing;
  }

  #verify(presented: Presented, now: EpochMillis): Standing {
    if (this.#requestHeaderCas.length + this.#clientCas.length === 0) return NONE;
    const { allowedNames } = this.#trust;
    const isNamed = allowedNames.length === 0 || allowedNames.includes(subjectOf(presented.leaf).name);
    return {
      frontProxy: isNamed && isIssuedUnder(this.#requestHeaderCas, presented, now),
      client: isIssuedUnder(this.#clientCas, presented, now),
    };
  }

  async #ofToken(token: string): Promise<Authenticated> {
    const review = await this.#tokens.review(token);
    if (review.kind !== "read")
      return { kind: "refused", refusal: tryAgain("the API server cannot say whose token this is", 1) };
    if (review.value === undefined) return { kind: "refused", refusal: unauthorized };
    return { kind: "caller", caller: recognised(review.value) };
  }
}

function bearerIn(headers: RawHeaders): string | undefined {
  const [value = ""] = valuesOf(headers, "authorization");
  return /^bearer +(\S+)\s*$/i.exec(value)?.[1];
}
