/**
 * Plain lines for what is not a terminal: a line for each change of a replica count and for each trouble
 * that begins or ends, and the whole table at the end.
 *
 * Invariant: what goes on as before is not repeated.
 */
import { timeText } from "../../base/rfc3339.ts";
import type { DecisionRecord } from "../../report/record.ts";
import type { Entry } from "./board.ts";
import { actOf } from "./board.ts";
import type { Picture } from "./frame.ts";
import { renderFrame } from "./frame.ts";
import { plainly, printable } from "./text.ts";
import type { Output, View } from "./view.ts";

/** Wide enough for every column, since lines in a file wrap for nobody. */
const WIDTH = 160;
const NAME_WIDTH = 18;

export function createLineView({ write }: Output, look: () => Picture): View {
  return {
    show(entries, record) {
      const line = lineOf(entries, record);
      if (line !== undefined) write(`${line}\n`);
    },
    close() {
      const picture = look();
      const height = picture.entries.length + HEAD_AND_FOOT;
      write(`\n${renderFrame(picture, { width: WIDTH, height }, plainly).slice(0, -2).join("\n")}\n`);
    },
  };
}

const HEAD_AND_FOOT = 5;

/** undefined when there is nothing new to say. */
export function lineOf(
  { before, after }: Readonly<{ before: Entry | undefined; after: Entry }>,
  record: DecisionRecord,
): string | undefined {
  const { row } = after;
  const begin = `${timeText(record.at)}  ${printable(row.policy).padEnd(NAME_WIDTH)}`;
  const act = actOf(record);
  if (act !== undefined) return `${begin}  ${act.to > act.from ? "up" : "down"}: ${act.why}`;
  // The first decisions, before there are samples, are no trouble worth a line.
  if (before === undefined || !before.settled) return undefined;
  const [failed, fails] = [before.row.state === "failing", row.state === "failing"];
  if (fails && !failed) return `${begin}  trouble: ${row.sentence}`;
  return failed && !fails ? `${begin}  recovered: ${row.sentence}` : undefined;
}
