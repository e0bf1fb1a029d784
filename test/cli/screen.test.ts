import { expect, test } from "vitest";
import { frameText, Screen } from "../../src/cli/view/screen.ts";

function aTerminal() {
  const written: string[] = [];
  return { columns: 80, rows: 24, write: (text: string) => written.push(text), written };
}

test("a frame is one write, that clears what was longer or lower before", () => {
  const terminal = aTerminal();
  const screen = new Screen(terminal);
  screen.draw(["one", "two"]);
  expect(terminal.written).toHaveLength(2);
  expect(terminal.written[1]).toBe("\u001b[?2026h\u001b[Hone\u001b[K\r\ntwo\u001b[K\u001b[J\u001b[?2026l");
});

test("the same picture is not written again, except when the size has changed", () => {
  const terminal = aTerminal();
  const screen = new Screen(terminal);
  for (const lines of [["one"], ["one"], ["two"], ["two"]]) screen.draw(lines);
  expect(terminal.written).toHaveLength(3);
  screen.invalidate();
  screen.draw(["two"]);
  expect(terminal.written.at(-1)).toBe(frameText(["two"]));
  expect(terminal.written).toHaveLength(4);
});

test("closing gives back the screen and the cursor that opening took", () => {
  const terminal = aTerminal();
  new Screen(terminal).close();
  expect(terminal.written).toEqual(["\u001b[?1049h\u001b[?25l", "\u001b[?25h\u001b[?1049l"]);
});

test("asks the terminal for its size each time", () => {
  const terminal = aTerminal();
  const screen = new Screen(terminal);
  terminal.columns = 120;
  expect(screen.size()).toEqual({ width: 120, height: 24 });
});
