/**
 * Standard output as a view needs it: whether it is a terminal, how large, in colours or not, and whether
 * anybody still reads.
 *
 * Invariant: colours only on a terminal that has them, and never under NO_COLOR; a reader who left
 * (`| head`) is an end, not a failure.
 */
import { styleText } from "node:util";
import type { Paint, Tone } from "./view/text.ts";
import { plainly } from "./view/text.ts";
import type { LiveTerminal, Output } from "./view/view.ts";

const STYLES: Readonly<Record<Tone, Parameters<typeof styleText>[0]>> = {
  "above-mark": "yellow",
  failing: "red",
  calm: "dim",
  strong: "bold",
  plain: [],
};

const colourful: Paint = (tone, text) =>
  tone === "plain" ? text : styleText(STYLES[tone], text, { validateStream: false });

/** Problems are kept back while a picture is on the screen; `flush` tells them. */
export function createOutput(
  stdout: NodeJS.WriteStream,
  stderr: NodeJS.WritableStream,
): Output & Readonly<{ flush(): void }> {
  const closed = new AbortController();
  stdout.on("error", () => closed.abort());
  const problems: string[] = [];
  return {
    write: (text) => void stdout.write(text),
    complain: (message) => void problems.push(message),
    closed: closed.signal,
    paint: stdout.isTTY && stdout.hasColors() && !process.env["NO_COLOR"] ? colourful : plainly,
    terminal: stdout.isTTY ? terminalOf(stdout) : undefined,
    flush() {
      for (const problem of problems.splice(0)) stderr.write(`${problem}\n`);
    },
  };
}

function terminalOf(stdout: NodeJS.WriteStream): LiveTerminal {
  return {
    get columns() {
      return stdout.columns;
    },
    get rows() {
      return stdout.rows;
    },
    write: (text) => stdout.write(text),
    onResize(changed) {
      stdout.on("resize", changed);
      return () => stdout.off("resize", changed);
    },
  };
}
