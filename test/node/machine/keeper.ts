/**
 * A process of its own that holds the machine for one node, and cleans up after it, however its owner ended. `node keeper.ts
 * FOLDER` says `held` when no other node is on the machine (`waiting` before); when its input ends it removes all there is,
 * says what it could not, and ends.
 *
 * Invariant: the machine is held until the node is gone. A keeper that was killed has left a note, and the next one removes
 * that node first.
 */
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { userCache } from "../../control-plane/binaries.ts";
import { processesInPods, removeNode } from "./clean.ts";

/** The kernel lets go of it when its holder ends. */
const NAME = "\0plimsoll-node-lane";
/** The folder of the node that is on the machine. */
const NOTE = join(userCache(), "node-lane.folder");
const PAUSE_MILLIS = 500;

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("usage: node keeper.ts FOLDER");
// whoever ends the tests ends our input: that is the sign
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => undefined);

let left = false;
process.stdin.resume().once("close", () => (left = true));
const server = await hold();
const trouble = await removeEarlier();
if (trouble === undefined && !left) {
  mkdirSync(dirname(NOTE), { recursive: true });
  writeFileSync(NOTE, folder);
  say("held");
  if (!left) await once(process.stdin, "close");
}
const kept = trouble === undefined ? await removeNode(folder) : [trouble];
if (trouble === undefined) rmSync(NOTE, { force: true });
for (const each of kept) say(`left: ${each}`);
server?.close();
process.exitCode = kept.length > 0 ? 1 : 0;

/** Undefined when our owner went while we waited. */
async function hold() {
  for (let told = false; !left; told = true) {
    const tried = createServer();
    const outcome = await new Promise<string>((settle) => {
      tried.once("error", ({ message }) => settle(message));
      tried.listen(NAME, () => settle("held"));
    });
    if (outcome === "held") return tried;
    if (!told) say("waiting");
    await wait(PAUSE_MILLIS);
  }
  return undefined;
}

/** What stands in the way of a node of ours, if anything does. */
async function removeEarlier(): Promise<string | undefined> {
  if (existsSync(NOTE)) {
    const kept = await removeNode(readFileSync(NOTE, "utf8"));
    if (kept.length > 0) return `of an earlier node ${kept.join(", ")}`;
    rmSync(NOTE);
  }
  return processesInPods().length > 0 ? "another kubelet's pods, which are not ours to end" : undefined;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
