/**
 * Reading the text exposition byte by byte: numbers, time stamps and labels, without making strings.
 *
 * Invariant: a read either takes a whole well-formed item and moves `at` behind it, or gives its "malformed"
 * value; it never reads past `end`, never throws, and never accepts what is negative or not finite.
 */

const NEWLINE = 0x0a;
export const HASH = 0x23;
export const BRACE = 0x7b;
const BRACE_END = 0x7d;
const TAB = 0x09;
const BLANK = 0x20;
const QUOTE = 0x22;
const PLUS = 0x2b;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const COLON = 0x3a;
const EQUALS = 0x3d;
const BACKSLASH = 0x5c;
const LOWER_N = 0x6e;
/** Bit 5 tells lower from upper case: `E | CASE` is `e`. */
const CASE = 0x20;
const LOWER_E = 0x65;
/** From here on a byte is part of a character outside ASCII, which no Kubernetes name contains. */
const BEYOND_ASCII = 0x80;

const EXACT_MANTISSA_MAX = 2 ** 53;
const EXACT_POWER_MAX = 22;
const POWERS_OF_TEN = Float64Array.from({ length: EXACT_POWER_MAX + 1 }, (_, power) => 10 ** power);

/** The largest stamp that still fits a signed 64-bit count of nanoseconds: the year 2262. */
const STAMP_MAX = 9_223_372_036_854;
/** Longer than any label set of a kubelet (three names of ≤ 253 characters); more is an attack on memory. */
const LABELS_BYTES_MAX = 2048;

/** What `labels` found: the text between the braces' ends, and the values that name a container. */
export type LabelSet = {
  container: string | undefined;
  namespace: string | undefined;
  pod: string | undefined;
};

export class Scanner {
  bytes: Buffer = Buffer.alloc(0);
  at = 0;
  end = 0;

  open(body: Uint8Array): void {
    this.bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    this.at = 0;
    this.end = body.byteLength;
  }

  /** Lets go of the body, so that a decoder that waits for its next answer keeps none. */
  close(): void {
    this.bytes = Buffer.alloc(0);
  }

  /** Moves behind the next line end; always true, so that a reader of lines can end with it. */
  skipLine(): true {
    const newline = this.bytes.indexOf(NEWLINE, this.at);
    this.at = newline < 0 ? this.end : newline + 1;
    return true;
  }

  /** Moves behind blanks and the line end; false when something else stands there. */
  takeLineEnd(): boolean {
    if (!this.atLineEnd()) return false;
    this.at = Math.min(this.at + 1, this.end);
    return true;
  }

  /** Whether `text` (ASCII) stands here; moves behind it if so. */
  take(text: string): boolean {
    const { bytes, at } = this;
    const { length } = text;
    if (at + length > this.end) return false;
    for (let i = 0; i < length; i++) if (bytes[at + i]! !== text.charCodeAt(i)) return false;
    this.at = at + length;
    return true;
  }

