/**
 * What every world owes the template of a workload: it is read live, tried without a trace, and written only on
 * top of what was read.
 */
import { describe, expect, onTestFinished, test } from "vitest";
import type { TemplateBasis, TemplatePort } from "../../src/actuate/request-port.ts";
import { uid } from "../../src/base/ids.ts";
import { millis } from "../../src/base/units.ts";
import type { TargetReference } from "../../src/cluster/workload.ts";
import { amounts, named, resources } from "../coordinate/requests/questions.ts";
import { aRequestWish, SEEDED } from "./resize-port.suite.ts";

export type TemplateWorld = Readonly<{
  port: TemplatePort;
  namespace: string;
  /** A settled workload whose only container is `SEEDED`. */
  seed(name: string): Promise<TargetReference>;
  /** Someone else changes the workload, and not its template. */
  touch(target: TargetReference): Promise<void>;
  remove(target: TargetReference): Promise<void>;
  close: () => Promise<void>;
}>;

const ANNOTATION = "plimsoll.dev/requests";
const TEXT = '{"app":{"cpu":{"base":"200m","set":"150m"}}}';
const LOWERED = named("app", resources(amounts(150, 64), amounts(300, 128)));
const WANTED = { containers: [LOWERED], annotation: TEXT };
const once = { ...aRequestWish(), dryRun: false };
const dry = { ...aRequestWish(), dryRun: true };

export function describeTemplatePort(kind: string, open: () => Promise<TemplateWorld>): void {
  describe(`the template of a ${kind}`, () => {
    const opened = async () => {
      const world = await open();
      onTestFinished(() => world.close());
      const reference = await world.seed("web");
      const basis = await read(world, reference);
      const at = (over: Partial<TemplateBasis> = {}) => ({
        namespace: world.namespace,
        reference,
        basis: { ...basis, ...over },
      });
      return { ...world, reference, basis, at, now: () => read(world, reference) };
    };

    test("is read with its containers in their order, and without a trace of us", async () => {
      const { basis } = await opened();
      const { written: _, ...app } = basis.containers[0]!;
      expect(app).toEqual(SEEDED);
      expect(basis).toMatchObject({ gitOps: undefined, writtenAt: undefined });
      expect(basis.annotations[ANNOTATION]).toBeUndefined();
    });

    test("is tried without being written", async () => {
      const { port, at, now, basis } = await opened();
      expect(await port.writeTemplate(at(), WANTED, dry)).toMatchObject({ kind: "written" });
      expect(await now()).toEqual(basis);
    });

    test("is written: requests, limits, and what they were", async () => {
      const { port, at, now, basis } = await opened();
      expect(await port.writeTemplate(at(), WANTED, once)).toMatchObject({ kind: "written" });
      const after = await now();
      expect(after.containers).toMatchObject([LOWERED]);
      expect(after.annotations[ANNOTATION]).toBe(TEXT);
      expect(after.uid).toBe(basis.uid);
      expect(after.writtenAt, "when we wrote it").toBeGreaterThan(0);
    });

    test("goes back to what it was, without the annotation", async () => {
      const { port, at, now } = await opened();
      await port.writeTemplate(at(), WANTED, once);
      const back = { containers: [SEEDED], annotation: "" };
      // its controller may have a word about the first write in between
      const write = async () => port.writeTemplate(at(await now()), back, once);
      await expect.poll(write, { timeout: 10_000 }).toMatchObject({ kind: "written" });
      const after = await now();
      expect(after.containers).toMatchObject([SEEDED]);
      expect(after.annotations[ANNOTATION]).toBeUndefined();
    });

    test.each([
      { how: "tried", wish: dry },
      { how: "written", wish: once },
    ])("$how on top of an old read is a conflict and changes nothing", async ({ wish }) => {
      const { port, at, now, reference, touch } = await opened();
      await touch(reference);
      expect(await port.writeTemplate(at(), WANTED, wish)).toMatchObject({ kind: "conflict" });
      expect((await now()).containers).toMatchObject([SEEDED]);
    });

    test("of a namesake with another uid is a conflict and changes nothing", async () => {
      const { port, at, now } = await opened();
      const other = at({ ...(await now()), uid: uid("00000000-0000-4000-8000-ffffffffffff") });
      expect(await port.writeTemplate(other, WANTED, once)).toMatchObject({ kind: "conflict" });
      expect((await now()).containers).toMatchObject([SEEDED]);
    });

    test("with a container that it does not have is a conflict", async () => {
      const { port, at } = await opened();
      const containers = [named("other", resources(amounts(100)))];
      expect(await port.writeTemplate(at(), { containers, annotation: "" }, once)).toMatchObject({
        kind: "conflict",
      });
    });

    test("with a request over its limit is refused, already when it is tried", async () => {
      const { port, at, now } = await opened();
      const containers = [named("app", resources(amounts(500, 64), amounts(400, 128)))];
      const wanted = { containers, annotation: "" };
      expect(await port.writeTemplate(at(), wanted, dry)).toMatchObject({ kind: "refused" });
      expect(await port.writeTemplate(at(), wanted, once)).toMatchObject({ kind: "refused" });
      expect((await now()).containers).toMatchObject([SEEDED]);
    });

    test("is not written when the time is over", async () => {
      const { port, at, now } = await opened();
      const late = { ...once, within: millis(0) };
      expect(await port.writeTemplate(at(), WANTED, late)).toMatchObject({ kind: "unreachable" });
      expect((await now()).containers).toMatchObject([SEEDED]);
    });

    test("of what is gone is absent, for reading and for writing", async () => {
      const { port, namespace, at, reference, remove } = await opened();
      await remove(reference);
      expect(await port.readTemplate(namespace, reference)).toMatchObject({ kind: "absent" });
      expect(await port.writeTemplate(at(), WANTED, once)).toMatchObject({ kind: "absent" });
    });
  });
}

async function read(
  { port, namespace }: Pick<TemplateWorld, "port" | "namespace">,
  reference: TargetReference,
): Promise<TemplateBasis> {
  const outcome = await port.readTemplate(namespace, reference);
  if (outcome.kind !== "read") expect.fail(`reading the template: ${JSON.stringify(outcome)}`);
  return outcome.value;
}
