/**
 * The workflows of .github, read as data: little power, nothing that moves under our feet, and no command that is not there.
 * They run on machines that the tests cannot reach, so this is what can be known before.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { LANES } from "../lanes.ts";

type Step = Readonly<{
  id?: string;
  uses?: string;
  run?: string;
  with?: Readonly<Record<string, unknown>>;
  env?: Readonly<Record<string, string>>;
}>;
type Permissions = Readonly<Record<string, string>>;
type Job = Readonly<{
  "runs-on": string;
  "timeout-minutes": number;
  needs?: string | readonly string[];
  strategy?: Readonly<{ matrix: Readonly<Record<string, readonly string[]>> }>;
  permissions?: Permissions;
  steps: readonly Step[];
}>;
type Workflow = Readonly<{ on: object; permissions: Permissions; jobs: Readonly<Record<string, Job>> }>;

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = `${root}.github/workflows/`;
const files = readdirSync(folder);
const textOf = (file: string): string => readFileSync(`${folder}${file}`, "utf8");
const workflows = Object.fromEntries(files.map((file) => [file, parse(textOf(file)) as Workflow]));
const { scripts } = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as {
  scripts: Readonly<Record<string, string>>;
};
const stepsOf = ({ jobs }: Workflow): Step[] => Object.values(jobs).flatMap(({ steps }) => steps);
const jobOf = (file: string, name: string): Job => {
  const job = workflows[file]?.jobs[name];
  if (job === undefined) throw new Error(`${file} has no job ${name}`);
  return job;
};

/** What a job of the release needs beyond reading, and why. */
const POWERS: Readonly<Record<string, Permissions>> = {
  // push to the registry, sign by identity, attest
  image: { packages: "write", "id-token": "write", attestations: "write" },
  chart: { packages: "write", "id-token": "write", attestations: "write" },
  // npm's trusted publishing is that identity
  npm: { "id-token": "write" },
  // the release and its files
  publish: { contents: "write", "id-token": "write", attestations: "write" },
};

describe.each(files)("%s", (file) => {
  const workflow = workflows[file] as Workflow;
  const steps = stepsOf(workflow);

  test("reads only, unless a job says what it writes and why", () => {
    expect(workflow.permissions).toEqual({ contents: "read" });
    for (const [name, { permissions }] of Object.entries(workflow.jobs)) {
      const allowed = file === "release.yml" ? POWERS[name] : undefined;
      expect(permissions, name).toEqual(allowed && { contents: "read", ...allowed });
    }
  });

  test("names every action by commit, with its release beside it", () => {
    const uses = textOf(file).match(/uses: .*/g) ?? [];
    expect(uses.length).toBe(steps.filter((step) => step.uses !== undefined).length);
    for (const line of uses) expect(line).toMatch(/^uses: [\w.-]+\/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test("takes nothing called latest, neither machine, image nor tool", () => {
    expect(textOf(file)).not.toMatch(/latest/i);
    const machines = Object.values(workflow.jobs).flatMap((job) => [
      job["runs-on"],
      ...(job.strategy?.matrix["runner"] ?? []),
    ]);
    for (const machine of machines)
      expect(machine).toMatch(/^(ubuntu-\d+\.\d+(-arm)?|macos-\d+|\$\{\{ matrix\.runner \}\})$/);
  });

  test("ends every job in time, and leaves no credential in the checkout", () => {
    for (const job of Object.values(workflow.jobs)) expect(job["timeout-minutes"]).toBeLessThanOrEqual(90);
    const checkouts = steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"));
    for (const step of checkouts) expect(step.with).toMatchObject({ "persist-credentials": false });
  });

  test("calls scripts that package.json has, lanes that there are, and files that exist", () => {
    const commands = steps.flatMap(({ run = "" }) => run.split("\n"));
    const called = commands.flatMap((line) => /npm run ([\w-]+)/.exec(line)?.[1] ?? []);
    for (const script of called) expect(Object.keys(scripts)).toContain(script);
    const lanes = commands.flatMap((line) => /--lane (\S+)/.exec(line)?.[1] ?? []);
    for (const lane of lanes) expect(LANES.map(({ name }) => name)).toContain(lane);
    const own = commands.flatMap((line) => /bash (\S+)/.exec(line)?.[1] ?? []);
    for (const path of own) expect(existsSync(`${root}${path}`), path).toBe(true);
    const minors = commands.flatMap((line) => /--kubernetes (\S+)/.exec(line)?.[1] ?? []);
    for (const minor of minors)
      expect(existsSync(`${root}test/control-plane/kubernetes-${minor}`), minor).toBe(true);
  });

  test("puts nothing that a stranger may write into a shell's text", () => {
    for (const { run = "" } of steps) expect(run).not.toMatch(/\$\{\{/);
  });
});

test("whatever is checked is checked on both architectures", () => {
  expect(jobOf("ci.yml", "test").strategy?.matrix["runner"]).toEqual(["ubuntu-24.04", "ubuntu-24.04-arm"]);
});

describe("a release", () => {
  const release = workflows["release.yml"] as Workflow;

  test("happens for a version tag only, and after all tests", () => {
    expect(release.on).toEqual({ push: { tags: ["v[0-9]+.[0-9]+.[0-9]+*"] } });
    for (const name of Object.keys(release.jobs))
      if (name !== "test") expect(precedingOf(name), name).toContain("test");
    const commands = jobOf("release.yml", "test").steps.map(({ run }) => run);
    expect(commands).toContain('npm run release-check -- "$GITHUB_REF_NAME"');
  });

  function precedingOf(name: string): string[] {
    const direct = [jobOf("release.yml", name).needs ?? []].flat();
    return [...direct, ...direct.flatMap(precedingOf)];
  }

  test("builds the image for both architectures, with provenance", () => {
    const push = jobOf("release.yml", "image").steps.find(({ id }) => id === "push");
    expect(push?.with).toMatchObject({ platforms: "linux/amd64,linux/arm64", provenance: "mode=max" });
  });

  test.each([
    ["image", /cosign sign --yes --recursive "\$IMAGE@\$DIGEST"/],
    ["image", /cosign attest --yes --type cyclonedx --predicate dist\/sbom\.json "\$IMAGE@\$DIGEST"/],
    ["chart", /cosign sign --yes "\$CHARTS\/plimsoll@\$digest"/],
    ["publish", /cosign sign-blob --yes --bundle/],
    ["npm", /npm publish \.\/dist\/npm --provenance/],
  ])("%s: what is published is signed without a key: %s", (name, command) => {
    expect(
      jobOf("release.yml", name)
        .steps.map(({ run }) => run)
        .join("\n"),
    ).toMatch(command);
  });

  test.each(["image", "chart", "publish"])("%s has a provenance attestation", (name) => {
    const uses = jobOf("release.yml", name).steps.map((step) => step.uses ?? "");
    expect(uses.some((each) => each.startsWith("actions/attest-build-provenance@"))).toBe(true);
  });

  test("needs no secret but the run's own token", () => {
    const secrets = textOf("release.yml").match(/secrets\.\w+/g) ?? [];
    expect([...new Set(secrets)]).toEqual(["secrets.GITHUB_TOKEN"]);
  });
});
