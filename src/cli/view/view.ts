/**
 * What a view of the demo is, and what it writes to.
 */
import type { DecisionRecord } from "../../report/record.ts";
import type { Entry } from "./board.ts";
import type { Terminal } from "./screen.ts";
import type { Paint } from "./text.ts";

export type Output = Readonly<{
  write(text: string): void;
  /** For problems; a view that owns the screen shows them when it is closed. */
  complain(message: string): void;
  /** Aborts when nobody reads any more. */
  closed: AbortSignal;
  paint: Paint;
  /** undefined when it is not a terminal. */
  terminal: LiveTerminal | undefined;
}>;

/** A terminal that says when its size changes; answers how to stop listening. */
export type LiveTerminal = Terminal & Readonly<{ onResize(changed: () => void): () => void }>;

export type View = Readonly<{
  /** A decision was taken; `before` is undefined for the first of its policy. */
  show(entries: Readonly<{ before: Entry | undefined; after: Entry }>, record: DecisionRecord): void;
  close(): void;
}>;
