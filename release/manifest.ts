/**
 * `npm run release-manifest -- IMAGE`: dist/plimsoll.yaml, the manifest as it is with the published image, which is named by
 * its digest, so that what was signed is what runs.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const OWN_IMAGE = /^(\s+image: )plimsoll:\S+$/gm;
const BY_DIGEST = /^[a-z0-9.\-/:]+(:[\w.-]+)?@sha256:[0-9a-f]{64}$/;

/** Throws when the image is not named by digest, or when the manifest does not hold exactly one. */
export function withImage(manifest: string, image: string): string {
  if (!BY_DIGEST.test(image)) throw new Error(`${image} names no digest: REPOSITORY:TAG@sha256:…`);
  const images = manifest.match(OWN_IMAGE) ?? [];
  if (images.length !== 1) throw new Error(`the manifest names our image ${images.length} times`);
  return manifest.replace(OWN_IMAGE, (_, before: string) => `${before}${image}`);
}

if (import.meta.main) {
  const root = fileURLToPath(new URL("../", import.meta.url));
  const manifest = readFileSync(join(root, "deploy/plimsoll.yaml"), "utf8");
  mkdirSync(join(root, "dist"), { recursive: true });
  writeFileSync(join(root, "dist/plimsoll.yaml"), withImage(manifest, process.argv[2] ?? ""));
}
