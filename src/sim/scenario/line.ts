/**
 * One line of a scenario: a verb, words, and `key=value` settings, with the indented lines beneath it.
 *
 * Invariant: reading never throws; what cannot be read is noted with its line and a way out, and a harmless
 * value is answered so that reading goes on and finds the other mistakes too.
 */
import { parseDuration } from "../../base/duration.ts";
import { parseQuantity, quantityAsNumber } from "../../base/quantity.ts";
import type { Millis } from "../../base/units.ts";
import { millis } from "../../base/units.ts";

export type Problem = Readonly<{ line: number; message: string }>;

const SETTING = /^([a-z][a-z-]*)=(.*)$/;

export class Line {
  readonly number: number;
  readonly verb: string;
  /** The indented lines beneath, as they stand. */
  readonly block: string;
  readonly problems: Problem[] = [];
  /** What has not been taken yet. */
  readonly #words: string[];
  readonly #asked = new Set<string>();

  constructor(number: number, text: string, block: string) {
    const [verb = "", ...words] = text.trim().split(/\s+/);
    this.number = number;
    this.verb = verb;
    this.block = block;
    this.#words = words;
  }

  complain(message: string): void {
    this.problems.push({ line: this.number, message });
  }

  /** The next word that is no setting, of which `what` says what it should be. */
  word(what: string): string {
    const at = this.#words.findIndex((word) => !SETTING.test(word));
    if (at === -1) this.complain(`\`${this.verb}\` needs ${what}`);
    return at === -1 ? "" : this.#take(at);
  }

  /** Whether the next word that is no setting is `word`, which is then taken. */
  takes(word: string): boolean {
    const at = this.#words.findIndex((each) => !SETTING.test(each));
    if (at === -1 || this.#words[at] !== word) return false;
    this.#take(at);
    return true;
  }

  /** All words that are left, settings among them. */
  rest(): string[] {
    return this.#words.splice(0);
  }

  text(key: string): string | undefined {
    this.#asked.add(key);
    const at = this.#words.findIndex((word) => SETTING.exec(word)?.[1] === key);
    return at === -1 ? undefined : this.#take(at).slice(key.length + 1);
  }

  /** A whole number of 0 or more. */
  count(key: string): number | undefined {
    const text = this.text(key);
    return text === undefined ? undefined : this.countOf(text);
  }

  /** A quantity such as `500m` or `1Gi`, in its base unit. */
  amount(key: string): number | undefined {
    const text = this.text(key);
    return text === undefined ? undefined : this.amountOf(text);
  }

  duration(key: string): Millis | undefined {
    const text = this.text(key);
    return text === undefined ? undefined : this.durationOf(text);
  }

  countOf(text: string): number {
    if (/^\d+$/.test(text)) return Number(text);
    this.complain(`"${text}" is not a whole number; write one such as 3`);
    return 0;
  }

  amountOf(text: string): number {
    const parsed = parseQuantity(text);
    if (parsed.kind === "quantity" && parsed.quantity.nano >= 0n) return quantityAsNumber(parsed.quantity);
    this.complain(`"${text}" is not an amount; write one such as 500m, 2 or 1Gi`);
    return 0;
  }

  durationOf(text: string): Millis {
    const duration = parseDuration(text);
    if (duration === undefined) this.complain(`"${text}" is not a duration; write one such as 90s or 10m`);
    return duration ?? millis(0);
  }

  /** Complains about whatever nobody took. */
  finish(): void {
    for (const word of this.#words.splice(0)) {
      const key = SETTING.exec(word)?.[1];
      const known = [...this.#asked].join(", ") || "none";
      if (key === undefined) this.complain(`"${word}" is not expected here`);
      else this.complain(`\`${key}\` is not a setting here, or is said twice; there are ${known}`);
    }
  }

  #take(at: number): string {
    return this.#words.splice(at, 1)[0] ?? "";
  }
}

/**
 * The lines that say something. `#` begins a comment; an indented line belongs to the one above it, and
 * its indentation is kept, for it may be YAML.
 */
export function linesOf(text: string): Line[] {
  const heads: { number: number; text: string; block: string[] }[] = [];
  for (const [at, whole] of text.split(/\r?\n/).entries()) {
    const line = whole.replace(/(^|\s)#.*$/, "").trimEnd();
    if (line === "") continue;
    if (/^\s/.test(line) && heads.length > 0) heads.at(-1)?.block.push(line);
    else heads.push({ number: at + 1, text: line, block: [] });
  }
  return heads.map((head) => new Line(head.number, head.text, head.block.join("\n")));
}
