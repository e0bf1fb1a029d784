import { describe, expect, test } from "vitest";
import type { Failure } from "../../src/base/outcome.ts";
import { bytes, epochMillis, millis, monoMillis, nanoCores, seconds } from "../../src/base/units.ts";
import { UsageCollector } from "../../src/rightsizing/evidence/collector.ts";
import type { Usage, UsageNow } from "../../src/rightsizing/port.ts";
import { runSampling } from "../../src/rightsizing/sample-driver.ts";

/** A clock that jumps to the end of each sleep, and may be interrupted after some of them. */
function aClock(interruptAfter = Infinity, stop = new AbortController()) {
  let [now, sleeps] = [0, 0];
  return {
    stop,
    wall: () => epochMillis(now),
    mono: () => monoMillis(now),
    async sleep(duration: number) {
      now += duration;
      if (++sleeps >= interruptAfter) stop.abort();
    },
    get now() {
      return now;
    },
  };
}

function aSource(clock: ReturnType<typeof aClock>, failsAt: readonly number[] = []): UsageNow {
  let looks = 0;
  const failure: Failure = { kind: "failed", status: 503, retryAfter: undefined, message: "not yet" };
  return {
    async look() {
      if (failsAt.includes(looks++)) return failure;
      const usage: Usage = {
        place: { namespace: "shop", pod: "web-1", container: "app" },
        reading: { at: epochMillis(clock.now), cpu: nanoCores(1e8), memory: bytes(1) },
      };
      return { kind: "read", value: [usage] };
    },
  };
}

async function sample(
  length: number,
  { failsAt = [], interruptAfter = Infinity }: Readonly<{ failsAt?: number[]; interruptAfter?: number }> = {},
) {
  const clock = aClock(interruptAfter);
  const collector = new UsageCollector(seconds(15));
  const shown: number[] = [];
  const outcome = await runSampling(
    { clock, usage: aSource(clock, failsAt), collector },
    {
      namespace: "shop",
      length: millis(length),
      every: seconds(15),
      progress: ({ looks }) => void shown.push(looks),
    },
    clock.stop.signal,
  );
  const usage = collector.usage({ namespace: "shop", pods: ["web-1"], container: "app" });
  return { outcome, samples: usage?.cpu?.samples, shown, took: clock.now };
}

describe("sampling", () => {
  test("for no time is one look", async () =>
    expect(await sample(0)).toEqual({
      outcome: { kind: "sampled", looks: 1, failed: 0 },
      samples: 1,
      shown: [1],
      took: 0,
    }));

  test("for a minute is five looks, a quarter of a minute apart", async () =>
    expect(await sample(60_000)).toEqual({
      outcome: { kind: "sampled", looks: 5, failed: 0 },
      samples: 5,
      shown: [1, 2, 3, 4, 5],
      took: 60_000,
    }));

  test("goes on after a look without an answer", async () =>
    expect(await sample(60_000, { failsAt: [1, 3] })).toMatchObject({
      outcome: { looks: 5, failed: 2 },
      samples: 3,
    }));

  test("ends at once when the first look has none", async () =>
    expect(await sample(60_000, { failsAt: [0] })).toMatchObject({
      outcome: { kind: "failed" },
      samples: undefined,
      took: 0,
    }));

  test("ends when it is interrupted, with what it saw", async () =>
    expect(await sample(600_000, { interruptAfter: 2 })).toMatchObject({
      outcome: { looks: 2 },
      samples: 2,
    }));
});
