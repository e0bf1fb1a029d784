/**
 * What every world owes actuate/port.ts: a scale is read live, and a write counts only on top of what was read.
 */
import { describe, expect, onTestFinished, test } from "vitest";
import type { Scale, ScalePort } from "../../src/actuate/port.ts";
import { uid } from "../../src/base/ids.ts";
import { millis } from "../../src/base/units.ts";
import type { TargetReference } from "../../src/cluster/workload.ts";
import { wish } from "../builders.ts";

export type ScaleWorld = Readonly<{
  port: ScalePort;
  namespace: string;
  /** Makes a workload that wants so many replicas and answers how to refer to it. */
  seed(name: string, replicas: number): Promise<TargetReference>;
  /** Someone else changes the wanted replicas. */
  scaleByOthers(target: TargetReference, replicas: number): Promise<void>;
  /** Deletes the workload; resolves when it is gone. */
  remove(target: TargetReference): Promise<void>;
  close: () => Promise<void>;
}>;

/** `kind` names the workloads that `open` seeds, for the tests' names. */
export function describeScalePort(kind: string, open: () => Promise<ScaleWorld>): void {
  describe(`scaling a ${kind}`, () => {
    const opened = async (): Promise<ScaleWorld> => {
      const world = await open();
      onTestFinished(() => world.close());
      return world;
    };

    test("reads the wanted replicas, the identity and the selector", async () => {
      const { port, namespace, seed } = await opened();
      const scale = await read(port, namespace, await seed("web", 3));
      expect(scale.replicas).toBe(3);
      expect(scale.observedReplicas).toBeGreaterThanOrEqual(0);
      expect(scale.uid).not.toBe("");
      expect(scale.resourceVersion).not.toBe("");
      expect(scale.selector).toMatch(/web/);
    });

    test.each([5, 0, 1])("writes %i replicas on top of what was read", async (replicas) => {
      const { port, namespace, seed } = await opened();
      const target = await seed("web", 3);
      const basis = await read(port, namespace, target);
      const outcome = await port.writeScale(namespace, target, basis, wish(replicas));
      expect(outcome).toMatchObject({ kind: "written" });
      const now = await read(port, namespace, target);
      expect(now).toMatchObject({ replicas, uid: basis.uid });
      expect(now.resourceVersion).not.toBe(basis.resourceVersion);
    });

    test("a write on top of an old read is a conflict and changes nothing", async () => {
      const { port, namespace, seed, scaleByOthers } = await opened();
      const target = await seed("web", 3);
      const basis = await read(port, namespace, target);
      await scaleByOthers(target, 4);
      expect(await port.writeScale(namespace, target, basis, wish(9))).toMatchObject({ kind: "conflict" });
      expect(await read(port, namespace, target)).toMatchObject({ replicas: 4 });
    });

    test("a write meant for a namesake with another uid is a conflict and changes nothing", async () => {
      const { port, namespace, seed, remove } = await opened();
      const target = await seed("web", 3);
      const before = await read(port, namespace, target);
      await remove(target);
      await seed("web", 2);
      const now = await read(port, namespace, target);
      expect(now.uid).not.toBe(before.uid);
      expect(await port.writeScale(namespace, target, before, wish(9))).toMatchObject({ kind: "conflict" });
      const disguised = { ...now, uid: uid("00000000-0000-4000-8000-000000000000") };
      expect(await port.writeScale(namespace, target, disguised, wish(9))).toMatchObject({
        kind: "conflict",
      });
      expect(await read(port, namespace, target)).toMatchObject({ replicas: 2, uid: now.uid });
    });

    test.each([
      { what: "has no time left", over: { within: millis(0) } },
      { what: "is broken off before it leaves", over: { signal: AbortSignal.abort() } },
    ])("a write that $what changes nothing, and is not known to have failed", async ({ over }) => {
      const { port, namespace, seed } = await opened();
      const target = await seed("web", 3);
      const basis = await read(port, namespace, target);
      const outcome = await port.writeScale(namespace, target, basis, wish(9, over));
      expect(outcome).toMatchObject({ kind: "unreachable" });
      expect(await read(port, namespace, target)).toMatchObject({ replicas: 3 });
    });

    test("a read that is broken off is not waited for", async () => {
      const { port, namespace, seed } = await opened();
      const target = await seed("web", 3);
      const outcome = await port.readScale(namespace, target, AbortSignal.abort());
      expect(outcome).toMatchObject({ kind: "unreachable" });
    });

    test("what was deleted is absent, for reading and for writing", async () => {
      const { port, namespace, seed, remove } = await opened();
      const target = await seed("web", 3);
      const basis = await read(port, namespace, target);
      await remove(target);
      expect(await port.readScale(namespace, target)).toMatchObject({ kind: "absent" });
      expect(await port.writeScale(namespace, target, basis, wish(5))).toMatchObject({ kind: "absent" });
    });

    test.each([
      { what: "an object", change: { name: "nobody" } },
      { what: "a kind", change: { kind: "Nonesuch" } },
      { what: "an API group", change: { apiVersion: "nowhere.example.com/v1" } },
    ])("$what that never was is absent", async ({ change }) => {
      const { port, namespace, seed } = await opened();
      const target = { ...(await seed("web", 3)), ...change };
      expect(await port.readScale(namespace, target)).toMatchObject({ kind: "absent" });
    });
  });
}

async function read(port: ScalePort, namespace: string, target: TargetReference): Promise<Scale> {
  const outcome = await port.readScale(namespace, target);
  if (outcome.kind !== "read") expect.fail(`reading the scale: ${JSON.stringify(outcome)}`);
  return outcome.value;
}
