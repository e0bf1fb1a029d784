/** The image that the Dockerfile makes: what it adds to its base, and what it keeps to itself. */
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { VERSION } from "../../src/version.ts";
import { imageUnderTest, type Inspected } from "./under-test.ts";

const MIB = 1024 * 1024;
const ADDED_MIB_MAX = 60;
const { dependencies } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  dependencies: Readonly<Record<string, string>>;
};

let subject: ReturnType<typeof imageUnderTest>;
let image: Inspected;
let base: Inspected;
beforeAll(async () => {
  subject = imageUnderTest();
  image = await subject.inspect(subject.image);
  base = await subject.inspect(subject.base);
});

/** Runs one file of JavaScript in the image, with nothing else of the machine. */
const inImage = (script: string): Promise<string> =>
  subject.docker(
    "run",
    "--rm",
    "--network=none",
    "--entrypoint=/nodejs/bin/node",
    subject.image,
    "--eval",
    script,
  );

test("it adds one layer of a few megabytes to its base", () => {
  const added = (image.Size - base.Size) / MIB;
  console.log(`image: ${added.toFixed(1)} MiB over a base of ${(base.Size / MIB).toFixed(1)} MiB`);
  expect(added).toBeGreaterThan(0);
  expect(added).toBeLessThanOrEqual(ADDED_MIB_MAX);
  expect(image.RootFS.Layers.slice(0, -1)).toEqual(base.RootFS.Layers);
});

test("nobody in particular runs the operator, unless told otherwise", async () => {
  expect(image.Config).toMatchObject({
    User: "65532:65532",
    Entrypoint: ["/nodejs/bin/node", "/plimsoll/plimsoll.mjs"],
    Cmd: ["operator"],
  });
  expect(await subject.docker("run", "--rm", "--network=none", subject.image, "version")).toBe(VERSION);
});

test("it holds the bundle, its map, its bill of materials and the licence, and nobody may write them", async () => {
  const listing = `
    const { readdirSync, accessSync, constants } = require("node:fs");
    const writable = (file) => { try { accessSync(file, constants.W_OK); return true } catch { return false } };
    const names = readdirSync("/plimsoll").sort();
    console.log(JSON.stringify([names, ["/plimsoll", ...names.map((name) => "/plimsoll/" + name)].filter(writable)]))`;
  const [names, writable] = JSON.parse(await inImage(listing)) as [string[], string[]];
  expect(names).toEqual(["LICENSE", "plimsoll.mjs", "plimsoll.mjs.map", "sbom.json"]);
  expect(writable).toEqual([]);
});

test("its bill of materials names every production dependency by its version, and no tool", async () => {
  const bom = await inImage(`console.log(require("node:fs").readFileSync("/plimsoll/sbom.json", "utf8"))`);
  const { bomFormat, metadata, components } = JSON.parse(bom) as {
    bomFormat: string;
    metadata: { component: object };
    components: { name: string; version: string }[];
  };
  expect(bomFormat).toBe("CycloneDX");
  expect(metadata.component).toMatchObject({ name: "plimsoll", version: VERSION });
  for (const [name, version] of Object.entries(dependencies))
    expect(components).toContainEqual(expect.objectContaining({ name, version }));
  expect(components.map(({ name }) => name)).not.toContain("esbuild");
});

test("what npm was told in order to build it is not in it", async () => {
  const history = await subject.docker("history", "--no-trunc", "--format={{.CreatedBy}}", subject.image);
  expect(history).toMatch(/ENTRYPOINT/);
  expect(history).not.toMatch(/npm|registry|cafile/i);
  expect((image.Config.Env ?? []).join()).not.toMatch(/npm|registry|token/i);
  const found = await inImage(`console.log(require("node:fs").existsSync("/run/secrets/npmrc"))`);
  expect(found).toBe("false");
});

test("it is built for the other architecture by the same machine, without emulation, and is the same there", async () => {
  const foreign = await subject.buildForeign();
  const { Architecture, Config } = await subject.inspect(foreign.image);
  expect(Architecture).toBe(foreign.architecture);
  expect(Architecture).not.toBe(image.Architecture);
  const platform = `--platform=linux/${foreign.architecture}`;
  expect(await filesOf(foreign.image, platform)).toEqual(await filesOf(subject.image));
  expect(Config.Entrypoint).toEqual(image.Config.Entrypoint);
  expect(Config.User).toBe(image.Config.User);
});

/** What the product's folder holds, by name, from an image that need not run here. */
async function filesOf(name: string, ...options: string[]): Promise<Record<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-files-"));
  const id = await subject.docker("create", "--network=none", ...options, name);
  try {
    await subject.docker("cp", `${id}:/plimsoll/.`, folder);
    return Object.fromEntries(readdirSync(folder).map((file) => [file, digestOf(join(folder, file))]));
  } finally {
    await subject.docker("rm", id);
    rmSync(folder, { recursive: true });
  }
}

const digestOf = (file: string): string => createHash("sha256").update(readFileSync(file)).digest("hex");
