/**
 * A list as a byte stream, item by item: the list itself is never held, only one item and the little that
 * stands around the items.
 *
 * An item is an object directly inside an array directly inside the outermost object, wherever that array
 * stands: built-in kinds put `items` last, custom kinds put it before `metadata`.
 * Invariant: every byte belongs to one item, to the envelope, or to what separates items, and is kept once.
 */
import { PieceReader } from "./pieces.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [0x7b, 0x7d, 0x5b, 0x5d];

/** 1 for the bytes that may mean something; the search for them is where the time goes. */
const MEANS_SOMETHING = new Uint8Array(256);
for (const byte of [QUOTE, BACKSLASH, OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET])
  MEANS_SOMETHING[byte] = 1;

/** What a byte is to the list. */
type Mark = "none" | "items-begin" | "item-begin" | "item-end" | "items-end";

export class ItemReader {
  readonly #item = new PieceReader();
  readonly #envelope = new PieceReader();
  #depth = 0;
  #inString = false;
  #inItems = false;
  /** 1 when the last chunk ended between a backslash and what it escapes. */
  #cutEscape = 0;

  /** The items that `chunk` completes, as JSON. */
  *read(chunk: Uint8Array): Generator<string, void> {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let start = 0;
    let at = nextOf(bytes, this.#cutEscape);
    for (; at < bytes.length; at = nextOf(bytes, at + 1)) {
      const byte = bytes[at] ?? 0;
      if (this.#inString && byte === BACKSLASH) at++; // what it escapes means nothing
      const mark = this.#mark(byte);
      if (mark === "none") continue;
      if (mark === "items-begin") this.#envelope.add(bytes.subarray(start, at + 1));
      if (mark === "item-end") yield this.#item.complete(bytes.subarray(start, at + 1));
      start = at;
    }
    this.#cutEscape = at - bytes.length;
    if (!this.#inItems) this.#envelope.add(bytes.subarray(start));
    else if (this.#depth > 2) this.#item.add(bytes.subarray(start));
  }

  /** The list without its items, as JSON. */
  endEnvelope(): string {
    return this.#envelope.complete(Buffer.alloc(0));
  }

  /** What is being read will never be an item, or no list. */
  get tooLong(): boolean {
    return this.#item.tooLong || this.#envelope.tooLong;
  }

  #mark(byte: number): Mark {
    if (byte === QUOTE) this.#inString = !this.#inString;
    else if (this.#inString) return "none";
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) return this.#open(byte);
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) return this.#close();
    return "none";
  }

  #open(byte: number): Mark {
    this.#depth++;
    if (this.#inItems) return this.#depth === 3 ? "item-begin" : "none";
    if (this.#depth !== 2 || byte !== OPEN_BRACKET) return "none";
    this.#inItems = true;
    return "items-begin";
  }

  #close(): Mark {
    this.#depth--;
    if (!this.#inItems || this.#depth > 2) return "none";
    if (this.#depth === 2) return "item-end";
    this.#inItems = false;
    return "items-end";
  }
}

/** The first byte from `from` on that may mean something; past the end when there is none. */
function nextOf(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && MEANS_SOMETHING[bytes[at] ?? 0] === 0) at++;
  return at;
}
