/**
 * S07: what a hostile kubelet sends costs little memory and delays no other node.
 */
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { must } from "../../src/base/assert.ts";
import { nameOf } from "../fail-safe/row.ts";
import { AUTHORITY, makeFolder, serve } from "../real/apiserver/loopback.ts";
import type { Reply } from "../real/apiserver/loopback.ts";
import { captured } from "../scrape/answers.ts";
import type { Taken } from "./oversized-reader.ts";

const MIB = 2 ** 20;

/** Sends pieces as fast as they are taken, until there are no more or nobody listens. */
function pour(response: ServerResponse, pieces: Iterator<Buffer>): void {
  const next = (): void => {
    if (response.destroyed) return;
    const { value, done } = pieces.next();
    if (done === true) return void response.end();
    response.write(value, () => setImmediate(next));
  };
  next();
}

function* zeros(bytes: number): Generator<Buffer> {
  const piece = Buffer.alloc(MIB, 0x78);
  for (let sent = 0; sent < bytes; sent += MIB) yield piece;
}

function* series(count: number, name: (n: number) => string): Generator<Buffer> {
  for (let from = 0; from < count; from += 5_000) {
    const lines = Array.from(
      { length: Math.min(5_000, count - from) },
      (_, n) =>
        `container_cpu_usage_seconds_total{container="a",namespace="n",pod="${name(from + n)}"} 1 1\n`,
    );
    yield Buffer.from(lines.join(""));
  }
}

const bomb = brotliCompressSync(Buffer.alloc(128 * MIB), { params: { [constants.BROTLI_PARAM_QUALITY]: 3 } });
const gzipBomb = gzipSync(Buffer.alloc(64 * MIB));

const HOSTILE: Readonly<Record<string, Reply>> = {
  "a gibibyte": (response) => pour(response, zeros(1024 * MIB)),
  "a gibibyte, announced": (response) => {
    response.setHeader("content-length", 1024 * MIB);
    pour(response, zeros(1024 * MIB));
  },
  "a byte a second": (response) => {
    const drip = setInterval(() => response.write("x"), 1_000);
    response.on("close", () => clearInterval(drip));
  },
  "128 MiB in a few hundred bytes": (response) => {
    response.setHeader("content-encoding", "br");
    response.end(bomb);
  },
  "64 MiB, gzipped": (response) => {
    response.setHeader("content-encoding", "gzip");
    response.end(gzipBomb);
  },
  "a million series": (response) =>
    pour(
      response,
      series(1e6, (n) => `p${n}`),
    ),
  "180,000 series, other ones each time": (response, _, nth) =>
    pour(
      response,
      series(180_000, (n) => `${nth}-${n}`),
    ),
  "one label of 15 MiB": (response) => {
    response.write('container_cpu_usage_seconds_total{container="');
    pour(response, zeros(15 * MIB));
  },
};

/**
 * Read side by side by one process, each group by its own. The last two stay just under what is read of an answer: 16 MiB
 * in pieces and once more whole, until the next collection.
 */
const GROUPS: readonly Readonly<{ hostile: readonly string[]; most: number }>[] = [
  {
    hostile: ["a gibibyte", "a byte a second", "128 MiB in a few hundred bytes", "a million series"],
    most: 64,
  },
  { hostile: ["a gibibyte, announced", "64 MiB, gzipped"], most: 64 },
  { hostile: ["180,000 series, other ones each time"], most: 128 },
  { hostile: ["one label of 15 MiB"], most: 128 },
];

async function take(hostile: readonly string[]): Promise<Taken> {
  const good = await Promise.all(
    Array.from({ length: 4 }, () => serve((response) => response.end(captured("1-running")))),
  );
  const bad = await Promise.all(
    hostile.map((what) => serve(must(HOSTILE[what], `${what} is one of the hostile`))),
  );
  const file = join(makeFolder(), "ca.crt");
  writeFileSync(file, AUTHORITY.sealed.certificate);
  const ports = { good: good.map(({ port }) => port), bad: bad.map(({ port }) => port) };
  const reader = fileURLToPath(new URL("oversized-reader.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [reader, file, JSON.stringify(ports)]);
  expect(
    bad.every(({ seen }) => seen.length > 0),
    "each was asked",
  ).toBe(true);
  return JSON.parse(stdout) as Taken;
}

test(nameOf("S07"), { timeout: 40_000 }, async () => {
  const all = await Promise.all(GROUPS.map(({ hostile }) => take(hostile)));
  for (const [n, { baseline, peak, goodAnswers, longestGap, failures }] of all.entries()) {
    const { hostile, most } = must(GROUPS[n], "one for each group");
    const grown = (peak - baseline) / MIB;
    console.log(
      `S07: ${hostile.join(", ")}: RSS ${(baseline / MIB).toFixed(0)} + ${grown.toFixed(0)} MiB, ` +
        `${goodAnswers} answers of 4 healthy nodes, at most ${longestGap.toFixed(0)} ms apart; ${JSON.stringify(failures)}`,
    );
    expect(grown).toBeLessThanOrEqual(most);
    expect(goodAnswers, "of 32").toBeGreaterThanOrEqual(24);
    expect(Object.keys(failures).length).toBeGreaterThan(0);
  }
});
