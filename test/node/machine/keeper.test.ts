/**
 * What a node was goes with its owner, however that ended; and a machine has one.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { WAIT } from "../../cluster/manifests.ts";
import { holdMachine } from "./hold.ts";

const script = (name: string): string => fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
const ownFolder = (): string => mkdtempSync(join(tmpdir(), "plimsoll-node-"));

/** A process of the node of this folder: the one that makes its view of the machine. */
async function startMember(folder: string): Promise<Readonly<{ ended: Promise<unknown[]> }>> {
  const view = ["--mount", "--propagation", "private", process.execPath, script("mounts"), folder];
  const ended = once(spawn("unshare", view, { stdio: "inherit" }), "exit");
  await expect.poll(() => existsSync(join(folder, "mounted")), WAIT).toBe(true);
  return { ended };
}

test("a node that is given up leaves no process and no folder", async () => {
  const folder = ownFolder();
  const keeper = await holdMachine(folder);
  const { ended } = await startMember(folder);
  await keeper.release();
  expect(await ended).toEqual([null, "SIGKILL"]);
  expect(existsSync(folder)).toBe(false);
});

test("nor does one whose owner was killed", async () => {
  const folder = ownFolder();
  const { ended } = await startMember(folder);
  const owning = `
    const { holdMachine } = await import(${JSON.stringify(script("hold"))});
    await holdMachine(${JSON.stringify(folder)});
    setInterval(() => process.stdout.write("held"), 50);`;
  const owner = spawn(process.execPath, ["--input-type=module", "--eval", owning], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(owner.stdout, "data");
  owner.kill("SIGKILL");
  expect(await ended).toEqual([null, "SIGKILL"]);
  await expect.poll(() => existsSync(folder), WAIT).toBe(false);
});

test("nor one whose keeper was killed, once another node is made; which waits while there is one", async () => {
  const first = ownFolder();
  const keeper = spawn(process.execPath, [script("keeper"), first], { stdio: ["pipe", "pipe", "inherit"] });
  expect(String(await once(keeper.stdout, "data"))).toBe("held\n");
  const { ended } = await startMember(first);
  const second = ownFolder();
  const next = spawn(process.execPath, [script("keeper"), second], { stdio: ["pipe", "pipe", "inherit"] });
  expect(String(await once(next.stdout, "data"))).toBe("waiting\n");
  keeper.kill("SIGKILL");
  expect(String(await once(next.stdout, "data"))).toBe("held\n");
  expect(await ended).toEqual([null, "SIGKILL"]);
  expect(existsSync(first)).toBe(false);
  next.stdin.end();
  expect(await once(next, "close")).toEqual([0, null]);
  expect(existsSync(second)).toBe(false);
});
