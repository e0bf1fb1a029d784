/**
 * Every decision as a line of JSON, for programs.
 */
import { decisionLine } from "./decision-json.ts";
import type { Output, View } from "./view.ts";

export function createJsonView({ write }: Output): View {
  return {
    show: (_, record) => write(`${JSON.stringify(decisionLine(record))}\n`),
    close: () => undefined,
  };
}
