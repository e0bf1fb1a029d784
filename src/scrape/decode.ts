/**
 * The answer of one kubelet, decoded: five families of the text exposition, and the kubelet's own word on
 * whether it could read its numbers. All else is passed over.
 *
 * Invariant: any bytes decode. A malformed line loses that line and is counted, never the node; a value that
 * comes out is finite, whole and not negative, and no container has two rows.
 *
 * Why one decoder per node: two answers of one node name the same containers in the same order. Each series
 * remembers its label text and the series that followed it, so that a steady node costs one comparison of
 * bytes per line, and a container that came or went costs one look into a table.
 *
 * Amounts are doubles although metrics-server keeps 64-bit integers, and nothing is lost: it converts from a
 * double itself, so each of its integers is one, and the difference of two doubles is rounded exactly as it
 * rounds the difference of the integers.
 */
import { Columns } from "./decode-columns.ts";
import type { Series } from "./decode-columns.ts";
import { BRACE, HASH, Scanner, isBlank, isNameByte } from "./decode-scanner.ts";
import type { LabelSet } from "./decode-scanner.ts";
import { epochMillis } from "../base/units.ts";
import type { EpochMillis } from "../base/units.ts";

/** Many times what a node can run; one that names more is not believed beyond this. */
const SERIES_MAX = 20_000;
/** An answer with this many lines lost is no kubelet's, and the rest of it is not read. */
const LOST_MAX = 20_000;
const NANOS_PER_SECOND = 1e9;
/** Amounts beyond a signed 64-bit integer mean nothing. */
const AMOUNT_MAX = 2 ** 63;

type Family = Readonly<{
  name: string;
  of: "container" | "node";
  gives: "cpu" | "memory" | "start" | "error";
  /** The byte at MARK_AT, where these names differ most: one look tells lines of other families. */
  mark: number;
}>;

const MARK_AT = 11;

/** In the order in which a kubelet prints them. */
const FAMILIES: readonly Family[] = [
  family("container_cpu_usage_seconds_total", "container", "cpu"),
  family("container_memory_working_set_bytes", "container", "memory"),
  family("container_start_time_seconds", "container", "start"),
  family("node_cpu_usage_seconds_total", "node", "cpu"),
  family("node_memory_working_set_bytes", "node", "memory"),
  family("resource_scrape_error", "node", "error"),
];

/** A series that an earlier line named, and which series stood behind it the last time. */
type KnownSeries = Series & {
  /** The label set as it stands in the text, braces included. */
  readonly text: string;
  follower: KnownSeries | undefined;
  /** The answer that named it last, and its row there. */
  answer: number;
  row: number;
};

/** The node's own usage: CPU is cumulative, in whole nanoseconds of one core; memory in whole bytes. */
export type NodePoint = Readonly<{ cpu: number; memory: number; at: EpochMillis }>;

/** What an answer said. The columns hold until the scraper's next answer is decoded. */
export type DecodedAnswer = Readonly<{
  /** Undefined unless both of the node's lines were there and neither was 0. */
  node: NodePoint | undefined;
  columns: Readonly<Pick<Columns, "series" | "row">>;
  /** The kubelet says that it could not read its statistics; such an answer is 200 and has no samples. */
  scrapeError: boolean;
  /** Lines that were read, and lines lost: `unlabelled` ones name no namespace, pod or container. */
  lines: Readonly<{ read: number; malformed: number; unlabelled: number }>;
}>;

/** What all decoders of a scraper share; nothing in it outlives the storing of one answer. */
export type DecodeScratch = Readonly<{ scanner: Scanner; columns: Columns; labels: LabelSet }>;

export function createDecodeScratch(): DecodeScratch {
  const labels = { container: undefined, namespace: undefined, pod: undefined };
  return { scanner: new Scanner(), columns: new Columns(), labels };
}

export class NodeDecoder {
  readonly #scanner: Scanner;
  readonly #columns: Columns;
  readonly #labels: LabelSet;
  readonly #known = new Map<string, KnownSeries>();
  #answer = 0;
  #requestedAt = 0;
  /** The first series of the last answer, and the series of the last line; undefined where a family begins. */
  #first: KnownSeries | undefined;
  #previous: KnownSeries | undefined;
  #family: Family = FAMILIES[0]!;
  #node = { cpu: Number.NaN, memory: Number.NaN, at: 0, error: 0 };
  #read = 0;
  #malformed = 0;
  #unlabelled = 0;

  constructor({ scanner, columns, labels }: DecodeScratch) {
    this.#scanner = scanner;
    this.#columns = columns;
    this.#labels = labels;
  }

  /** @param requestedAt When the request went out: the stamp of lines that bear none. */
  decode(body: Uint8Array, requestedAt: EpochMillis): DecodedAnswer {
    const scanner = this.#scanner;
    this.#begin(requestedAt);
    scanner.open(body);
    while (scanner.at < scanner.end && this.#malformed + this.#unlabelled < LOST_MAX) {
      const lineAt = scanner.at;
      if (this.#takeLine()) continue;
      this.#malformed++;
      scanner.at = lineAt;
      scanner.skipLine();
    }
    scanner.close();
    this.#forgetGone();
    return {
      node: this.#nodePoint(),
      columns: this.#columns,
      scrapeError: this.#node.error > 0,
      lines: { read: this.#read, malformed: this.#malformed, unlabelled: this.#unlabelled },
    };
  }

  #begin(requestedAt: EpochMillis): void {
    this.#answer++;
    this.#requestedAt = requestedAt;
    this.#previous = undefined;
    this.#node = { cpu: Number.NaN, memory: Number.NaN, at: 0, error: 0 };
    this.#read = this.#malformed = this.#unlabelled = 0;
    this.#columns.clear();
  }

  /** Moves behind one line and its end; false when it is malformed. */
  #takeLine(): boolean {
    const scanner = this.#scanner;
    if (scanner.bytes[scanner.at] === HASH) return scanner.skipLine();
    const family = this.#takeFamily();
    if (family === undefined) return this.#passOver();
    if (family !== this.#family) {
      this.#family = family;
      this.#previous = undefined;
    }
    return family.of === "container" ? this.#takeContainerLine(family) : this.#takeNodeLine(family);
  }

