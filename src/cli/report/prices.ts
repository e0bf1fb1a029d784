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

export async function pricesFrom({ file, cpu, memory, currency }: PriceFlags): Promise<PricesOutcome> {
  const base = file === undefined ? DEFAULT_PRICES : await readPriceFile(file);
  if (typeof base === "string") return { kind: "wrong", message: base };
  const named = [cpu !== undefined && "--cpu-price", memory !== undefined && "--memory-price"].filter(Boolean);
  const source = named.length === 0 ? base.source : named.join(" and ");
  const rest = named.length === 1 ? `; else ${base.source}` : "";
  const prices: Prices = {
    currency: currency ?? base.currency,
    cpuCoreHour: cpu ?? base.cpuCoreHour,
    memoryGiBHour: memory ?? base.memoryGiBHour,
    source: `${source}${rest}`,
    date: named.length === 2 ? "" : base.date,
  };
  return { kind: "prices", prices };
}

/** The prices, or what is wrong with the file. */
async function readPriceFile(file: string): Promise<Prices | string> {
  let written: unknown;
  try {
    written = parse(await readFile(file, "utf8"));
  } catch (error) {
    return `--price-file ${file}: ${error instanceof Error ? (error.message.split("\n")[0] ?? "") : "unreadable"}`;
  }
  const parsed = PriceFile.safeParse(written);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return `--price-file ${file}: ${issue?.path.join(".") || "the file"}: ${issue?.message ?? "is no price list"}`;
  }
  const { source = file, date = "", ...rest } = parsed.data;
  return { ...rest, source, date };
}
