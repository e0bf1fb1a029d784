/**
 * `npm run generate`: writes every generated file (generate/files.ts) and names those that changed.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { GENERATED } from "./files.ts";

for (const { path, render } of GENERATED) {
  const file = fileURLToPath(new URL(`../${path}`, import.meta.url));
  const text = render();
  if (existsSync(file) && readFileSync(file, "utf8") === text) continue;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  console.log(`wrote ${path}`);
}
