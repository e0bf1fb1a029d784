/**
 * What every world owes report/port.ts: a status is replaced whole on top of what is known, and an event is seen.
 */
import { describe, expect, onTestFinished, test } from "vitest";
import { uid } from "../../src/base/ids.ts";
import { epochMillis } from "../../src/base/units.ts";
import type { Meta } from "../../src/cluster/object.ts";
import type { ScalePolicyStatus } from "../../src/policy/status.ts";
import type { PolicyEvent, ReportPort } from "../../src/report/port.ts";

/** What a user sees of the events about one policy; `count` is how often it happened. */
export type SeenEvent = Readonly<{ type: string; reason: string; note: string; count: number }>;

export type ReportWorld = Readonly<{
  port: ReportPort;
  /** Makes a ScalePolicy. */
  seed(name: string): Promise<Meta>;
  /** What the API shows now: the policy's meta and its status; undefined when it is gone. */
  look(policy: Meta): Promise<Readonly<{ meta: Meta; status: unknown }> | undefined>;
  /** Someone else changes the policy's labels. */
  touch(policy: Meta): Promise<void>;
  remove(policy: Meta): Promise<void>;
  eventsAbout(policy: Meta): Promise<readonly SeenEvent[]>;
  close: () => Promise<void>;
}>;

const AT = "2026-01-02T03:04:05Z";
const STATUS: ScalePolicyStatus = {
  observedGeneration: 1,
  conditions: [
    {
      type: "Ready",
      status: "True",
      reason: "Reconciled",
      message: "the policy is followed",
      observedGeneration: 1,
      lastTransitionTime: AT,
    },
  ],
  horizontal: { currentReplicas: 3, desiredReplicas: 4, lastScaleTime: AT, currentMetrics: [] },
  recentActs: [{ time: AT, what: "3 → 4 replicas", why: "cpu above target" }],
  display: { metrics: "cpu: 95%/80%", requests: "" },
  lastDecision: { time: AT, summary: "scale to 4" },
};

export function describeReportPort(open: () => Promise<ReportWorld>): void {
  describe("reporting", () => {
    const opened = async (): Promise<ReportWorld> => {
      const world = await open();
      onTestFinished(() => world.close());
      return world;
    };

    test("a status reads back as it was written", async () => {
      const { port, seed, look } = await opened();
      const policy = await seed("web");
      const outcome = await port.writeStatus(policy, STATUS);
      const seen = await look(policy);
      expect(seen?.status).toEqual(STATUS);
      expect(outcome).toEqual({ kind: "written", resourceVersion: seen?.meta.resourceVersion });
      expect(seen?.meta.generation).toBe(policy.generation);
    });

    test("a status replaces the one before, fields that are gone included", async () => {
      const { port, seed, look } = await opened();
      const policy = await seed("web");
      await port.writeStatus(policy, STATUS);
      const { horizontal: _, lastDecision: __, ...rest } = STATUS;
      const current = (await look(policy))?.meta ?? expect.fail("the policy is gone");
      expect(await port.writeStatus(current, rest)).toMatchObject({ kind: "written" });
      expect((await look(policy))?.status).toEqual(rest);
    });

    test("a status on top of an old version is a conflict and changes nothing", async () => {
      const { port, seed, look, touch } = await opened();
      const policy = await seed("web");
      await touch(policy);
      expect(await port.writeStatus(policy, STATUS)).toMatchObject({ kind: "conflict" });
      expect((await look(policy))?.status).toBeUndefined();
    });

    test("a status meant for a namesake with another uid is a conflict and changes nothing", async () => {
      const { port, seed, look } = await opened();
      const policy = await seed("web");
      const namesake = { ...policy, uid: uid("00000000-0000-4000-8000-000000000000") };
      expect(await port.writeStatus(namesake, STATUS)).toMatchObject({ kind: "conflict" });
      expect((await look(policy))?.status).toBeUndefined();
    });

    test("the status of a deleted policy is absent", async () => {
      const { port, seed, remove } = await opened();
      const policy = await seed("web");
      await remove(policy);
      expect(await port.writeStatus(policy, STATUS)).toMatchObject({ kind: "absent" });
    });

    test("an event is seen with its reason and note", async () => {
      const { port, seed, eventsAbout } = await opened();
      const policy = await seed("web");
      expect(await port.emit(eventOf(policy, "cpu above target"))).toMatchObject({ kind: "written" });
      expect(await eventsAbout(policy)).toEqual([
        { type: "Normal", reason: "SuccessfulRescale", note: "cpu above target", count: 1 },
      ]);
    });

    test("the same event again raises a count; another note is another event", async () => {
      const { port, seed, eventsAbout } = await opened();
      const policy = await seed("web");
      for (const note of ["cpu above target", "cpu above target", "memory above target", "cpu above target"])
        await port.emit(eventOf(policy, note));
      expect(new Map((await eventsAbout(policy)).map(({ note, count }) => [note, count]))).toEqual(
        new Map([
          ["cpu above target", 3],
          ["memory above target", 1],
        ]),
      );
    });
  });
}

const eventOf = (policy: Meta, note: string): PolicyEvent => ({
  policy,
  type: "Normal",
  reason: "SuccessfulRescale",
  action: "Scale",
  note,
  at: epochMillis(Date.UTC(2026, 0, 2, 3, 4, 5)),
});
