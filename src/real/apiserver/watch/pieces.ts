/**
 * Text that arrives in pieces of bytes.
 *
 * Invariant: it is decoded once, when it is whole, so a character that two pieces share stays itself.
 */

/** An object in etcd has at most 1.5 MiB and a request 3 MiB; what is longer is nothing we asked for. */
const BYTES_MAX = 16 * 1024 * 1024;

export class PieceReader {
  #pieces: Buffer[] = [];
  #bytes = 0;

  add(piece: Buffer): void {
    if (piece.length === 0) return;
    this.#pieces.push(piece);
    this.#bytes += piece.length;
  }

  /** All pieces and the `last` one, as text; after that, nothing is held. */
  complete(last: Buffer): string {
    if (this.#bytes === 0) return last.toString("utf8");
    const whole = Buffer.concat([...this.#pieces, last]);
    this.#pieces = [];
    this.#bytes = 0;
    return whole.toString("utf8");
  }

  get tooLong(): boolean {
    return this.#bytes > BYTES_MAX;
  }
}
