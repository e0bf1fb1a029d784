/**
 * Decoding `/metrics/resource`, ours beside metrics-server's on the same bytes in one run: a fleet whose
 * answers differ from round to round, with one pod in a hundred replaced each time. Goal: ≥ 3.3 times as fast.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { epochMillis } from "../../src/base/units.ts";
import { NodeDecoder, createDecodeScratch } from "../../src/scrape/decode.ts";
import { Fleet } from "./fleet.ts";

export const name = "decoding kubelets' answers";

const NODES = 20;
const ROUNDS = 12;
const CHURN_FRACTION = 0.01;
const PASSES = 10;
/** Ours and theirs take turns, so that a busy moment of the machine meets both. */
const TURNS = 5;
const MODULE = fileURLToPath(new URL("./metrics-server/", import.meta.url));

type Turn = Readonly<{ ours: number; theirs: number }>;
type Peer = Readonly<{ wholeNanos: number; transportNanos: number; bytes: number; containers: number }>;

export async function run(): Promise<readonly { what: string; figure: string }[]> {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-decode-"));
  try {
    const peer = join(folder, "peer");
    execFileSync("go", ["build", "-o", peer, "."], { cwd: MODULE, stdio: ["ignore", "ignore", "inherit"] });
    const answers = record(folder);
    const turns = Array.from({ length: TURNS }, () => takeTurn(answers, () => askPeer(peer, folder)));
    return rowsOf(answers, turns);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** By round and node, in memory and as files. */
function record(folder: string): readonly (readonly Buffer[])[] {
  const fleet = new Fleet({ nodes: NODES, podsPerNode: 110, containers: ["app", "proxy"] });
  return Array.from({ length: ROUNDS }, (_, round) => {
    if (round > 0) fleet.advance(CHURN_FRACTION);
    return Array.from({ length: NODES }, (__, node) => {
      const body = fleet.answer(node);
      const place = [round, node].map((number) => `${number}`.padStart(3, "0"));
      writeFileSync(join(folder, `round-${place.join("-node-")}.txt`), body);
      return body;
    });
  });
}

/** Megabytes a second of both; they must have found the same number of containers. */
function takeTurn(answers: readonly (readonly Buffer[])[], ask: () => Peer): Turn {
  const scratch = createDecodeScratch();
  const decoders = Array.from({ length: NODES }, () => new NodeDecoder(scratch));
  let containers = 0;
  let bytes = 0;
  const begin = performance.now();
  for (let pass = 0; pass < PASSES; pass++)
    for (const round of answers)
      for (const [node, body] of round.entries()) {
        containers += decoders[node]!.decode(body, epochMillis(0)).columns.series.length;
        bytes += body.length;
      }
  const ours = bytes / 1e3 / (performance.now() - begin);
  const peer = ask();
  if (peer.containers !== containers || peer.bytes !== bytes)
    throw new Error("the two did not read the same");
  return { ours, theirs: (peer.bytes * 1e3) / (peer.wholeNanos - peer.transportNanos) };
}

function askPeer(peer: string, folder: string): Peer {
  return JSON.parse(execFileSync(peer, [folder, `${PASSES}`], { encoding: "utf8" })) as Peer;
}

function rowsOf(answers: readonly (readonly Buffer[])[], turns: readonly Turn[]) {
  const kilobytes = answers.flat().reduce((sum, { length }) => sum + length, 0) / answers.flat().length / 1e3;
  const ratios = turns.map(({ ours, theirs }) => ours / theirs).toSorted((one, other) => one - other);
  const [lowest, middle, highest] = [ratios[0]!, ratios[Math.floor(ratios.length / 2)]!, ratios.at(-1)!];
  const speed = (of: keyof Turn): string =>
    `${turns.map((turn) => turn[of].toFixed(0)).join(", ")} MB/s in ${turns.length} turns`;
  return [
    { what: "an answer", figure: `${kilobytes.toFixed(0)} kB, 220 containers, 1 % of pods new` },
    { what: "ours", figure: speed("ours") },
    { what: "metrics-server v0.9.0's, its transport subtracted", figure: speed("theirs") },
    {
      what: "times as fast (goal 3.3)",
      figure: `${middle.toFixed(1)} (${lowest.toFixed(1)} to ${highest.toFixed(1)})`,
    },
  ];
}
