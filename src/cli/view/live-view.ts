/**
 * The live picture on a terminal.
 *
 * Invariant: it is drawn ten times a second at most, and the terminal is given back as it was.
 */
import { countText } from "./text.ts";
import type { Picture } from "./frame.ts";
import { renderFrame } from "./frame.ts";
import { Screen } from "./screen.ts";
import type { LiveTerminal, Output, View } from "./view.ts";

const REDRAW_EVERY = 100;

export function createLiveView(terminal: LiveTerminal, output: Output, look: () => Picture): View {
  const screen = new Screen(terminal);
  const draw = (): void => screen.draw(renderFrame(look(), screen.size(), output.paint));
  const timer = setInterval(draw, REDRAW_EVERY);
  const stopListening = terminal.onResize(() => {
    screen.invalidate();
    draw();
  });
  draw();
  return {
    // Drawn by the timer: a hundred decisions in a moment are one picture.
    show: () => undefined,
    close() {
      clearInterval(timer);
      stopListening();
      screen.close();
      output.write(`${summaryOf(look())}\n`);
    },
  };
}

/** What is left on the screen afterwards. */
function summaryOf({ entries, tally: { decided, acted, held } }: Picture): string {
  const counts = `${countText(decided)} decisions, ${countText(acted)} acted on, ${countText(held)} held`;
  return `plimsoll demo: ${entries.length} workloads, ${counts}`;
}
