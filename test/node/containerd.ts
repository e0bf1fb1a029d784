/**
 * The node's view of the machine, and containerd in it.
 */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { getPriority } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { ProcessGroup } from "../control-plane/processes.ts";
import { CONTAINERD_SOCKET, containerdConfiguration, LOOPBACK_NETWORK, type NodePlace } from "./arguments.ts";
import { eventually } from "./eventually.ts";
import type { Runtime } from "./machine/runtime.ts";

const run = promisify(execFile);
const mounts = fileURLToPath(new URL("./machine/mounts.ts", import.meta.url));
const NICENESS = -5;

export type Machine = Readonly<{
  /** The arguments of nsenter with which a program runs on the node. */
  inside(command: string, ...args: string[]): string[];
  /** containerd's own client, for images and containers of Kubernetes; resolves to what it prints. */
  ctr(...args: string[]): Promise<string>;
}>;
type ContainerdParts = Readonly<{ place: NodePlace; runtime: Runtime; group: ProcessGroup }>;

/** containerd, in a mount namespace of the node's own; it answers when this returns. */
export async function startContainerd({
  place: { folder },
  runtime,
  group,
}: ContainerdParts): Promise<Machine> {
  const at = (name: string): string => join(folder, name);
  mkdirSync(at("cni"));
  writeFileSync(at("cni/10-lo.conflist"), JSON.stringify(LOOPBACK_NETWORK));
  writeFileSync(at("containerd.toml"), containerdConfiguration(folder, runtime));
  group.start("mounts", "unshare", ["--mount", "--propagation", "private", process.execPath, mounts, folder]);
  const until = (what: string, holds: () => boolean | Promise<boolean>) =>
    Promise.race([eventually(what, holds), group.failed]);
  await until("the node's mounts", () => existsSync(at("mounted")));
  const pid = group.pids["mounts"] ?? 0;
  // containers use what they are told also on a busy machine: they, and who measures them, go before the rest of it
  const first = ["nice", "-n", `${NICENESS - getPriority()}`, "env"];
  const search = `PATH=${runtime.search}:${process.env["PATH"]}`;
  const inside = (command: string, ...args: string[]) => [
    `--mount=/proc/${pid}/ns/mnt`,
    ...first,
    search,
    command,
    ...args,
  ];
  group.start("containerd", "nsenter", inside(runtime.containerd, "--config", at("containerd.toml")));
  const ctr: Machine["ctr"] = async (...args) =>
    (
      await run(
        "nsenter",
        inside(runtime.ctr, "--address", CONTAINERD_SOCKET, "--namespace", "k8s.io", ...args),
      )
    ).stdout;
  await until("containerd", () =>
    ctr("version").then(
      () => true,
      () => false,
    ),
  );
  return { inside, ctr };
}
