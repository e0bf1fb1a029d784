/**
 * The terminal's alternate screen, drawn over without flicker.
 *
 * Invariant: a frame is one write; when closed, the terminal is as it was before.
 */

/** As much of a TTY as is needed. */
export type Terminal = Readonly<{
  columns: number;
  rows: number;
  write(text: string): unknown;
}>;

const ENTER = "\u001b[?1049h\u001b[?25l";
const LEAVE = "\u001b[?25h\u001b[?1049l";
const HOME = "\u001b[H";
const CLEAR_LINE_END = "\u001b[K";
const CLEAR_BELOW = "\u001b[J";
/** Terminals that know it show the frame only when it is complete; others ignore it. */
const BEGIN_FRAME = "\u001b[?2026h";
const END_FRAME = "\u001b[?2026l";

export class Screen {
  readonly #terminal: Terminal;
  #shown = "";

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    terminal.write(ENTER);
  }

  size(): Readonly<{ width: number; height: number }> {
    return { width: this.#terminal.columns, height: this.#terminal.rows };
  }

  /** Draws over what is there; the same picture again is not written. */
  draw(lines: readonly string[]): void {
    const frame = frameText(lines);
    if (frame === this.#shown) return;
    this.#shown = frame;
    this.#terminal.write(frame);
  }

  /** Forgets what is shown, for the terminal has changed its size. */
  invalidate(): void {
    this.#shown = "";
  }

  close(): void {
    this.#terminal.write(LEAVE);
  }
}

export function frameText(lines: readonly string[]): string {
  const drawn = lines.map((line) => line + CLEAR_LINE_END).join("\r\n");
  return `${BEGIN_FRAME}${HOME}${drawn}${CLEAR_BELOW}${END_FRAME}`;
}
