/**
 * The keeper (machine/keeper.ts) as its owner sees it. It ends when we end, in whatever way.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export type Keeper = Readonly<{
  /** Removes all there is; rejects when something is left. */
  release(): Promise<void>;
}>;

const script = fileURLToPath(new URL("./keeper.ts", import.meta.url));

/** Waits while another node is on this machine. */
export async function holdMachine(folder: string): Promise<Keeper> {
  const child = spawn(process.execPath, [script, folder], {
    detached: true,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  const said: string[] = [];
  await new Promise<void>((settle, fail) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (line === "held") settle();
      else if (line === "waiting")
        process.stderr.write("node lane: another one is on this machine; waiting for its end\n");
      else said.push(line);
    });
    void ended.then(() => fail(new Error(`no node can be made here: ${said.join("; ")}`)));
  });
  return {
    async release() {
      child.stdin.end();
      const [code] = (await ended) as [number | null];
      if (code !== 0)
        throw new Error(`the node is not gone: ${said.join("; ") || `its keeper ended with ${code}`}`);
    },
  };
}
