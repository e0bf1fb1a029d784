/**
 * Why headers of identity were not believed, in words for the log: an expired front proxy's authority looks
 * to everyone else like a right that lacks ("system:anonymous cannot list …").
 *
 *   no certificate                      it showed no certificate
 *   one whose time is over              its certificate ran out on 2026-11-24T00:00:00Z
 *   an authority whose time is over     the authority that issued it ran out on …
 *   another authority                   it was not issued by requestheader-client-ca-file's authority
 *   another name                        its name is none of requestheader-allowed-names
 *
 * Invariant: told at most once a minute, whoever asks how often; what a stranger wrote is told cut short.
 */
import type { X509Certificate } from "node:crypto";
import { timeText } from "../../../base/rfc3339.ts";
import { epochMillis, type EpochMillis, later, minutes } from "../../../base/units.ts";
import { hasIssued, type Presented, subjectOf } from "./certificate-chain.ts";

export type Disbelief = Readonly<{ name: string; problem: string }>;
export type OnDisbelief = (disbelief: Disbelief) => void;

const QUIET_FOR = minutes(1);
const NAME_LENGTH_MAX = 64;

export class Disbeliefs {
  readonly #tell: OnDisbelief;
  #quietUntil: EpochMillis | undefined;

  constructor(tell: OnDisbelief) {
    this.#tell = tell;
  }

  /** Someone spoke for others, and is not among those who may. */
  note(
    presented: Presented | undefined,
    { authorities, now }: Readonly<{ authorities: readonly X509Certificate[]; now: EpochMillis }>,
  ): void {
    if (this.#quietUntil !== undefined && now < this.#quietUntil) return;
    this.#quietUntil = later(now, QUIET_FOR);
    const name = presented === undefined ? "" : subjectOf(presented.leaf).name.slice(0, NAME_LENGTH_MAX);
    this.#tell({ name, problem: problemOf(presented?.leaf, authorities, now) });
  }
}

function problemOf(
  leaf: X509Certificate | undefined,
  authorities: readonly X509Certificate[],
  now: EpochMillis,
): string {
  if (leaf === undefined) return "it showed no certificate";
  const own = untimely(leaf, now);
  if (own !== undefined) return `its certificate ${own}`;
  const issuers = authorities.filter((authority) => hasIssued(authority, leaf));
  if (issuers.length === 0) return "it was not issued by requestheader-client-ca-file's authority";
  const [first] = issuers.map((issuer) => untimely(issuer, now));
  if (first !== undefined) return `the authority that issued it ${first}`;
  return "its name is none of requestheader-allowed-names, or it is no client's certificate";
}

function untimely({ validFromDate, validToDate }: X509Certificate, now: EpochMillis): string | undefined {
  if (validToDate.getTime() < now) return `ran out on ${timeText(epochMillis(validToDate.getTime()))}`;
  if (validFromDate.getTime() > now)
    return `is not valid before ${timeText(epochMillis(validFromDate.getTime()))}`;
  return undefined;
}
