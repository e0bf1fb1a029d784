import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { parsePolicy } from "../../src/policy/parse.ts";

const folder = fileURLToPath(new URL("../../examples", import.meta.url));
const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
  file.endsWith(".yaml"),
);

const Example = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
  spec: z.unknown().optional(),
});
const examples = files.flatMap((file) =>
  parseAllDocuments(readFileSync(join(folder, file), "utf8")).map((document) => ({
    file,
    ...Example.parse(document.toJS()),
  })),
);
const policies = examples.filter(({ kind }) => kind === "ScalePolicy");

const Workload = z.object({
  replicas: z.never().optional(),
  template: z.object({
    spec: z.object({
      containers: z.array(
        z.object({
          name: z.string(),
          resources: z.object({ requests: z.object({ cpu: z.string(), memory: z.string() }) }),
        }),
      ),
    }),
  }),
});

test("there is an example for each way of writing a policy", () => {
  expect(files.toSorted()).toEqual([
    "behavior.yaml",
    "container-resource.yaml",
    join("custom-kind", "1-crd.yaml"),
    join("custom-kind", "2-farm.yaml"),
    "statefulset.yaml",
    "vertical.yaml",
    "web.yaml",
  ]);
});

describe.each(policies)("the policy of examples/$file", ({ file, spec, apiVersion }) => {
  const outcome = parsePolicy(spec);

  test("is accepted", () => {
    expect(apiVersion).toBe("plimsoll.dev/v1alpha1");
    expect(outcome).toMatchObject({ kind: "valid" });
  });

  test("names a target that stands beside it", () => {
    const target = outcome.kind === "valid" ? outcome.spec.target : undefined;
    const beside = examples.filter((example) => example.file === file && example.kind === target?.kind);
    expect(beside.map(({ metadata }) => metadata.name)).toEqual([target?.name]);
  });
});

describe.each(examples.filter(({ apiVersion }) => apiVersion === "apps/v1"))(
  "the $kind of examples/$file",
  ({ spec }) => {
    test("leaves replicas to the policy, and requests what a percentage is of", () => {
      expect(Workload.safeParse(spec).error).toBeUndefined();
    });
  },
);

test("the policy of examples/web.yaml is ten lines long", () => {
  const text = readFileSync(join(folder, "web.yaml"), "utf8").split("---\n").at(-1) ?? "";
  expect(text.trimEnd().split("\n")).toHaveLength(10);
});
