/**
 * What every world owes the resize of a pod: it counts only on top of the version that was seen, and for all
 * containers or none.
 */
import { describe, expect, onTestFinished, test } from "vitest";
import type { PodBasis, RequestWish, ResizePort } from "../../src/actuate/request-port.ts";
import { uid } from "../../src/base/ids.ts";
import { millis, seconds } from "../../src/base/units.ts";
import type { ContainerResources } from "../../src/coordinate/requests/plan.ts";
import { amounts, named, resources } from "../coordinate/requests/questions.ts";

export type SeenPod = Readonly<{ basis: PodBasis; desired: readonly ContainerResources[] }>;

export type ResizeWorld = Readonly<{
  port: ResizePort;
  /** A running pod of one container, made of `SEEDED`, whose kubelet has room for more. */
  seed(): Promise<SeenPod>;
  look(basis: PodBasis): Promise<SeenPod>;
  /** Someone else changes the pod, and not what it asks for. */
  touch(basis: PodBasis): Promise<void>;
  remove(basis: PodBasis): Promise<void>;
  close: () => Promise<void>;
}>;

export const SEEDED = named("app", resources(amounts(200, 64), amounts(400, 128)));
const RAISED = [named("app", resources(amounts(300, 96), amounts(600, 192)))];

export const aRequestWish = (over: Partial<RequestWish> = {}): RequestWish => ({
  within: seconds(10),
  signal: new AbortController().signal,
  ...over,
});

export function describeResizePort(open: () => Promise<ResizeWorld>): void {
  describe("resizing a pod", () => {
    const opened = async (): Promise<ResizeWorld & Readonly<{ pod: SeenPod }>> => {
      const world = await open();
      onTestFinished(() => world.close());
      return { ...world, pod: await world.seed() };
    };

    test("changes requests and limits of the very pod that was seen", async () => {
      const { port, pod, look } = await opened();
      expect(pod.desired).toEqual([SEEDED]);
      const outcome = await port.resizePod(pod.basis, RAISED, aRequestWish());
      expect(outcome).toMatchObject({ kind: "written" });
      const now = await look(pod.basis);
      expect(now.desired).toEqual(RAISED);
      expect(now.basis.uid).toBe(pod.basis.uid);
    });

    test("leaves what is not named as it is", async () => {
      const { port, pod, look } = await opened();
      await port.resizePod(pod.basis, [named("app", resources(amounts(300)))], aRequestWish());
      const { requests, limits } = SEEDED;
      expect((await look(pod.basis)).desired).toEqual([
        named("app", resources({ ...requests, ...amounts(300) }, limits)),
      ]);
    });

    test("of a version that is not the newest is a conflict and changes nothing", async () => {
      const { port, pod, look, touch } = await opened();
      await touch(pod.basis);
      expect(await port.resizePod(pod.basis, RAISED, aRequestWish())).toMatchObject({ kind: "conflict" });
      expect((await look(pod.basis)).desired).toEqual([SEEDED]);
    });

    test("meant for a namesake with another uid is a conflict and changes nothing", async () => {
      const { port, pod, look } = await opened();
      const { basis } = await look(pod.basis);
      const other = { ...basis, uid: uid("00000000-0000-4000-8000-ffffffffffff") };
      expect(await port.resizePod(other, RAISED, aRequestWish())).toMatchObject({ kind: "conflict" });
      expect((await look(pod.basis)).desired).toEqual([SEEDED]);
    });

    test.each([
      { what: "a request over its limit", to: [named("app", resources(amounts(500)))] },
      { what: "another QoS class", to: [named("app", resources(amounts(400, 128)))] },
      { what: "a container that is not there", to: [...RAISED, named("other", resources(amounts(100)))] },
    ])("to $what is refused, and changes no container", async ({ to }) => {
      const { port, pod, look } = await opened();
      expect(await port.resizePod(pod.basis, to, aRequestWish())).toMatchObject({ kind: "refused" });
      expect((await look(pod.basis)).desired).toEqual([SEEDED]);
    });

    test.each([
      { what: "has no time left", over: { within: millis(0) } },
      { what: "is broken off before it leaves", over: { signal: AbortSignal.abort() } },
    ])("that $what changes nothing, and is not known to have failed", async ({ over }) => {
      const { port, pod, look } = await opened();
      expect(await port.resizePod(pod.basis, RAISED, aRequestWish(over))).toMatchObject({
        kind: "unreachable",
      });
      expect((await look(pod.basis)).desired).toEqual([SEEDED]);
    });

    test("of a pod that is gone is absent", async () => {
      const { port, pod, remove } = await opened();
      await remove(pod.basis);
      expect(await port.resizePod(pod.basis, RAISED, aRequestWish())).toMatchObject({ kind: "absent" });
    });
  });
}
