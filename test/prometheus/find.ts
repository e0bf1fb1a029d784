/**
 * A real Prometheus and its promtool: from PLIMSOLL_PROMETHEUS (a folder), from the cache, or Debian's package, unpacked
 * into the cache and never installed.
 */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const NAMES = ["prometheus", "promtool"] as const;

export type PrometheusPrograms = Readonly<Record<(typeof NAMES)[number], string>>;

const programsIn = (folder: string): PrometheusPrograms | undefined =>
  NAMES.every((name) => existsSync(join(folder, name)))
    ? { prometheus: join(folder, "prometheus"), promtool: join(folder, "promtool") }
    : undefined;

/** Throws with the way out where there is none and none can be fetched. */
export async function findPrometheus(): Promise<PrometheusPrograms> {
  const given = process.env["PLIMSOLL_PROMETHEUS"];
  if (given !== undefined && given !== "") {
    const found = programsIn(given);
    if (found === undefined)
      throw new Error(`PLIMSOLL_PROMETHEUS=${given} holds no ${NAMES.join(" and no ")}`);
    return found;
  }
  const folder = join(
    process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"),
    "plimsoll",
    "prometheus-debian",
  );
  const cached = programsIn(join(folder, "usr", "bin"));
  if (cached !== undefined) return cached;
  try {
    await unpackDebianPackage(folder);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(
      `no Prometheus: point PLIMSOLL_PROMETHEUS at a folder with ${NAMES.join(" and ")}. ${why}`,
      {
        cause: error,
      },
    );
  }
  const unpacked = programsIn(join(folder, "usr", "bin"));
  if (unpacked === undefined) throw new Error(`Debian's prometheus holds no ${NAMES.join(" and no ")}`);
  return unpacked;
}

/** Made aside and renamed, so that the folder is always complete. */
async function unpackDebianPackage(folder: string): Promise<void> {
  mkdirSync(join(folder, ".."), { recursive: true });
  const aside = mkdtempSync(`${folder}.`);
  try {
    const download = () => run("apt-get", ["download", "prometheus"], { cwd: aside });
    await download().catch(async () => {
      await run("apt-get", ["update"]); // a fresh machine has no lists
      await download();
    });
    const [file = ""] = readdirSync(aside);
    const root = join(aside, "root");
    await run("dpkg", ["-x", join(aside, file), root]);
    if (!existsSync(folder)) renameSync(root, folder);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}
