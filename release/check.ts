/**
 * `npm run release-check -- v1.2.3`: everything that names the version names this one, before anything is published.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

/** What names the version, as text; the chart where there is one. */
export type Sources = Readonly<{
  packageJson: string;
  versionModule: string;
  manifest: string;
  changelog: string;
  chart?: string;
}>;

/** One sentence for each place that says something else; empty when the release may go on. */
export function disagreements(tag: string, sources: Sources): string[] {
  const version = /^v(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)$/.exec(tag)?.[1];
  if (version === undefined) return [`${tag} is no version tag, such as v1.2.3`];
  const chart =
    sources.chart === undefined
      ? undefined
      : (parse(sources.chart) as Readonly<Record<string, string | undefined>>);
  const named: [where: string, says: string | undefined][] = [
    ["package.json", (JSON.parse(sources.packageJson) as { version: string }).version],
    ["src/version.ts", /VERSION = "([^"]*)"/.exec(sources.versionModule)?.[1]],
    ["the image in deploy/plimsoll.yaml", /image: plimsoll:(\S+)/.exec(sources.manifest)?.[1]],
    ["CHANGELOG.md's newest release", /^## (\d\S*)/m.exec(sources.changelog)?.[1]],
  ];
  if (chart !== undefined)
    named.push(["Chart.yaml's version", chart["version"]], ["Chart.yaml's appVersion", chart["appVersion"]]);
  return named
    .filter(([, says]) => says !== version)
    .map(([where, says]) => `${where} says ${says ?? "nothing"}, and the tag ${version}`);
}

if (import.meta.main) {
  const root = fileURLToPath(new URL("../", import.meta.url));
  const read = (file: string): string => readFileSync(join(root, file), "utf8");
  const chart = "deploy/chart/Chart.yaml";
  const found = disagreements(process.argv[2] ?? "", {
    packageJson: read("package.json"),
    versionModule: read("src/version.ts"),
    manifest: read("deploy/plimsoll.yaml"),
    changelog: read("CHANGELOG.md"),
    ...(existsSync(join(root, chart)) && { chart: read(chart) }),
  });
  for (const line of found) console.error(line);
  process.exitCode = found.length > 0 ? 1 : 0;
}
