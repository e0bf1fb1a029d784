/**
 * A byte stream as lines of text, without ever holding more than one of them.
 */
import { PieceReader } from "./pieces.ts";

const NEWLINE = 0x0a;

export class LineReader {
  readonly #line = new PieceReader();

  /** The lines that `chunk` completes, without the empty ones. */
  *read(chunk: Uint8Array): Generator<string, void> {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      const line = this.#line.complete(bytes.subarray(start, end));
      start = end + 1;
      if (line !== "") yield line;
    }
    this.#line.add(bytes.subarray(start));
  }

  /** The line that is being read will never be an event. */
  get tooLong(): boolean {
    return this.#line.tooLong;
  }
}
