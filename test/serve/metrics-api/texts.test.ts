/** Texts that are kept between two answers of a kubelet, and never longer. */
import { describe, expect, test } from "vitest";
import {
  bytes,
  epochMillis,
  millis,
  monoMillis,
  type MonoMillis,
  nanoCores,
} from "../../../src/base/units.ts";
import type { Entry } from "../../../src/serve/metrics-api/catalog.ts";
import { type Measured, metricsObject } from "../../../src/serve/metrics-api/object.ts";
import { createTexts } from "../../../src/serve/metrics-api/texts.ts";
import { aMeta } from "../../builders.ts";

const THEN = "2026-11-25T12:00:00Z";
const LATER = "2026-11-25T12:00:07Z";
const anEntry = (name = "web-1", labels: Record<string, string> = { app: "web" }): Entry => ({
  meta: aMeta({ name }),
  labels,
});

function aCatalog() {
  const world = { cpu: 100, state: monoMillis(1) as MonoMillis | undefined, isOver: false, measured: 0, isThere: true };
  const measure = (_: string, { meta, labels }: Entry): Measured | undefined => {
    world.measured++;
    if (!world.isThere) return undefined;
    const usage = { kind: "node", cpu: nanoCores(world.cpu), memory: bytes(1) } as const;
    const { namespace, name } = meta;
    return { namespace, name, labels, at: epochMillis(0), window: millis(1000), arrivedAt: monoMillis(0), usage };
  };
  const catalog = { measure, state: () => world.state, isOver: () => world.isOver };
  const texts = createTexts(catalog);
  const of = (entry: Entry, createdAt = THEN): string | undefined => texts.of("pods", entry, createdAt)?.text;
  const fresh = (entry: Entry, createdAt = THEN): string => JSON.stringify(metricsObject(measure("", entry) as Measured, createdAt));
  return { world, of, fresh };
} // prettier-ignore

describe("a text", () => {
  test("is made once until the node answers again, and says each time when it was asked for", () => {
    const { world, of, fresh } = aCatalog();
    const entry = anEntry();
    for (const createdAt of [THEN, LATER, THEN]) expect(of(entry, createdAt)).toBe(fresh(entry, createdAt));
    expect(world.measured - 3, "besides those of the test").toBe(1);
  });

  test("is made anew with the node's next answer", () => {
    const { world, of, fresh } = aCatalog();
    const entry = anEntry();
    const before = of(entry);
    [world.cpu, world.state] = [200, monoMillis(2)];
    expect(of(entry)).not.toBe(before);
    expect(of(entry)).toBe(fresh(entry));
  });

  test("is of the object as it is shown now: other labels are another object", () => {
    const { of } = aCatalog();
    expect(of(anEntry("web-1", { app: "web" }))).toContain('"app":"web"');
    expect(of(anEntry("web-1", { app: "other" }))).toContain('"app":"other"');
  });

  test("ends with its figures: too old, gone, or never known", () => {
    const { world, of } = aCatalog();
    const entry = anEntry();
    expect(of(entry)).toBeDefined();
    world.isOver = true;
    expect(of(entry)).toBeUndefined();
    world.isOver = false;
    [world.state, world.isThere] = [undefined, false];
    expect(of(entry)).toBeUndefined();
  });

  test("is not kept where nobody says when it changes", () => {
    const { world, of, fresh } = aCatalog();
    world.state = undefined;
    const entry = anEntry();
    of(entry);
    world.cpu = 300;
    expect(of(entry)).toBe(fresh(entry));
  });

  test.each(['a"creationTimestamp":"b', "é\u2028", "\\"])("holds what names and labels hold: %j", (odd) => {
    const { of, fresh } = aCatalog();
    const entry = anEntry(odd, { [odd]: odd });
    for (const createdAt of [THEN, LATER]) expect(of(entry, createdAt)).toBe(fresh(entry, createdAt));
  });
});
