/**
 * The CRD of crds/ on the real API server: the same verdicts as our parser's, row by row, and what the
 * server makes of defaults, updates, status and columns.
 */
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { parsePolicy } from "../../src/policy/parse.ts";
import { CASES } from "../policy/cases.ts";
import { FULL_STATUS } from "../policy/full-status.ts";
import { type ControlPlane, controlPlane } from "./control-plane.ts";
import { establishCrds } from "./crds.ts";

const Refusal = z.object({
  message: z.string(),
  details: z.object({
    causes: z.array(z.object({ field: z.string().default(""), message: z.string() })).default([]),
  }),
});
const Stored = z.object({
  metadata: z.object({ generation: z.number() }).loose(),
  spec: z.unknown(),
  status: z.unknown().optional(),
});

let plane: ControlPlane;
let namespace: string;
let path: string;

beforeAll(async () => {
  plane = await controlPlane();
  await establishCrds(plane);
  namespace = await plane.namespace("policies");
  path = `/apis/plimsoll.dev/v1alpha1/namespaces/${namespace}/scalepolicies`;
});

const policy = (spec: unknown, name = "web") => ({
  apiVersion: "plimsoll.dev/v1alpha1",
  kind: "ScalePolicy",
  metadata: { name },
  spec,
});
const tryOut = (spec: unknown, fieldValidation: string) =>
  plane.request("POST", `${path}?dryRun=All&fieldValidation=${fieldValidation}`, { body: policy(spec) });
const spec = {
  targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
  horizontal: { maxReplicas: 10 },
};

describe.each(["Strict", "Ignore"])("the API server's verdict with fieldValidation=%s", (mode) => {
  test.each(CASES.filter(({ verdict }) => verdict === "accepted"))("accepts: $name", async (row) => {
    const { status, body } = await tryOut(row.spec, mode);
    expect(status, JSON.stringify(body)).toBe(201);
    expect(parsePolicy(Stored.parse(body).spec), "defaults of the CRD are the parser's").toEqual(
      parsePolicy(row.spec),
    );
  });

  const refused = CASES.flatMap((row) => (row.verdict === "refused" ? [row] : []));
  test.each(refused)("refuses: $name, at $field", async ({ spec: wrong, field, says, server = says }) => {
    const { status, body } = await tryOut(wrong, mode);
    expect(status, JSON.stringify(body)).toBe(422);
    expect(Refusal.parse(body).details.causes).toContainEqual({
      field,
      message: expect.stringContaining(server),
    });
  });

  const unknown = CASES.flatMap((row) => (row.verdict === "unknown" ? [row] : []));
  test.each(unknown)("does not know: $name, at $field", async ({ spec: written, field, rest }) => {
    const { status, body } = await tryOut(written, mode);
    if (mode === "Strict") {
      expect(status).toBe(400);
      expect(Refusal.partial().parse(body).message).toContain(`unknown field "${field}"`);
    } else expect(status).toBe(rest === "accepted" ? 201 : 422);
  });
});

/** A copy of `value` with something else at the place that `steps` lead to. */
function altered(value: unknown, steps: readonly number[], other: unknown): unknown {
  const [step, ...further] = steps;
  if (step === undefined || typeof value !== "object" || value === null) return other;
  const entries = Object.entries(value);
  if (entries.length === 0) return other;
  const chosen = step % entries.length;
  const changed = entries.map(([key, field], index) => [
    key,
    index === chosen ? altered(field, further, other) : field,
  ]);
  return Array.isArray(value) ? changed.map(([, field]) => field) : Object.fromEntries(changed);
}

test("specs altered at random get one verdict from both", async () => {
  const known = CASES.filter(({ verdict }) => verdict !== "unknown").map((row) => row.spec);
  const others = [
    null,
    0,
    -1,
    1,
    1.5,
    2 ** 31,
    "",
    "1",
    "cpu",
    "Web",
    "5%",
    true,
    [],
    {},
    [null],
    [{}],
    { a: 1 },
  ];
  const mutants = fc
    .tuple(
      fc.constantFrom(...known),
      fc.array(fc.nat(20), { minLength: 1, maxLength: 7 }),
      fc.constantFrom(...others),
    )
    .map(([from, steps, other]) => altered(from, steps, other));
  await fc.assert(
    fc.asyncProperty(mutants, async (mutant) => {
      const { status, body } = await tryOut(mutant, "Strict");
      const ours = parsePolicy(mutant);
      expect(status === 201, JSON.stringify({ body, ours })).toBe(ours.kind === "valid");
    }),
    { numRuns: 300 },
  );
});

