/**
 * A network namespace of its own, in which the loopback interface has two addresses that an EndpointSlice may name.
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export const ADDRESSES = ["10.77.0.1", "10.77.0.2"] as const;

/** What became of a replica, and of those who asked meanwhile. */
export type Seen = Readonly<{
  address: string;
  signal: "SIGTERM" | "SIGKILL";
  tops: number;
  failed: readonly string[];
}>;
export type Outcome =
  Readonly<{ kind: "seen"; seen: readonly Seen[] }> | Readonly<{ kind: "impossible"; message: string }>;

const run = promisify(execFile);
const UNSHARE = process.getuid?.() === 0 ? ["--net"] : ["--map-root-user", "--net"];
const SETUP = ["ip link set lo up", ...ADDRESSES.map((address) => `ip addr add ${address}/32 dev lo`)].join(
  " && ",
);
const MINUTES = 8;

/** Impossible where namespaces may not be made, or `ip` is missing. */
export async function killEitherInside(): Promise<Outcome> {
  const attempt = await run("unshare", [...UNSHARE, "sh", "-c", SETUP]).catch((trouble: unknown) =>
    String(trouble),
  );
  if (typeof attempt === "string") return { kind: "impossible", message: attempt };
  const inside = fileURLToPath(new URL("inside.ts", import.meta.url));
  const command = `${SETUP} && exec "$0" "$1"`;
  const { stdout } = await run("unshare", [...UNSHARE, "sh", "-c", command, process.execPath, inside], {
    timeout: MINUTES * 60_000,
    maxBuffer: 2 ** 24,
  });
  const line = stdout.trim().split("\n").at(-1) ?? "";
  return { kind: "seen", seen: JSON.parse(line) as readonly Seen[] };
}
