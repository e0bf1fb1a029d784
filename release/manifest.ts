/**
 * `npm run release-manifest -- IMAGE`: dist/plimsoll.yaml, and dist/chart where there is a chart: as they are with the published
 * image, which is named by its digest, so that what was signed is what runs.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseDocument } from "yaml";

const OWN_IMAGE = /^(\s+image: )plimsoll:\S+$/gm;
const BY_DIGEST = /^([a-z0-9.\-/:]+?)(?::([\w.-]+))?@(sha256:[0-9a-f]{64})$/;

/** Throws when the image is not named by digest, or when the manifest does not hold exactly one. */
export function withImage(manifest: string, image: string): string {
  partsOf(image);
  const images = manifest.match(OWN_IMAGE) ?? [];
  if (images.length !== 1) throw new Error(`the manifest names our image ${images.length} times`);
  return manifest.replace(OWN_IMAGE, (_, before: string) => `${before}${image}`);
}

/** The chart's values.yaml, comments kept. Throws when the values know no such image. */
export function withChartImage(values: string, image: string): string {
  const { repository, digest } = partsOf(image);
  const document = parseDocument(values);
  for (const [key, value] of Object.entries({ repository, digest })) {
    if (!document.hasIn(["image", key])) throw new Error(`values.yaml has no image.${key}`);
    document.setIn(["image", key], value);
  }
  return document.toString({ lineWidth: 0 });
}

function partsOf(image: string): { repository: string; digest: string } {
  const [, repository = "", , digest = ""] = BY_DIGEST.exec(image) ?? [];
  if (digest === "") throw new Error(`${image} names no digest: REPOSITORY:TAG@sha256:…`);
  return { repository, digest };
}

function write(root: string, image: string): void {
  const at = (path: string): string => join(root, path);
  mkdirSync(at("dist"), { recursive: true });
  writeFileSync(at("dist/plimsoll.yaml"), withImage(readFileSync(at("deploy/plimsoll.yaml"), "utf8"), image));
  if (!existsSync(at("deploy/chart"))) return;
  rmSync(at("dist/chart"), { recursive: true, force: true });
  cpSync(at("deploy/chart"), at("dist/chart"), { recursive: true });
  const values = at("dist/chart/values.yaml");
  writeFileSync(values, withChartImage(readFileSync(values, "utf8"), image));
}

if (import.meta.main) write(fileURLToPath(new URL("../", import.meta.url)), process.argv[2] ?? "");
