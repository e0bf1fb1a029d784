/**
 * Our quantities against the API server's, several hundred in one request: the status of an autoscaling/v2
 * HorizontalPodAutoscaler takes any quantity, of either sign, and gives back what it has understood.
 */
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { parseQuantity, type Quantity, quantityText } from "../../src/base/quantity.ts";
import { MALFORMED, QUANTITIES } from "../base/quantity-cases.ts";
import { type ControlPlane, controlPlane } from "./control-plane.ts";

const Understood = z.object({
  status: z.object({
    currentMetrics: z.array(
      z.object({ pods: z.object({ current: z.object({ averageValue: z.string() }) }) }),
    ),
  }),
});

let plane: ControlPlane;
let path: string;
const hpa = {
  apiVersion: "autoscaling/v2",
  kind: "HorizontalPodAutoscaler",
  metadata: { name: "web" },
  spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" }, maxReplicas: 2 },
};

beforeAll(async () => {
  plane = await controlPlane();
  const namespace = await plane.namespace("quantities");
  path = `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers`;
  const { status } = await plane.request("POST", path, { body: hpa });
  expect(status).toBe(201);
});

const send = (texts: readonly unknown[]) =>
  plane.request("PUT", `${path}/web/status?dryRun=All`, {
    body: {
      ...hpa,
      status: {
        currentReplicas: 1,
        desiredReplicas: 1,
        currentMetrics: texts.map((averageValue) => ({
          type: "Pods",
          pods: { metric: { name: "any" }, current: { averageValue } },
        })),
      },
    },
  });

async function understood(texts: readonly unknown[]): Promise<string[]> {
  const { status, body } = await send(texts);
  expect(status, JSON.stringify(body).slice(0, 500)).toBe(200);
  return Understood.parse(body).status.currentMetrics.map(({ pods }) => pods.current.averageValue);
}

function read(text: string): Quantity {
  const parsed = parseQuantity(text);
  if (parsed.kind === "malformed") throw new Error(`${text} ${parsed.message}`);
  return parsed.quantity;
}

/**
 * The API server echoes a text whose number needs no rewriting, with its plus sign and zeros; in every other
 * case its answer is the canonical text, letter by letter. Either way it means what ours means.
 */
function expectSame(texts: readonly string[], answers: readonly string[]): void {
  const echoed = texts.filter((text, index) => answers[index] === text && quantityText(read(text)) !== text);
  texts.forEach((text, index) => {
    const answer = answers[index] ?? "";
    expect(read(answer).nano, `${text} → ${answer}`).toBe(read(text).nano);
    if (!echoed.includes(text)) expect(answer, text).toBe(quantityText(read(text)));
  });
  expect(echoed.length, "echoes are the exception").toBeLessThan(texts.length / 2);
}

describe("the API server", () => {
  test("understands every row of the table as we do", async () => {
    const texts = QUANTITIES.map(({ text }) => text);
    expectSame(texts, await understood(texts));
  });

  test("understands 500 texts made at random as we do, and prints them alike", async () => {
    const texts = fc.sample(
      fc
        .record({
          sign: fc.constantFrom("", "", "-", "+"),
          whole: fc.oneof(
            fc.stringMatching(/^[1-9][0-9]{0,20}$/),
            fc.constantFrom("0", "00", "1024", "1000", ""),
          ),
          fraction: fc.oneof(fc.constant(""), fc.stringMatching(/^\.[0-9]{0,12}$/)),
          suffix: fc.constantFrom(
            "",
            "n",
            "u",
            "m",
            "k",
            "M",
            "G",
            "T",
            "P",
            "Ki",
            "Mi",
            "Gi",
            "Ti",
            "Pi",
            "Ei",
            "e3",
            "E2",
            "e-4",
            "e-11",
          ),
        })
        .map(({ sign, whole, fraction, suffix }) => `${sign}${whole}${fraction}${suffix}`)
        .filter(
          (text) =>
            /\d/.test(text.replace(/[eE].*$/, "")) && quantityText(read(text)).search(/\de\d\d$/) === -1,
        ),
      { numRuns: 500, seed: 20_261_125 },
    );
    expectSame(texts, await understood(texts));
  });

  test("prints our own texts back unchanged: they are canonical", async () => {
    const ours = fc
      .sample(
        fc.record({
          nano: fc.bigInt({ min: -(10n ** 27n), max: 10n ** 27n }),
          format: fc.constantFrom("DecimalSI" as const, "BinarySI" as const, "DecimalExponent" as const),
        }),
        { numRuns: 500, seed: 20_261_125 },
      )
      .map(quantityText);
    expect(await understood(ours)).toEqual(ours);
  });

  test("takes numbers without quotes", async () => {
    expect(await understood([2, 0.25, 1000, 0])).toEqual(["2", "250m", "1k", "0"]);
  });

  /** It trims, and reads "null" and an absent number as 0; we are asked only about texts that it has stored. */
  const refused = MALFORMED.filter((text) => (text === text.trim() && text !== "null") || text.trim() === "");
  test.each(refused)("refuses %j as we do", async (text) => {
    expect((await send([text])).status).toBe(400);
  });
});
