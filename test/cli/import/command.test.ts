import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { type ImportFlags, runImport } from "../../../src/cli/import/command.ts";
import { readText } from "../../../src/cli/import/files.ts";
import { FILE_BYTES_MAX, readManifests } from "../../../src/cli/import/manifests.ts";

const WEB = `
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: shop}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 2
  maxReplicas: 20
  metrics:
    - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}
`;
const QUEUE_TOO = `${WEB}    - {type: External, external: {metric: {name: queue}, target: {type: Value, value: 5}}}\n`;
const DEPLOYMENT = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n";

async function run(text: string, flags: Partial<ImportFlags> = {}) {
  let printed = "";
  let told = "";
  const code = await runImport(
    { filename: ["-"], mode: "Shadow", output: "yaml", strict: false, ...flags },
    {
      readText: (name) => readText(name, Readable.from([Buffer.from(text)])),
      print: (more) => void (printed += more),
      complain: (more) => void (told += more),
    },
  );
  return { code, printed, told };
}

describe("plimsoll import", () => {
  test("prints policies ready to be applied, and tells what differs apart from them", async () => {
    const { code, printed, told } = await run(`${QUEUE_TOO}---\n${DEPLOYMENT}`);
    expect(code).toBe(0);
    expect(printed).toMatchSnapshot("standard output");
    expect(told).toMatchSnapshot("standard error");
  });

  test.each([
    ["nothing is left out", WEB, { strict: true }, 0],
    ["something is left out", QUEUE_TOO, {}, 0],
    ["something is left out and may not be", QUEUE_TOO, { strict: true }, 1],
    ["something is refused", WEB.replace("maxReplicas: 20", "maxReplicas: 1"), {}, 1],
    ["there is nothing to convert", DEPLOYMENT, {}, 1],
    ["the text is no YAML", "a: [", {}, 2],
  ])("when %s it ends with its own code", async (_, text, flags, code) => {
    expect((await run(text, flags)).code).toBe(code);
  });

  test("as JSON has the policies and the notes in one document", async () => {
    const { printed } = await run(QUEUE_TOO, { output: "json", mode: "Active" });
    expect(JSON.parse(printed)).toMatchObject({
      policies: [{ kind: "ScalePolicy", spec: { mode: "Active" } }],
      notes: [{ source: { name: "web" }, notes: [{ kind: "left-out", field: "spec.metrics[1]" }] }],
      others: 0,
    });
  });

  test("prints every policy as a document of its own", async () => {
    const { printed } = await run(`${WEB}---\n${WEB.replaceAll("name: web", "name: api")}`);
    expect(parseAllDocuments(printed).map((document) => document.getIn(["metadata", "name"]))).toEqual([
      "web",
      "api",
    ]);
  });
});

describe("hostile and broken files", () => {
  const nested = Array.from(
    { length: 9 },
    (_, n) => `a${n + 1}: &a${n + 1} [${Array(9).fill(`*a${n}`).join(",")}]`,
  );
  test.each([
    ["a billion laughs", `a0: &a0 [x]\n${nested.join("\n")}\n`, "alias"],
    ["an unclosed list", "spec: [1, 2", "not valid YAML"],
    ["a tab for indentation", "spec:\n\tname: x", "not valid YAML"],
    ["a broken second document", `${WEB}---\n}`, "not valid YAML"],
  ])("%s is a complaint that names the file", (_, text, words) => {
    expect(readManifests("all.yaml", text)).toEqual({
      kind: "unreadable",
      message: expect.stringMatching(new RegExp(`^all\\.yaml .*${words}`, "i")) as string,
    });
  });

  test("keys that name prototypes are keys", () => {
    const read = readManifests("x", "__proto__: {polluted: 1}\n<<: {also: 1}\n");
    expect(read.kind).toBe("objects");
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "plimsoll-import-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test("a file of a gibibyte is refused after as much as may be read", async () => {
    const path = join(folder, "large.yaml");
    const file = await open(path, "w");
    await file.truncate(1024 ** 3);
    await file.close();
    const read = await readText(path, process.stdin);
    expect(read).toEqual({
      kind: "unreadable",
      message: `${path} is larger than ${FILE_BYTES_MAX / 1024 ** 2} MiB: split it by namespace`,
    });
  });

  test("a file that is not there, and a folder, are complaints", async () => {
    for (const path of [join(folder, "none.yaml"), folder])
      expect(await readText(path, process.stdin)).toMatchObject({ kind: "unreadable" });
  });

  test("a file is read as it is", async () => {
    const path = join(folder, "web.yaml");
    await writeFile(path, WEB);
    expect(await readText(path, process.stdin)).toEqual({ kind: "text", text: WEB });
  });
});
