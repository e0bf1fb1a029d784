/**
 * Tables in Markdown. A cell is one line; what would end it is escaped.
 */
type Row = readonly string[];

export function markdownTable(header: Row, rows: readonly Row[]): string {
  const lines = [header, header.map(() => "---"), ...rows.map((row) => row.map(cell))];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

export const code = (text: string): string => `\`${text}\``;
