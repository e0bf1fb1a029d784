/**
 * The images of the lane, as files: a pod's sandbox, the program that burns, and the product.
 */
import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { writeImage } from "../../image/archive.ts";
import { packFolder } from "../../image/base.ts";
import { writeProductImage } from "../../image/product.ts";

const run = promisify(execFile);
const programs = fileURLToPath(new URL("../programs/", import.meta.url));

export const PAUSE = "localhost/pause:1";
export const BURN = "localhost/burn:1";
/** As a kubelet reads `plimsoll:0.1.0` in a manifest, and one that an upgrade goes to. */
export const PRODUCT = "docker.io/library/plimsoll:0.1.0";
export const NEXT_TAG = "0.1.0-next";
export const NEXT_PRODUCT = `docker.io/library/plimsoll:${NEXT_TAG}`;

/** Paths, in the order of need: no pod starts without the first. */
export async function writeImages(folder: string): Promise<Readonly<{ small: string[]; product: string }>> {
  mkdirSync(folder, { recursive: true });
  const product = join(folder, "product.tar");
  const [pause, burn] = await Promise.all([
    writeProgram(folder, "pause", PAUSE),
    writeProgram(folder, "burn", BURN),
    writeProductImage(PRODUCT, product),
  ]);
  return { small: [pause, burn], product };
}

/** One static binary, and nothing else. */
async function writeProgram(folder: string, name: string, ref: string): Promise<string> {
  const at = (part: string): string => join(folder, `${name}${part}`);
  const env = { ...process.env, CGO_ENABLED: "0" };
  await run("go", ["build", "-trimpath", "-ldflags", "-s -w", "-o", at(".bin"), `./${name}`], {
    cwd: programs,
    env,
  });
  mkdirSync(at(".root"), { recursive: true });
  copyFileSync(at(".bin"), join(at(".root"), name));
  packFolder(at(".root"), at(".layer"));
  await writeImage({ ref, layers: [at(".layer")], config: { Entrypoint: [`/${name}`] } }, at(".tar"));
  return at(".tar");
}
