/**
 * Which prices a report uses: those of a file, of flags, or the default list price, and says which.
 *
 *   # prices.yaml
 *   currency: EUR
 *   cpuCoreHour: 0.0274
 *   memoryGiBHour: 0.0036
 *   source: our bill
 *   date: 2026-10
 *
 * Invariant: a figure that a flag gives is told as given by the flag, never under somebody else's name.
 */
import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { z } from "zod";
import { wordsOf } from "../../real/apiserver/message.ts";
import { DEFAULT_PRICES, type Prices } from "../../rightsizing/judge/money.ts";

export type PriceFlags = Readonly<{
  file: string | undefined;
  cpu: number | undefined;
  memory: number | undefined;
  currency: string | undefined;
}>;

const price = z.number().min(0).max(1_000_000);
const PriceFile = z.strictObject({
  currency: z.string().regex(/^[A-Z]{3}$/, "write three letters, such as EUR"),
  cpuCoreHour: price,
  memoryGiBHour: price,
  source: z.string().min(1).optional(),
  date: z.union([z.string(), z.date().transform((day) => day.toISOString().slice(0, 10))]).optional(),
});

export type PricesOutcome =
  Readonly<{ kind: "prices"; prices: Prices }> | Readonly<{ kind: "wrong"; message: string }>;

export async function pricesFrom(flags: PriceFlags): Promise<PricesOutcome> {
  if (flags.file === undefined) return { kind: "prices", prices: withFlags(DEFAULT_PRICES, flags) };
  const read = await readPriceFile(flags.file);
  if ("problem" in read) return { kind: "wrong", message: `--price-file ${flags.file}: ${read.problem}` };
  return { kind: "prices", prices: withFlags(read, flags) };
}

function withFlags(base: Prices, { cpu, memory, currency }: PriceFlags): Prices {
  const own: Prices = {
    ...base,
    currency: currency ?? base.currency,
    cpuCoreHour: cpu ?? base.cpuCoreHour,
    memoryGiBHour: memory ?? base.memoryGiBHour,
  };
  if (cpu !== undefined && memory !== undefined)
    return { ...own, source: "--cpu-price and --memory-price", date: "" };
  const given = cpu !== undefined ? "--cpu-price" : memory !== undefined ? "--memory-price" : undefined;
  return given === undefined ? own : { ...own, source: `${given}; else ${base.source}` };
}

async function readPriceFile(file: string): Promise<Prices | Readonly<{ problem: string }>> {
  let written: unknown;
  try {
    written = parse(await readFile(file, "utf8"));
  } catch (error) {
    return { problem: wordsOf(error).split("\n", 1).join() };
  }
  const parsed = PriceFile.safeParse(written);
  if (!parsed.success) return { problem: problemOf(parsed.error) };
  const { source = file, date = "", ...rest } = parsed.data;
  return { ...rest, source, date };
}

function problemOf({ issues: [issue] }: z.ZodError): string {
  return `${issue?.path.join(".") || "the file"}: ${issue?.message ?? "is no price list"}`;
}
