/**
 * `npm run build`: dist/plimsoll.mjs and dist/kubectl-plimsoll.mjs, each the whole program in one file that needs nothing
 * but Node. Unminified, with a source map: a stack trace from the field names our own files.
 */
import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("./", import.meta.url));
const ENTRY = "src/main.ts";
const NAMES = ["plimsoll", "kubectl-plimsoll"];

/** CommonJS dependencies inside the bundle call `require` for Node's own modules, which an ES module does not have. */
const REQUIRE = [
  'import { createRequire as createRequireOfNode } from "node:module";',
  "const require = createRequireOfNode(import.meta.url);",
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
  banner: { js: [...shebang, ...REQUIRE].join("\n") },
});
for (const name of NAMES) chmodSync(join(root, "dist", `${name}.mjs`), 0o755);
if (warnings.length > 0) process.exitCode = 1;
