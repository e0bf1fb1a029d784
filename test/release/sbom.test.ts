/** The bill of materials beside the bundle: what is in the one is in the other. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { type Bom, readSbom, shippedPart } from "../../release/sbom.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const component = (name: string, version = "1.0.0") => ({ "bom-ref": `${name}@${version}`, name, version });
const FULL: Bom = {
  serialNumber: "urn:uuid:e3b0c442-98fc-4c14-9afb-f4c8996fb924",
  metadata: { timestamp: "2026-11-25T12:00:00.000Z", component: component("folder") },
  components: ["shipped", "below", "both", "tool", "of-the-tool", "node"].map((name) => component(name)),
  dependencies: [
    { ref: "folder@1.0.0", dependsOn: ["shipped@1.0.0", "both@1.0.0", "tool@1.0.0", "node@1.0.0"] },
    { ref: "shipped@1.0.0", dependsOn: ["below@1.0.0"] },
    { ref: "below@1.0.0", dependsOn: ["shipped@1.0.0"] },
    { ref: "both@1.0.0", dependsOn: [] },
    { ref: "tool@1.0.0", dependsOn: ["both@1.0.0", "of-the-tool@1.0.0"] },
    { ref: "of-the-tool@1.0.0", dependsOn: [] },
    { ref: "node@1.0.0", dependsOn: [] },
  ],
};
const MANIFEST = { name: "product", dependencies: { shipped: "1.0.0", both: "1.0.0" } };

test("it keeps what production dependencies lead to, also what a tool uses as well, and no tool", () => {
  const { components, dependencies } = shippedPart(FULL, MANIFEST);
  expect(components.map(({ name }) => name)).toEqual(["shipped", "below", "both"]);
  expect(dependencies.map(({ ref }) => ref)).toEqual([
    "folder@1.0.0",
    "shipped@1.0.0",
    "below@1.0.0",
    "both@1.0.0",
  ]);
  expect(dependencies[0]?.dependsOn).toEqual(["shipped@1.0.0", "both@1.0.0"]);
});

test("it is named for the program, and holds nothing that differs between two builds", () => {
  const bom = shippedPart(FULL, MANIFEST);
  expect(bom.metadata.component.name).toBe("product");
  expect(JSON.stringify(bom)).not.toMatch(/serialNumber|timestamp/);
});

test("every package that is in the bundle is in it, with the version that is installed", async () => {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ["src/main.ts"],
    bundle: true,
    platform: "node",
    format: "esm",
    write: false,
    metafile: true,
    outdir: "dist",
  });
  const bundled = new Set(
    Object.keys(metafile.inputs).flatMap(
      (file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? [],
    ),
  );
  expect(bundled.size).toBeGreaterThan(5);
  const listed = readSbom(root).components;
  for (const name of bundled)
    expect(listed).toContainEqual(expect.objectContaining({ name, version: versionOf(name) }));
});

test("every production dependency is in it, and whoever reads it can compare what npm installs", () => {
  const { components, metadata } = readSbom(root);
  const { name, version, dependencies } = readManifest(`${root}package.json`);
  expect(metadata.component).toMatchObject({ name, version });
  expect(components).toEqual(
    expect.arrayContaining(
      Object.entries(dependencies).map(([name, version]) => expect.objectContaining({ name, version })),
    ),
  );
  for (const each of components)
    expect(each).toMatchObject({ hashes: [{ alg: "SHA-512" }], purl: expect.any(String) });
});

type PackageJson = Readonly<{
  name: string;
  version: string;
  dependencies: Readonly<Record<string, string>>;
}>;
const readManifest = (file: string): PackageJson => JSON.parse(readFileSync(file, "utf8")) as PackageJson;
const versionOf = (name: string): string => readManifest(`${root}node_modules/${name}/package.json`).version;
