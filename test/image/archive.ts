/**
 * Images as files that `docker load` and `ctr images import` take, without a daemon or a registry: layers, and a
 * configuration that names them by their digest.
 */
import { createHash } from "node:crypto";
import { copyFileSync, createReadStream, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { execFileSync } from "node:child_process";

/** What a container of the image starts with; names as in the image specification. */
export type ImageConfig = Readonly<{
  Entrypoint?: readonly string[];
  Cmd?: readonly string[];
  /** Such as `65532:65532`. */
  User?: string;
  WorkingDir?: string;
  Env?: readonly string[];
}>;

export type Image = Readonly<{
  /** Such as `localhost/burn:1`. */
  ref: string;
  /** Tar files, the lowest first. */
  layers: readonly string[];
  config: ImageConfig;
}>;

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };
/** The same image has the same digest, whenever it is made. */
const MADE_AT = "2026-01-01T00:00:00Z";

export async function writeImage({ ref, layers, config }: Image, file: string): Promise<void> {
  const folder = mkdtempSync(join(dirname(file), "image-"));
  try {
    const names = layers.map((_, nth) => `layer-${nth}.tar`);
    layers.forEach((layer, nth) => copyFileSync(layer, join(folder, `layer-${nth}.tar`)));
    const digests = await Promise.all(layers.map(digestOf));
    const described = {
      architecture: ARCHITECTURES[process.arch] ?? process.arch,
      os: "linux",
      created: MADE_AT,
      config,
      rootfs: { type: "layers", diff_ids: digests },
      history: layers.map(() => ({ created: MADE_AT })),
    };
    const manifest = [{ Config: "config.json", RepoTags: [ref], Layers: names }];
    writeFileSync(join(folder, "config.json"), JSON.stringify(described));
    writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest));
    execFileSync("tar", ["-C", folder, "-cf", file, "manifest.json", "config.json", ...names]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return `sha256:${hash.digest("hex")}`;
}