  skipBlanks(): void {
    while (isBlank(this.#byte())) this.at++;
  }

  /** Whether a line ends here, perhaps behind blanks, or the text does. */
  atLineEnd(): boolean {
    this.skipBlanks();
    return this.#byte() === NEWLINE;
  }

  /**
   * A decimal number that is not negative, correctly rounded; NaN when it is anything else.
   * 15 digits and a power of ten up to 22 are exact in double arithmetic (Clinger); the rest takes the
   * language's own conversion.
   */
  amount(): number {
    const start = this.at;
    const negative = this.#takeSign();
    const digitsAt = this.at;
    let mantissa = this.#digits(0);
    let digits = this.at - digitsAt;
    let power = 0;
    if (this.#takeByte(DOT)) {
      const fractionAt = this.at;
      mantissa = this.#digits(mantissa);
      power = fractionAt - this.at;
      digits -= power;
    }
    if (digits === 0) return Number.NaN;
    if ((this.#byte() | CASE) === LOWER_E) power += this.#exponent();
    const value = isExact(mantissa, power) ? scaled(mantissa, power) : Number(this.text(start, this.at));
    return value === Infinity || (negative && value !== 0) ? Number.NaN : value;
  }

  /** A time stamp behind blanks, digits only, in milliseconds; `missing` where the line ends; else NaN. */
  stampOr(missing: number): number {
    if (this.atLineEnd()) return missing;
    const start = this.at;
    const stamp = isBlank(this.bytes[start - 1]) ? this.#digits(0) : Number.NaN;
    return this.at === start || stamp > STAMP_MAX ? Number.NaN : stamp;
  }

  /**
   * A label set `{name="value",…}` in any order, with a trailing comma if it likes; values are unescaped.
   * False when it is malformed, too long, or a value is not ASCII.
   */
  labels(into: LabelSet): boolean {
    into.container = into.namespace = into.pod = undefined;
    const limit = Math.min(this.end, this.at + LABELS_BYTES_MAX);
    this.at++;
    for (;;) {
      this.skipBlanks();
      if (this.at >= limit) return false;
      if (this.bytes[this.at]! === BRACE_END) break;
      if (!this.#label(into, limit)) return false;
      this.skipBlanks();
      const next = this.at < limit ? this.bytes[this.at]! : NEWLINE;
      if (next === COMMA) this.at++;
      else if (next !== BRACE_END) return false;
    }
    this.at++;
    return true;
  }

  text(start: number, end: number): string {
    return this.bytes.toString("latin1", start, end);
  }

  #label(into: LabelSet, limit: number): boolean {
    const name = this.#labelName(limit);
    if (name === undefined) return false;
    this.skipBlanks();
    if (!this.#takeByte(EQUALS)) return false;
    this.skipBlanks();
    const value = this.#takeByte(QUOTE) ? this.#quotedRest(limit) : undefined;
    if (value === undefined) return false;
    if (name === "container" || name === "namespace" || name === "pod") into[name] = value;
    return true;
  }

  #labelName(limit: number): string | undefined {
    const start = this.at;
    if (isDigit(this.#byte())) return undefined;
    while (this.at < limit && isNameByte(this.#byte()) && this.#byte() !== COLON) this.at++;
    return this.at === start ? undefined : this.text(start, this.at);
  }

  /** The value behind an opening quote; in it `\n` is a line end, any other escaped character itself. */
  #quotedRest(limit: number): string | undefined {
    let value = "";
    let from = this.at;
    for (; this.at < limit; this.at++) {
      const byte = this.#byte();
      if (byte === QUOTE) return value + this.text(from, this.at++);
      if (byte === NEWLINE || byte >= BEYOND_ASCII) return undefined;
      if (byte !== BACKSLASH) continue;
      value += this.text(from, this.at);
      this.at++;
      from = this.#byte() === LOWER_N ? this.at + 1 : this.at;
      if (from > this.at) value += "\n";
      if (this.#byte() === NEWLINE) return undefined;
    }
    return undefined;
  }

  /** The byte here; behind the last one, a line end. */
  #byte(): number {
    return this.at < this.end ? this.bytes[this.at]! : NEWLINE;
  }

  #takeByte(byte: number): boolean {
    if (this.#byte() !== byte) return false;
    this.at++;
    return true;
  }

  /** Takes a sign, if there is one, and says whether it was a minus. */
  #takeSign(): boolean {
    const negative = this.#takeByte(MINUS);
    if (!negative) this.#takeByte(PLUS);
    return negative;
  }

  #digits(initial: number): number {
    const { bytes, end } = this;
    let { at } = this;
    let value = initial;
    while (at < end && isDigit(bytes[at]!)) value = value * 10 + (bytes[at++]! - ZERO);
    this.at = at;
    return value;
  }

  /** The exponent; NaN, which spoils the number, when no digit follows. */
  #exponent(): number {
    this.at++;
    const negative = this.#takeSign();
    const start = this.at;
    const exponent = this.#digits(0);
    if (this.at === start) return Number.NaN;
    return negative ? -exponent : exponent;
  }
}

function scaled(mantissa: number, power: number): number {
  return power < 0 ? mantissa / POWERS_OF_TEN[-power]! : mantissa * POWERS_OF_TEN[power]!;
}

function isExact(mantissa: number, power: number): boolean {
  return mantissa <= EXACT_MANTISSA_MAX && power >= -EXACT_POWER_MAX && power <= EXACT_POWER_MAX;
}

export function isBlank(byte: number | undefined): boolean {
  return byte === BLANK || byte === TAB;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte < COLON;
}

/** `[a-zA-Z0-9_:]`: what metric names are made of. */
export function isNameByte(byte: number): boolean {
  const lower = byte | CASE;
  return (lower >= 0x61 && lower <= 0x7a) || (byte >= ZERO && byte <= COLON) || byte === 0x5f;
}
