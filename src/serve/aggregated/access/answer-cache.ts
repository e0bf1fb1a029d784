/**
 * Answers of the API server that are believed for a while, and asked for once at a time.
 *
 * Invariant: at most `SIZE_MAX` answers are kept, the oldest go first; a failure is never kept.
 */
import type { Clock } from "../../../base/clock.ts";
import type { ReadOutcome } from "../../../base/outcome.ts";
import { later, type Millis, type MonoMillis } from "../../../base/units.ts";

const SIZE_MAX = 4096;

export class AnswerCache<Answer> {
  readonly #clock: Pick<Clock, "mono">;
  readonly #keepFor: Millis;
  readonly #kept = new Map<string, Readonly<{ answer: ReadOutcome<Answer>; until: MonoMillis }>>();
  readonly #pending = new Map<string, Promise<ReadOutcome<Answer>>>();

  constructor(clock: Pick<Clock, "mono">, keepFor: Millis) {
    this.#clock = clock;
    this.#keepFor = keepFor;
  }

  get(key: string, ask: () => Promise<ReadOutcome<Answer>>): Promise<ReadOutcome<Answer>> {
    const kept = this.#kept.get(key);
    if (kept !== undefined && kept.until > this.#clock.mono()) return Promise.resolve(kept.answer);
    const pending = this.#pending.get(key);
    if (pending !== undefined) return pending;
    const asked = this.#ask(key, ask).finally(() => this.#pending.delete(key));
    this.#pending.set(key, asked);
    return asked;
  }

  async #ask(key: string, ask: () => Promise<ReadOutcome<Answer>>): Promise<ReadOutcome<Answer>> {
    const answer = await ask();
    this.#kept.delete(key);
    if (answer.kind === "read")
      this.#kept.set(key, { answer, until: later(this.#clock.mono(), this.#keepFor) });
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= SIZE_MAX) break;
      this.#kept.delete(oldest);
    }
    return answer;
  }
}
