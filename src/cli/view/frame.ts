/**
 * A whole picture of the fleet as lines of text, for a width and a height.
 *
 * Invariant: no line is wider than the width, there are never more lines than the height, and every row
 * starts its columns at the same places.
 */
import type { EpochMillis } from "../../base/units.ts";
import { timeText } from "../../base/rfc3339.ts";
import type { Entry, Tally } from "./board.ts";
import { gauge } from "./gauge.ts";
import type { Row } from "./row.ts";
import type { Paint, Tone } from "./text.ts";
import { agoText, countText, fit } from "./text.ts";

export type Picture = Readonly<{
  now: EpochMillis;
  /** Simulated seconds in a real one. */
  speed: number;
  podCount: number;
  tally: Tally;
  entries: readonly Entry[];
}>;
export type Size = Readonly<{ width: number; height: number }>;

/** An act is the news of its row for a minute; in fast time longer, for eyes need some seconds. */
const NEWS = { min: 60_000, real: 5_000, max: 300_000 };
/** Widths from which on a column has its place. */
const NAMESPACE_FROM = 100;
const REQUESTS_FROM = 140;

type Column = Readonly<{
  head: string;
  width: number;
  cell: (entry: Entry, width: number, paint: Paint) => string;
}>;

/** `paint` may colour, and adds nothing to the width that a terminal shows. */
export function renderFrame(picture: Picture, { width, height }: Size, paint: Paint): string[] {
  const columns = columnsFor(picture, width);
  const head = [headerLine(picture, width, paint), "", headsLine(columns, width, paint)];
  const room = height - head.length - 2;
  const shown =
    picture.entries.length <= room ? picture.entries : picture.entries.slice(0, Math.max(0, room));
  const hidden = picture.entries.length - shown.length;
  const rows = shown.map((entry) => rowLine(entry, columns, paint));
  return [...head, ...rows, "", footerLine(hidden, width, paint)].slice(0, Math.max(0, height));
}

function headerLine(picture: Picture, width: number, paint: Paint): string {
  const room = Math.max(0, width - NAME.length);
  const words = headerWords(picture, false);
  const fitting = words.length <= room ? words : headerWords(picture, true);
  return `${paint("strong", NAME)}${fit(fitting, room).trimEnd()}`;
}

const NAME = "plimsoll";

/** `brief` leaves out what can be done without. */
function headerWords({ now, speed, podCount, tally, entries }: Picture, brief: boolean): string {
  const time = timeText(now).replace("T", " ").replace("Z", "");
  const counts = [
    `${entries.length} workloads`,
    `${countText(podCount)} pods`,
    ...(brief ? [] : [`${countText(tally.decided)} decisions`]),
    `${countText(tally.acted)} acted`,
    `${countText(tally.held)} held`,
  ].join(" · ");
  return `  ${brief ? time.slice(11) : time}  ${speed}×   ${counts}`;
}

function headsLine(columns: readonly Column[], width: number, paint: Paint): string {
  const line = columns.map(({ head, width: each }) => fit(head, each)).join("  ");
  return paint("calm", fit(line, width).trimEnd());
}

function footerLine(hidden: number, width: number, paint: Paint): string {
  const more = hidden > 0 ? `${hidden} more below; a taller window shows them   ` : "";
  return paint("calm", fit(`${more}│ is the mark: what a pod should carry   ctrl-c ends`, width).trimEnd());
}

function rowLine(entry: Entry, columns: readonly Column[], paint: Paint): string {
  return columns
    .map(({ width, cell }) => cell(entry, width, paint))
    .join("  ")
    .trimEnd();
}

/** The last column takes what the others leave. */
function columnsFor(picture: Picture, width: number): Column[] {
  const { entries } = picture;
  const widest = (words: (row: Row) => string, head: string, most: number): number =>
    Math.min(most, Math.max(head.length, ...entries.map(({ row }) => words(row).length)));
  const apart = width >= NAMESPACE_FROM;
  const name = ({ namespace, name: own }: Row): string => (apart ? own : `${namespace}/${own}`);
  const cells = width >= NAMESPACE_FROM ? 12 : 9;
  const fixed: Column[] = [
    ...(apart
      ? [
          textColumn(
            "NAMESPACE",
            widest(({ namespace }) => namespace, "NAMESPACE", 16),
            (r) => r.namespace,
          ),
        ]
      : []),
    textColumn("WORKLOAD", widest(name, "WORKLOAD", apart ? 24 : 16), name),
    { head: "USAGE per pod", width: cells + 1 + 1 + LEVEL_WORDS, cell: usageCell(cells) },
    textColumn("REPLICAS", 8, replicasText),
    ...(width >= REQUESTS_FROM
      ? [
          textColumn(
            "REQUESTS",
            widest(({ requests }) => requests, "REQUESTS", 22),
            (row) => row.requests,
          ),
        ]
      : []),
  ];
  const taken = fixed.reduce((sum, column) => sum + column.width + 2, 0);
  const rest = Math.max(0, width - taken);
  return [
    ...fixed,
    { head: "LAST DECISION", width: rest, cell: decisionCell(picture, width < REQUESTS_FROM) },
  ];
}

/** `cpu 90/60%`, `mem 1.4Gi/1Gi`. */
const LEVEL_WORDS = 11;

function textColumn(head: string, width: number, words: (row: Row) => string): Column {
  return {
    head,
    width,
    cell: ({ row }, each, paint) => paint(row.state === "calm" ? "calm" : "plain", fit(words(row), each)),
  };
}

const usageCell =
  (cells: number): Column["cell"] =>
  ({ row }, width, paint) => {
    if (row.level === undefined) return paint("failing", fit(row.unknown, width));
    const words = fit(`${row.resource === "memory" ? "mem" : row.resource} ${row.level.words}`, LEVEL_WORDS);
    // Within the tolerance nothing is to be done, and so nothing is amber.
    const tone = row.aboveMark ? "above-mark" : toneOf(row);
    const paintAbove = (text: string): string => (row.aboveMark ? paint("above-mark", text) : text);
    return `${gauge(row.level, cells, paintAbove)} ${paint(tone, words)}`;
  };

function replicasText({ replicas }: Row): string {
  if (replicas === undefined) return "-";
  return replicas.now === replicas.wanted ? `${replicas.now}` : `${replicas.now} → ${replicas.wanted}`;
}

/** Where there is little room, what the gauge already says is left out. */
const decisionCell =
  ({ now, speed }: Picture, short: boolean): Column["cell"] =>
  ({ row, lastAct }, width, paint) => {
    const age = lastAct === undefined ? Infinity : now - lastAct.at;
    const news = Math.min(NEWS.max, Math.max(NEWS.min, NEWS.real * speed));
    if (lastAct === undefined || age > news || row.state === "failing")
      return paint(toneOf(row), fit(short ? row.shortSentence : row.sentence, width));
    const direction = lastAct.to > lastAct.from ? "up" : "down";
    return fit(`scaled ${direction} ${agoText(age)}: ${short ? lastAct.shortWhy : lastAct.why}`, width);
  };

function toneOf({ state }: Row): Tone {
  if (state === "failing") return "failing";
  if (state === "above") return "above-mark";
  return state === "calm" ? "calm" : "plain";
}
