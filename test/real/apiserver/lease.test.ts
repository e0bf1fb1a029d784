import { expect, test } from "vitest";
import type { Clock } from "../../../src/base/clock.ts";
import { seededRandom } from "../../../src/base/random.ts";
import { epochMillis, seconds } from "../../../src/base/units.ts";
import { createLeasePort } from "../../../src/real/apiserver/lease.ts";
import type { Lease } from "../../../src/reconcile/port.ts";
import { createHandClock } from "./loopback.ts";
import { answered, scripted, type Scripted } from "./scripted.ts";

const NAME = { namespace: "plimsoll-system", name: "plimsoll" };
const leaseObject = (spec: object, version = "7") => ({
  apiVersion: "coordination.k8s.io/v1",
  kind: "Lease",
  metadata: { resourceVersion: version },
  spec,
});
const SPEC = {
  holderIdentity: "pod_1",
  leaseDurationSeconds: 15,
  acquireTime: "2026-01-02T03:04:05.678901Z",
  renewTime: "2026-01-02T03:04:05.678901Z",
  leaseTransitions: 2,
};
const signal = new AbortController().signal;

const portOver = (transport: Scripted, clock: Clock = createHandClock()) =>
  createLeasePort(transport, NAME, { clock, random: seededRandom(1) });

test.each([
  { what: "full", spec: SPEC, record: { holder: "pod_1", duration: seconds(15), transitions: 2 } },
  { what: "released", spec: { ...SPEC, holderIdentity: undefined }, record: { holder: "" } },
  { what: "null", spec: { holderIdentity: null, renewTime: null }, record: { holder: "", renewedAt: 0 } },
  {
    what: "empty",
    spec: {},
    record: { holder: "", duration: 0, acquiredAt: 0, renewedAt: 0, transitions: 0 },
  },
  { what: "foreign", spec: { ...SPEC, renewTime: "yesterday" }, record: { holder: "pod_1", renewedAt: 0 } },
])("a lease that is $what is read", async ({ spec, record }) => {
  const transport = scripted(() => answered(200, leaseObject(spec)));
  expect(await portOver(transport).readLease(signal)).toMatchObject({ kind: "read", value: { record } });
});

test("what is no lease is a failure of the server", async () => {
  const transport = scripted(() => answered(200, { kind: "Secret" }));
  expect(await portOver(transport).readLease(signal)).toMatchObject({ kind: "failed" });
});

test("times are written with six digits, an empty holder and part of a second are not", async () => {
  const transport = scripted(() => answered(200, leaseObject(SPEC, "8")));
  const at = epochMillis(Date.UTC(2026, 0, 2, 3, 4, 5, 678));
  const record = { holder: "", duration: seconds(0.5), acquiredAt: at, renewedAt: at, transitions: 2 };
  const lease: Lease = { resourceVersion: "7", record };
  expect(await portOver(transport).updateLease(lease, record, signal)).toEqual({
    kind: "written",
    resourceVersion: "8",
  });
  expect(transport.asked[0]?.body).toMatchObject({
    metadata: { resourceVersion: "7" },
    spec: {
      leaseDurationSeconds: 1,
      acquireTime: "2026-01-02T03:04:05.678000Z",
      renewTime: "2026-01-02T03:04:05.678000Z",
      leaseTransitions: 2,
    },
  });
  expect(transport.asked[0]?.body).not.toHaveProperty("spec.holderIdentity");
});

test("each request is on the lease's own connection and may take five seconds", async () => {
  const transport = scripted(() => answered(200, leaseObject(SPEC)));
  const port = portOver(transport);
  const read = await port.readLease(signal);
  if (read.kind !== "read") expect.fail("not read");
  await port.updateLease(read.value, read.value.record, signal);
  await port.createLease(read.value.record, signal);
  for (const { lane, timeout, signal: passed } of transport.asked)
    expect({ lane, timeout, passed }).toEqual({ lane: "lease", timeout: seconds(5), passed: signal });
});

test("a watch that ends, breaks or is refused is begun again after a pause, until the caller has enough", async () => {
  const event = (type: string, object: unknown) => JSON.stringify({ type, object });
  const streams = [
    [event("ADDED", leaseObject(SPEC)), event("BOOKMARK", { kind: "Lease" }), "not json", '"text"'],
    answered(403),
    answered(429),
    [event("DELETED", leaseObject(SPEC)), event("ERROR", { kind: "Status", code: 410 })],
    [event("MODIFIED", leaseObject({ ...SPEC, holderIdentity: "pod_2" }))],
  ];
  const transport = scripted(
    () => answered(500),
    (nth) => streams[nth - 1] ?? [],
  );
  const caller = new AbortController();
  const pauses: number[] = [];
  const clock: Clock = {
    ...createHandClock(),
    async sleep(duration, until) {
      if (until === caller.signal) pauses.push(duration);
      else await createHandClock().sleep(duration, until);
    },
  };
  const heard: string[] = [];
  await portOver(transport, clock).watchLease((lease) => {
    heard.push(lease.record.holder);
    if (lease.record.holder === "pod_2") caller.abort();
  }, caller.signal);
  expect(heard).toEqual(["pod_1", "pod_2"]);
  expect(transport.asked).toHaveLength(5);
  const [first = 0, second = 0, third = 0] = pauses;
  expect([first >= 800, second >= 800, third >= 1600]).toEqual([true, true, true]);
  expect(Math.max(...pauses)).toBeLessThanOrEqual(30_000);
});
