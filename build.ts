/**
 * `npm run build`: dist/plimsoll.mjs and dist/kubectl-plimsoll.mjs, each the whole program in one file that needs nothing
 * but Node, the same on every system. Unminified, with a source map: a stack trace from the field names our own files. Beside
 * them dist/sbom.json, what is in them.
 */
import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { writeSbom } from "./release/sbom.ts";

const root = fileURLToPath(new URL("./", import.meta.url));
const ENTRY = "src/main.ts";
const NAMES = ["plimsoll", "kubectl-plimsoll"];

/** CommonJS dependencies inside the bundle call `require` for Node's own modules, which an ES module does not have. */
const REQUIRE = [
  'import { createRequire as createRequireOfNode } from "node:module";',
  "const require = createRequireOfNode(import.meta.url);",
];
/**
 * The first thing that runs, also on a Node that is too old for the rest: it says so in one line. What an old Node lacks
 * is therefore never imported by name (`import * as tls`), for a missing name ends the program before its first line.
 */
const CHECK = [
  "const [nodeMajor = 0, nodeMinor = 0] = process.versions.node.split('.').map(Number);",
  "if (nodeMajor < 24 || (nodeMajor === 24 && nodeMinor < 12)) {",
  "  console.error(`plimsoll needs Node 24.12 or newer, and this is ${process.version}: ${process.execPath}`);",
  "  process.exit(1);",
  "}",
];
/** esbuild keeps the entry's first line when it is one of these. */
const shebang = readFileSync(join(root, ENTRY), "utf8").startsWith("#!") ? [] : ["#!/usr/bin/env node"];

const { warnings } = await build({
  absWorkingDir: root,
  entryPoints: NAMES.map((name) => ({ in: ENTRY, out: name })),
  outdir: "dist",
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  target: "node24",
  format: "esm",
  sourcemap: "linked",
  sourcesContent: false,
  legalComments: "eof",
  banner: { js: [...shebang, ...CHECK, ...REQUIRE].join("\n") },
});
for (const name of NAMES) chmodSync(join(root, "dist", `${name}.mjs`), 0o755);
writeSbom(root);
if (warnings.length > 0) process.exitCode = 1;
