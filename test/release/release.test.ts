/** What a release is checked by and made of: the version everywhere, the manifest with a digest, the npm package. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { disagreements, type Sources } from "../../release/check.ts";
import { withChartImage, withImage } from "../../release/manifest.ts";
import { publishedManifest } from "../../release/npm-package.ts";

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
const RELEASE: Sources = {
  packageJson: '{ "version": "1.2.3" }',
  versionModule: 'export const VERSION = "1.2.3";',
  manifest: "          image: plimsoll:1.2.3",
  changelog: "# Changelog\n\n## Unreleased\n\n## 1.2.3 (2026-12-01)\n\n## 1.2.2\n",
  chart: "version: 1.2.3\nappVersion: 1.2.3\n",
};

test("a release whose places all name its version may go on, with a chart or without", () => {
  const { chart: _, ...without } = RELEASE;
  expect(disagreements("v1.2.3", RELEASE)).toEqual([]);
  expect(disagreements("v1.2.3", without)).toEqual([]);
});

test.each<[keyof Sources, string, string]>([
  ["packageJson", '{ "version": "1.2.2" }', "package.json says 1.2.2, and the tag 1.2.3"],
  ["versionModule", "", "src/version.ts says nothing, and the tag 1.2.3"],
  ["manifest", "image: plimsoll:1.2.4", "the image in deploy/plimsoll.yaml says 1.2.4, and the tag 1.2.3"],
  ["changelog", "## Unreleased\n", "CHANGELOG.md's newest release says nothing, and the tag 1.2.3"],
  ["chart", "version: 1.2.3\nappVersion: 1.2.2\n", "Chart.yaml's appVersion says 1.2.2, and the tag 1.2.3"],
])("a different version in %s stops it", (where, text, sentence) => {
  expect(disagreements("v1.2.3", { ...RELEASE, [where]: text })).toEqual([sentence]);
});

test.each(["1.2.3", "v1.2", "v1.2.3+build", "latest", ""])("%j is no version tag", (tag) => {
  expect(disagreements(tag, RELEASE)).toEqual([`${tag} is no version tag, such as v1.2.3`]);
});

test("in this tree all places but the changelog name one version", () => {
  const { version } = JSON.parse(read("package.json")) as { version: string };
  const found = disagreements(`v${version}`, {
    packageJson: read("package.json"),
    versionModule: read("src/version.ts"),
    manifest: read("deploy/plimsoll.yaml"),
    changelog: `## ${version}\n`,
    chart: read("deploy/chart/Chart.yaml"),
  });
  expect(found).toEqual([]);
});

describe("the released manifest", () => {
  const digest = `sha256:${"0a".repeat(32)}`;
  const image = `ghcr.io/owner/plimsoll:1.2.3@${digest}`;

  test("differs from the one in the tree by the image alone", () => {
    const manifest = read("deploy/plimsoll.yaml");
    const lines = manifest.split("\n");
    const changed = withImage(manifest, image)
      .split("\n")
      .filter((line, at) => line !== lines[at]);
    expect(changed.map((line) => line.trim())).toEqual([`image: ${image}`]);
  });

  test.each(["ghcr.io/owner/plimsoll:1.2.3", `ghcr.io/owner/plimsoll@sha256:0a`, ""])(
    "is not made for %j, which names no digest",
    (name) => {
      expect(() => withImage("  image: plimsoll:1\n", name)).toThrow("names no digest");
    },
  );

  test.each(["", "  image: plimsoll:1\n  image: plimsoll:1\n"])(
    "is not made of a manifest such as %j",
    (text) => {
      expect(() => withImage(text, image)).toThrow(/names our image \d times/);
    },
  );
});

describe("the released chart's values", () => {
  const digest = `sha256:${"0a".repeat(32)}`;
  const values = `# Written by hand.\nimage:\n  # Where it is.\n  repository: plimsoll\n  tag: ""\n  digest: ""\nreplicas: 2\n`;

  test("name the published image by its digest, and are otherwise as they were", () => {
    expect(withChartImage(values, `ghcr.io/owner/plimsoll:1.2.3@${digest}`)).toBe(
      values
        .replace("repository: plimsoll", "repository: ghcr.io/owner/plimsoll")
        .replace('digest: ""', `digest: "${digest}"`),
    );
  });

  test("are those of the chart in the tree but for repository and digest", () => {
    const before = read("deploy/chart/values.yaml");
    const lines = before.split("\n");
    const changed = withChartImage(before, `ghcr.io/owner/plimsoll:1.2.3@${digest}`)
      .split("\n")
      .filter((line, at) => line !== lines[at]);
    expect(changed).toEqual(["  repository: ghcr.io/owner/plimsoll", `  digest: "${digest}"`]);
  });

  test("are not written where they know no digest, or are given none", () => {
    expect(() => withChartImage("image: { repository: plimsoll }\n", `plimsoll@${digest}`)).toThrow(
      "values.yaml has no image.digest",
    );
    expect(() => withChartImage(values, "plimsoll:1.2.3")).toThrow("names no digest");
  });
});

test("the published package depends on nothing, runs nothing when installed, and is not private", () => {
  const own = JSON.parse(read("package.json"));
  const published = publishedManifest(own, "https://github.com/owner/plimsoll");
  expect(published).toEqual({
    name: "plimsoll",
    version: own.version,
    description: own.description,
    license: "Apache-2.0",
    type: "module",
    engines: own.engines,
    repository: { type: "git", url: "git+https://github.com/owner/plimsoll.git" },
    bin: { plimsoll: "plimsoll.mjs", "kubectl-plimsoll": "kubectl-plimsoll.mjs" },
    files: expect.arrayContaining(["plimsoll.mjs", "sbom.json", "LICENSE", "README.md"]),
  });
  expect(publishedManifest(own, undefined)).not.toHaveProperty("repository");
});