  /** Most lines are of the same family as the one before. */
  #takeFamily(): Family | undefined {
    if (this.#takeName(this.#family)) return this.#family;
    for (const family of FAMILIES) if (family !== this.#family && this.#takeName(family)) return family;
    return undefined;
  }

  #takeName({ name, mark }: Family): boolean {
    const scanner = this.#scanner;
    const nameAt = scanner.at;
    if (scanner.bytes[nameAt + MARK_AT] !== mark || !scanner.take(name)) return false;
    if (scanner.at >= scanner.end || !isNameByte(scanner.bytes[scanner.at]!)) return true;
    scanner.at = nameAt;
    return false;
  }

  /** A line of another family, or a blank one: looked at no further than to see that it begins with a name. */
  #passOver(): boolean {
    const scanner = this.#scanner;
    if (!isNameByte(scanner.bytes[scanner.at]!) && !scanner.atLineEnd()) return false;
    return scanner.skipLine();
  }

  #takeContainerLine(family: Family): boolean {
    const scanner = this.#scanner;
    if (scanner.bytes[scanner.at] !== BRACE)
      return isBlank(scanner.bytes[scanner.at]) && this.#loseUnlabelled();
    const expected = this.#previous === undefined ? this.#first : this.#previous.follower;
    let series = expected;
    if (series === undefined || !scanner.take(series.text)) {
      const labelsAt = scanner.at;
      if (!scanner.labels(this.#labels)) return false;
      series = this.#seriesNamed(labelsAt);
      if (series === undefined) return this.#loseUnlabelled();
      if (this.#previous === undefined) this.#first = series;
      else this.#previous.follower = series;
    }
    this.#previous = series;
    return this.#takePoint(family, series);
  }

  #takePoint({ gives }: Family, series: KnownSeries): boolean {
    const scanner = this.#scanner;
    scanner.skipBlanks();
    const value = scanner.amount();
    const at = scanner.stampOr(this.#requestedAt);
    const amount = Math.trunc(gives === "memory" ? value : value * NANOS_PER_SECOND);
    if (!(amount <= AMOUNT_MAX && at >= 0 && scanner.takeLineEnd())) return false;
    this.#read++;
    if (series.answer !== this.#answer) {
      series.answer = this.#answer;
      series.row = this.#columns.open(series);
    }
    if (gives === "cpu") this.#columns.putCpu(series.row, amount, at);
    else if (gives === "memory") this.#columns.putMemory(series.row, amount, at);
    else this.#columns.putStart(series.row, amount);
    return true;
  }

  #takeNodeLine({ gives }: Family): boolean {
    const scanner = this.#scanner;
    const next = scanner.bytes[scanner.at];
    if (next === BRACE ? !scanner.labels(this.#labels) : !isBlank(next)) return false;
    scanner.skipBlanks();
    const value = scanner.amount();
    const at = scanner.stampOr(this.#requestedAt);
    const amount = Math.trunc(gives === "cpu" ? value * NANOS_PER_SECOND : value);
    if (!(amount <= AMOUNT_MAX && at >= 0 && scanner.takeLineEnd())) return false;
    if (gives === "start") return true;
    this.#node[gives] = amount;
    if (gives === "error") return true;
    this.#read++;
    this.#node.at = at;
    return true;
  }

  /** The series whose labels have just been read, known or new; undefined when they name none. */
  #seriesNamed(labelsAt: number): KnownSeries | undefined {
    const text = this.#scanner.text(labelsAt, this.#scanner.at);
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const { container, namespace, pod } = this.#labels;
    if (container === undefined || !namespace || !pod || this.#known.size >= SERIES_MAX) return undefined;
    const usualText = `{container="${escape(container)}",namespace="${escape(namespace)}",pod="${escape(pod)}"}`;
    const series = this.#known.get(usualText) ?? this.#create({ container, namespace, pod, text });
    this.#known.set(text, series);
    if (text !== usualText) this.#known.set(usualText, series);
    return series;
  }

  #create({ container, namespace, pod, text }: Series & { text: string }): KnownSeries {
    const { intern } = this.#columns;
    const names = { namespace: intern(namespace), pod, container: intern(container) };
    return { ...names, text, follower: undefined, answer: 0, row: 0 };
  }

  #loseUnlabelled(): boolean {
    this.#unlabelled++;
    return this.#scanner.skipLine();
  }

  #forgetGone(): void {
    if (this.#known.size === this.#columns.series.length) return;
    for (const [text, series] of this.#known) if (series.answer !== this.#answer) this.#known.delete(text);
  }

  #nodePoint(): NodePoint | undefined {
    const { cpu, memory, at } = this.#node;
    return cpu > 0 && memory > 0 ? { cpu, memory, at: epochMillis(at) } : undefined;
  }
}

function family(name: string, of: Family["of"], gives: Family["gives"]): Family {
  return { name, of, gives, mark: name.charCodeAt(MARK_AT) };
}

/** A label value as a kubelet writes it, so that two spellings of a label set come to one. */
function escape(value: string): string {
  return value.replace(/[\\"\n]/g, (special) => (special === "\n" ? "\\n" : `\\${special}`));
}
