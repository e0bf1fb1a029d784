/**
 * Every decision as a line of JSON, for programs.
 */
import { decisionLine } from "./decision-json.ts";
import { printable } from "./text.ts";
import type { Output, View } from "./view.ts";

export function createJsonView({ write }: Output): View {
  return {
    show: (_, record) => write(`${JSON.stringify(decisionLine(record), printably)}\n`),
    close: () => undefined,
  };
}

/** JSON escapes control characters only below 0x20. */
const printably = (_: string, value: unknown): unknown =>
  typeof value === "string" ? printable(value) : value;
