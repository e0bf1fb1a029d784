import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { type ImportFlags, runImport } from "../../../src/cli/import/command.ts";
import { readText } from "../../../src/cli/manifests/files.ts";

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
