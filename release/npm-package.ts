/**
 * `npm run package`: dist/npm, the folder that is published. The bundle holds all it needs, so the package depends on
 * nothing, runs no script at installation, and carries its bill of materials.
 */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));
const target = join(root, "dist/npm");
const PROGRAMS = ["plimsoll", "kubectl-plimsoll"];
const BUILT = [...PROGRAMS.flatMap((name) => [`${name}.mjs`, `${name}.mjs.map`]), "sbom.json"];
const BESIDE = ["LICENSE", "README.md", "CHANGELOG.md", "crds", "deploy", "examples"];

type Manifest = Readonly<Record<"name" | "version" | "description" | "license" | "type", string>> &
  Readonly<{ engines: object }>;

/** `repository` only where the release runs: npm compares it with the provenance. */
export function publishedManifest(own: Manifest, repository: string | undefined): object {
  const { name, version, description, license, type, engines } = own;
  return {
    name,
    version,
    description,
    license,
    type,
    engines,
    ...(repository !== undefined && { repository: { type: "git", url: `git+${repository}.git` } }),
    bin: Object.fromEntries(PROGRAMS.map((program) => [program, `${program}.mjs`])),
    files: [...BUILT, ...BESIDE],
  };
}

export function writePackage(repository: string | undefined): void {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  for (const file of BUILT) cpSync(join(root, "dist", file), join(target, file));
  for (const file of BESIDE) cpSync(join(root, file), join(target, file), { recursive: true });
  const own = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest;
  const text = JSON.stringify(publishedManifest(own, repository), undefined, 2);
  writeFileSync(join(target, "package.json"), `${text}\n`);
}

if (import.meta.main) {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository } = process.env;
  writePackage(server && repository ? `${server}/${repository}` : undefined);
}