describe("a stored policy", () => {
  test("keeps its target: another one is refused, everything else may change", async () => {
    const created = Stored.parse((await plane.request("POST", path, { body: policy(spec, "fixed") })).body);
    const change = (fields: object) => plane.request("PATCH", `${path}/fixed`, { body: { spec: fields } });
    for (const moved of [{ name: "other" }, { kind: "StatefulSet" }, { apiVersion: "apps/v2" }]) {
      const { status, body } = await change({ targetRef: moved });
      expect(status).toBe(422);
      expect(Refusal.parse(body).details.causes).toContainEqual({
        field: "spec.targetRef",
        message: expect.stringContaining("cannot be changed: delete this policy and create one"),
      });
    }
    const { status, body } = await change({ mode: "Shadow", horizontal: { maxReplicas: 20 } });
    expect(status).toBe(200);
    expect(Stored.parse(body).metadata.generation).toBe(created.metadata.generation + 1);
  });

  test("separates spec and status: neither write touches the other", async () => {
    await plane.request("POST", path, { body: { ...policy(spec, "parted"), status: FULL_STATUS } });
    const created = Stored.parse((await plane.request("GET", `${path}/parted`)).body);
    expect(created.status).toBeUndefined();
    const body = { ...created, spec: { ...spec, mode: "Paused" }, status: FULL_STATUS };
    const answer = await plane.request("PUT", `${path}/parted/status`, {
      body: { ...policy(body.spec, "parted"), ...body },
    });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    const written = Stored.parse(answer.body);
    expect(written.spec).toEqual(created.spec);
    expect(written.metadata.generation, "status is no new generation").toBe(created.metadata.generation);
    expect(written.status, "nothing of a whole status is dropped").toEqual(FULL_STATUS);
  });

  test("shows itself in the columns of kubectl get sp", async () => {
    await plane.request("POST", path, { body: policy(spec, "shown") });
    await plane.request("PATCH", `${path}/shown/status`, { body: { status: FULL_STATUS } });
    const columns = async (...args: string[]) => {
      const [head = "", row = ""] = (
        await plane.kubectl("get", "sp", "shown", "-n", namespace, ...args)
      ).split("\n");
      return { head: head.trim().split(/ {2,}/), row: row.trim().split(/ {2,}/) };
    };
    const narrow = await columns();
    expect(narrow.head).toEqual([
      "NAME", "KIND", "TARGET", "MODE", "MIN", "MAX", "REPLICAS", "DESIRED", "METRICS", "REQUESTS", "READY", "AGE",
    ]); // prettier-ignore
    expect(narrow.row.slice(0, -1)).toEqual([
      "shown", "Deployment", "web", "Active", "1", "10", "4", "6", "cpu 90%/60%", "cpu 240m mem 310Mi", "True",
    ]); // prettier-ignore
    const wide = await columns("-o", "wide");
    expect(wide.head.slice(-3)).toEqual(["REASON", "LAST SCALE", "DECISION"]);
    expect(wide.row.at(-1)).toBe("cpu 90 % of request, mark 60 %: 4 → 6");
  });

  test("is found by its target and its mode, and among all", async () => {
    await plane.request("POST", path, { body: policy({ ...spec, mode: "Shadow" }, "found") });
    const selector = "spec.targetRef.kind=Deployment,spec.targetRef.name=web,spec.mode=Shadow";
    const names = await plane.kubectl(
      "get",
      "sp",
      "-n",
      namespace,
      `--field-selector=${selector}`,
      "-o",
      "name",
    );
    expect(names).toContain("scalepolicy.plimsoll.dev/found\n");
    expect(await plane.kubectl("get", "all", "-n", namespace, "-o", "name")).toContain("/found\n");
  });

  test("explains every field that a person may write or read", async () => {
    const text = await plane.kubectl("explain", "scalepolicy", "--recursive");
    expect(text).toContain("stabilizationWindowSeconds");
    for (const field of ["spec.horizontal.metrics.resource.target.averageValue", "status.display.metrics"])
      expect(await plane.kubectl("explain", `scalepolicy.${field}`)).not.toContain("<empty>");
  });
});
