/**
 * dist/sbom.json: what the bundle is made of, as CycloneDX. It lists exactly what the production dependencies lead to, with
 * their hashes from the lock file, and the same lock file gives the same bytes: no time, no random number.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

type Component = Readonly<{
  "bom-ref": string;
  name: string;
  version: string;
  properties?: readonly Readonly<{ name: string; value: string }>[];
}>;

/** The parts of a CycloneDX document that are read here; the others pass through. */
export type Bom = Readonly<{
  serialNumber?: string;
  metadata: Readonly<{ timestamp?: string; component: Component }>;
  components: readonly Component[];
  dependencies: readonly Readonly<{ ref: string; dependsOn: readonly string[] }>[];
}>;

export type Manifest = Readonly<{ name: string; dependencies: Readonly<Record<string, string>> }>;

export function writeSbom(root: string): void {
  writeFileSync(join(root, "dist/sbom.json"), `${JSON.stringify(readSbom(root), undefined, 2)}\n`);
}

/** Asks npm for everything, and keeps what is shipped; needs the lock file, no installed package. */
export function readSbom(root: string): Bom {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest;
  const args = ["sbom", "--sbom-format=cyclonedx", "--sbom-type=application", "--package-lock-only"];
  const text = execFileSync("npm", args, { cwd: root, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  return shippedPart(JSON.parse(text) as Bom, manifest);
}

/**
 * Our own cut, for `npm sbom --omit=dev` (11.19) leaves out a production dependency that a development dependency may
 * use as well: `yaml`, an optional peer of vite.
 */
export function shippedPart(full: Bom, { name, dependencies }: Manifest): Bom {
  const root = full.metadata.component["bom-ref"];
  const edges = new Map(full.dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));
  const direct = full.components.filter((each) => dependencies[each.name] === each.version);
  const roots = (edges.get(root) ?? []).filter((ref) => direct.some((each) => each["bom-ref"] === ref));
  const shipped = reachable(roots, edges);

  const { serialNumber: _random, ...document } = full;
  const { timestamp: _now, ...metadata } = full.metadata;
  // npm names the program after the folder that it lies in
  const component = { ...metadata.component, name, properties: [] };
  return {
    ...document,
    metadata: { ...metadata, component },
    components: full.components.filter((each) => shipped.has(each["bom-ref"])),
    dependencies: [
      { ref: root, dependsOn: roots },
      ...full.dependencies.filter(({ ref }) => shipped.has(ref)),
    ],
  };
}

function reachable(
  start: readonly string[],
  edges: ReadonlyMap<string, readonly string[]>,
): ReadonlySet<string> {
  const seen = new Set<string>();
  const queue = [...start];
  for (let ref = queue.pop(); ref !== undefined; ref = queue.pop()) {
    if (seen.has(ref)) continue;
    seen.add(ref);
    queue.push(...(edges.get(ref) ?? []));
  }
  return seen;
}
