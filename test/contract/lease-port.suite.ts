/**
 * What every world owes reconcile/port.ts: of two writers on top of the same Lease one wins, and a standby hears of it.
 */
import { describe, expect, onTestFinished, test } from "vitest";
import { epochMillis, seconds } from "../../src/base/units.ts";
import type { Lease, LeasePort, LeaseRecord } from "../../src/reconcile/port.ts";

export type LeaseWorld = Readonly<{
  /** Two candidates' views of one Lease that does not exist yet. */
  port: LeasePort;
  rival: LeasePort;
  close: () => Promise<void>;
}>;

const RECORD: LeaseRecord = {
  holder: "pod-a_1",
  duration: seconds(15),
  acquiredAt: epochMillis(Date.UTC(2026, 0, 2, 3, 4, 5, 678)),
  renewedAt: epochMillis(Date.UTC(2026, 0, 2, 3, 4, 7, 8)),
  transitions: 2,
};

export function describeLeasePort(open: () => Promise<LeaseWorld>): void {
  describe("the lease", () => {
    const opened = async (): Promise<LeaseWorld & { signal: AbortSignal; stop: () => void }> => {
      const world = await open();
      const ended = new AbortController();
      onTestFinished(async () => {
        ended.abort();
        await world.close();
      });
      return { ...world, signal: ended.signal, stop: () => ended.abort() };
    };

    test("is absent before anyone made it", async () => {
      const { port, signal } = await opened();
      expect(await port.readLease(signal)).toMatchObject({ kind: "absent" });
    });

    test("reads back as it was written, to the millisecond", async () => {
      const { port, rival, signal } = await opened();
      const written = await port.createLease(RECORD, signal);
      const lease = await read(rival, signal);
      expect(lease.record).toEqual(RECORD);
      expect(written).toEqual({ kind: "written", resourceVersion: lease.resourceVersion });
    });

    test("is made by one of two", async () => {
      const { port, rival, signal } = await opened();
      await port.createLease(RECORD, signal);
      const second = await rival.createLease({ ...RECORD, holder: "pod-b_2" }, signal);
      expect(second).toMatchObject({ kind: "conflict" });
      expect((await read(port, signal)).record.holder).toBe("pod-a_1");
    });

    test("is renewed by the one whose knowledge is newest", async () => {
      const { port, rival, signal } = await opened();
      await port.createLease(RECORD, signal);
      const basis = await read(port, signal);
      const renewal = { ...RECORD, renewedAt: epochMillis(RECORD.renewedAt + 2000) };
      expect(await port.updateLease(basis, renewal, signal)).toMatchObject({ kind: "written" });
      const usurper = { ...RECORD, holder: "pod-b_2", transitions: 3 };
      expect(await rival.updateLease(basis, usurper, signal)).toMatchObject({ kind: "conflict" });
      expect((await read(rival, signal)).record).toEqual(renewal);
    });

    test("can be let go, and says so", async () => {
      const { port, rival, signal } = await opened();
      await port.createLease(RECORD, signal);
      const released = { ...RECORD, holder: "", duration: seconds(1) };
      expect(await port.updateLease(await read(port, signal), released, signal)).toMatchObject({
        kind: "written",
      });
      expect((await read(rival, signal)).record).toEqual(released);
    });

    test("is heard of by a standby at each change, until it stops listening", async () => {
      const { port, rival, signal, stop } = await opened();
      await port.createLease(RECORD, signal);
      const heard: string[] = [];
      const listening = rival.watchLease((lease) => heard.push(lease.record.holder), signal);
      await expect.poll(() => heard.at(-1)).toBe("pod-a_1");
      await port.updateLease(await read(port, signal), { ...RECORD, holder: "" }, signal);
      await expect.poll(() => heard.at(-1)).toBe("");
      stop();
      await listening;
    });

    test("is not asked for after the caller has given up", async () => {
      const { port, signal, stop } = await opened();
      stop();
      expect(await port.readLease(signal)).toMatchObject({ kind: "unreachable" });
      expect(await port.createLease(RECORD, signal)).toMatchObject({ kind: "unreachable" });
      expect(await port.readLease(new AbortController().signal)).toMatchObject({ kind: "absent" });
    });
  });
}

async function read(port: LeasePort, signal: AbortSignal): Promise<Lease> {
  const outcome = await port.readLease(signal);
  if (outcome.kind !== "read") expect.fail(`reading the lease: ${JSON.stringify(outcome)}`);
  return outcome.value;
}
