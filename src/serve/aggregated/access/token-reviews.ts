/**
 * Whose a bearer token is, by the API server's word, for ten seconds as metrics-server believes it.
 *
 * Invariant: no token is kept, only its digest.
 */
import { createHash } from "node:crypto";
import type { Clock } from "../../../base/clock.ts";
import type { ReadOutcome } from "../../../base/outcome.ts";
import { seconds } from "../../../base/units.ts";
import { AnswerCache } from "./answer-cache.ts";
import type { Caller } from "./caller.ts";
import type { AccessPort } from "./port.ts";

const BELIEVED_FOR = seconds(10);
/** A token of a service account is about 1 KiB. */
const TOKEN_LENGTH_MAX = 16_384;

export class TokenReviews {
  readonly #port: Pick<AccessPort, "reviewToken">;
  readonly #answers: AnswerCache<Caller | undefined>;

  constructor(port: Pick<AccessPort, "reviewToken">, clock: Pick<Clock, "mono">) {
    this.#port = port;
    this.#answers = new AnswerCache(clock, BELIEVED_FOR);
  }

  review(token: string): Promise<ReadOutcome<Caller | undefined>> {
    if (token.length > TOKEN_LENGTH_MAX) return Promise.resolve({ kind: "read", value: undefined });
    const digest = createHash("sha256").update(token).digest("base64");
    return this.#answers.get(digest, () => this.#port.reviewToken(token));
  }
}
