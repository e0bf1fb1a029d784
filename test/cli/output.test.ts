import { EventEmitter } from "node:events";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createOutput } from "../../src/cli/output.ts";

afterEach(() => void vi.unstubAllEnvs());

/** Standard output as far as it is looked at. */
function aStream(isTTY: boolean, colours = true) {
  const written: string[] = [];
  return Object.assign(new EventEmitter(), {
    isTTY,
    columns: 80,
    rows: 24,
    hasColors: () => colours,
    write: (text: string) => written.push(text),
    written,
  }) as unknown as NodeJS.WriteStream & { written: string[] };
}

describe("standard output", () => {
  test.each([
    { when: "on a terminal", isTTY: true, colours: true, noColour: "", painted: true },
    { when: "under NO_COLOR", isTTY: true, colours: true, noColour: "1", painted: false },
    { when: "on a terminal without colours", isTTY: true, colours: false, noColour: "", painted: false },
    { when: "in a file", isTTY: false, colours: true, noColour: "", painted: false },
  ])("$when has colours: $painted", ({ isTTY, colours, noColour, painted }) => {
    vi.stubEnv("NO_COLOR", noColour);
    const { paint } = createOutput(aStream(isTTY, colours), aStream(false));
    expect(paint("failing", "held")).toBe(painted ? "\u001b[31mheld\u001b[39m" : "held");
    expect(paint("plain", "calm")).toBe("calm");
  });

  test("is a terminal or not, and knows its size as it is now", () => {
    const stdout = aStream(true);
    const { terminal } = createOutput(stdout, aStream(false));
    const sizes: number[] = [];
    const stop = terminal?.onResize(() => sizes.push(terminal.columns));
    stdout.columns = 120;
    stdout.emit("resize");
    stop?.();
    stdout.columns = 90;
    stdout.emit("resize");
    expect(sizes).toEqual([120]);
    expect(createOutput(aStream(false), aStream(false)).terminal).toBeUndefined();
  });

  test("that nobody reads any more is an end", () => {
    const stdout = aStream(false);
    const { closed } = createOutput(stdout, aStream(false));
    stdout.emit("error", new Error("EPIPE"));
    expect(closed.aborted).toBe(true);
  });

  test("keeps problems back until the screen is free", () => {
    const stderr = aStream(false);
    const output = createOutput(aStream(true), stderr);
    output.complain("a bug");
    expect(stderr.written).toEqual([]);
    output.flush();
    output.flush();
    expect(stderr.written).toEqual(["a bug\n"]);
  });
});
