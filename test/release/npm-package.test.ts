/** The npm package as a user has it: packed, installed with nothing else, and run under both of its names. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writePackage } from "../../release/npm-package.ts";
import { VERSION } from "../../src/version.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "plimsoll-package-"));
const run = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { cwd: folder, encoding: "utf8", stdio: "pipe" });

beforeAll(() => {
  if (!existsSync(join(root, "dist/sbom.json"))) execFileSync("node", ["build.ts"], { cwd: root });
  writePackage(undefined);
  run("npm", "pack", join(root, "dist/npm"), "--silent");
  run("npm", "install", "--offline", "--no-package-lock", `./plimsoll-${VERSION}.tgz`);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

test("it comes alone, without a package that it depends on", () => {
  const installed = readdirSync(join(folder, "node_modules")).filter((name) => !name.startsWith("."));
  expect(installed).toEqual(["plimsoll"]);
});

test.each(["plimsoll", "kubectl-plimsoll"])("%s runs, and says its version", (program) => {
  expect(run(join(folder, "node_modules/.bin", program), "version").trim()).toBe(VERSION);
});

test("it has the manifest, the kinds, the examples, the licence and the bill of materials in it", () => {
  const files = readdirSync(join(folder, "node_modules/plimsoll"));
  expect(files).toEqual(
    expect.arrayContaining([
      "LICENSE",
      "README.md",
      "crds",
      "deploy",
      "examples",
      "plimsoll.mjs",
      "sbom.json",
    ]),
  );
  expect(files).not.toContain("src");
});
