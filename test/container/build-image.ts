/**
 * The image as its Dockerfile makes it, in a folder that holds no more than the repository does. `PLIMSOLL_IMAGE_BASES=registry`
 * takes the published bases; otherwise both are assembled here, and no registry is asked.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { AUTHORITIES, type Bases, importBases } from "./bases.ts";
import { docker, type EngineEnvironment } from "./engine.ts";

export const root = fileURLToPath(new URL("../../", import.meta.url));

/** All by their names in the engine. */
export type BuiltImage = Readonly<{
  image: string;
  bases: Bases;
  /** Where the bases came from. */
  from: "assembled" | "registry";
}>;

const IMAGE = "plimsoll-test/plimsoll:1";

export async function buildImage(environment: EngineEnvironment): Promise<BuiltImage> {
  const from = process.env["PLIMSOLL_IMAGE_BASES"] === "registry" ? "registry" : "assembled";
  const bases = from === "registry" ? await pullBases(environment) : await importBases(environment);
  await build(environment, bases, [`--tag=${IMAGE}`]);
  return { image: IMAGE, bases, from };
}

/** For the architecture that this machine has not, by the same first stage. */
export async function buildForeignImage(
  environment: EngineEnvironment,
  { bases, from }: BuiltImage,
): Promise<{ image: string; architecture: string }> {
  const architecture = process.arch === "arm64" ? "amd64" : "arm64";
  const platform = `--platform=linux/${architecture}`;
  const image = `${IMAGE}-${architecture}`;
  // nothing of it is run, so any base will do where the published one cannot be had
  const base = from === "registry" ? bases.base : "scratch";
  await build(environment, { ...bases, base }, [platform, `--tag=${image}`]);
  return { image, architecture };
}

async function build(
  environment: EngineEnvironment,
  { base, buildBase }: Bases,
  args: readonly string[],
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-build-"));
  try {
    const settings = join(folder, "npmrc");
    writeFileSync(settings, npmSettings());
    await docker(
      environment,
      "build",
      "--network=host",
      `--build-arg=BUILD_BASE=${buildBase}`,
      `--build-arg=BASE=${base}`,
      `--secret=id=npmrc,src=${settings}`,
      ...args,
      root,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Which registry npm asks here and whom it trusts: what it needs to fetch packages from inside a container. No credential. */
function npmSettings(): string {
  const registry = execFileSync("npm", ["config", "get", "registry"], { cwd: root, encoding: "utf8" });
  const trust = existsSync(AUTHORITIES) ? [`cafile=${AUTHORITIES}`] : [];
  return [`registry=${registry.trim()}`, ...trust, ""].join("\n");
}

/** Those that the Dockerfile names. */
async function pullBases(environment: EngineEnvironment): Promise<Bases> {
  const dockerfile = readFileSync(join(root, "Dockerfile"), "utf8");
  const named = (argument: string): string => {
    const image = new RegExp(`^ARG ${argument}=(\\S+)$`, "m").exec(dockerfile)?.[1];
    if (image === undefined) throw new Error(`the Dockerfile has no default for ${argument}`);
    return image;
  };
  const bases = { base: named("BASE"), buildBase: named("BUILD_BASE") };
  for (const image of Object.values(bases)) await docker(environment, "pull", "--quiet", image);
  return bases;
}
