import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { type LintFlags, runLint } from "../../../src/cli/lint/command.ts";
import { readText } from "../../../src/cli/manifests/files.ts";

const policy = (min: number, max: number): string => `
apiVersion: plimsoll.dev/v1alpha1
kind: ScalePolicy
metadata: {name: web, namespace: shop}
spec:
  targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  horizontal: {minReplicas: ${min}, maxReplicas: ${max}}
`;

async function run(text: string, flags: Partial<LintFlags> = {}) {
  let printed = "";
  let told = "";
  const code = await runLint(
    { filename: ["-"], output: "text", strict: false, ...flags },
    {
      readText: (name) => readText(name, Readable.from([Buffer.from(text)])),
      print: (more) => void (printed += more),
      complain: (more) => void (told += more),
    },
  );
  return { code, printed, told };
}

describe("plimsoll lint", () => {
  test.each([
    ["nothing is found", policy(1, 3), {}, 0],
    ["a warning is found", policy(3, 3), {}, 0],
    ["a warning is found and counts", policy(3, 3), { strict: true }, 1],
    ["an error is found", policy(4, 3), {}, 1],
    ["nothing can be read", "a: [", {}, 2],
  ])("when %s it ends with its own code", async (_, text, flags, code) => {
    expect((await run(text, flags)).code).toBe(code);
  });

  test("prints a line for each finding, and a sum beside them", async () => {
    const { printed, told } = await run(policy(3, 3));
    expect(printed).toBe(
      "warning  ScalePolicy shop/web  maxReplicas: minReplicas is maxReplicas (3): the count can never move (min-is-max)\n",
    );
    expect(told).toBe("1 autoscaler looked at: 0 errors, 1 warning\n");
  });

  test("as JSON prints the findings alone", async () => {
    const { printed } = await run(policy(3, 3), { output: "json" });
    expect(JSON.parse(printed)).toMatchObject([{ rule: "min-is-max", severity: "warning" }]);
  });
});
