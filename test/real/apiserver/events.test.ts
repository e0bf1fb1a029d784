import { expect, test } from "vitest";
import { uid } from "../../../src/base/ids.ts";
import { seededRandom } from "../../../src/base/random.ts";
import { epochMillis, later, minutes, seconds } from "../../../src/base/units.ts";
import { createEventWriter, spend } from "../../../src/real/apiserver/events.ts";
import type { PolicyEvent } from "../../../src/report/port.ts";
import { aMeta, T0 } from "../../builders.ts";
import { answered, scripted } from "./scripted.ts";

const EVENT = { kind: "Event", metadata: { resourceVersion: "5" } };
const anEvent = (over: Partial<PolicyEvent> = {}): PolicyEvent => ({
  policy: aMeta(),
  type: "Normal",
  reason: "SuccessfulRescale",
  action: "Scale",
  note: "cpu above target",
  at: T0,
  ...over,
});
const start = (transport = scripted(() => answered(201, EVENT))) => ({
  transport,
  writer: createEventWriter(transport, { instance: "pod_1", random: seededRandom(1) }),
  /** Method, and the series' count of a repeat. */
  told: () =>
    transport.asked.map(({ method, body }) => {
      const { series } = body as { series?: { count: number } };
      return series === undefined ? method : `${method} ${series.count}`;
    }),
});

test.each([
  { left: undefined, after: 0, granted: true, now: 24 },
  { left: 1, after: 10_000, granted: true, now: 0 },
  { left: 0, after: 299_000, granted: false, now: 0 },
  { left: 0, after: 300_000, granted: true, now: 0 },
  { left: 0, after: 599_000, granted: true, now: 0 },
  { left: 0, after: 600_000, granted: true, now: 1 },
  { left: 3, after: 86_400_000, granted: true, now: 24 },
  { left: 0, after: -1000, granted: false, now: 0 },
])("of $left left, after $after ms: $granted", ({ left, after, granted, now }) => {
  const before = left === undefined ? undefined : { left, filledAt: T0 };
  const spent = spend(before, epochMillis(T0 + after));
  expect(spent).toMatchObject({ granted, allowance: { left: now } });
});

test("a token that is taken does not delay the next refill", () => {
  const early = spend({ left: 0, filledAt: T0 }, later(T0, seconds(301)));
  expect(spend(early.allowance, later(T0, seconds(601))).granted).toBe(true);
});

test("a flood of one reason is held back with the time of the next; other reasons and policies pass", async () => {
  const { writer, told } = start();
  for (let n = 0; n < 25; n += 1)
    expect(await writer.emit(anEvent({ note: `flood ${n}` }))).toMatchObject({ kind: "written" });
  expect(await writer.emit(anEvent({ note: "flood 25", at: later(T0, minutes(1)) }))).toEqual({
    kind: "throttled",
    retryAfter: minutes(4),
    message: "events with reason SuccessfulRescale are held back",
  });
  expect(await writer.emit(anEvent({ reason: "Calm" }))).toMatchObject({ kind: "written" });
  const other = anEvent({ policy: aMeta({ name: "other", uid: uid("other") }) });
  expect(await writer.emit(other)).toMatchObject({ kind: "written" });
  expect(told()).toHaveLength(27);
});

test("a repeat raises the count, until six minutes have passed", async () => {
  const { writer, told } = start();
  for (const at of [0, 1, 6, 13]) await writer.emit(anEvent({ at: later(T0, minutes(at)) }));
  expect(told()).toEqual(["POST", "PATCH 2", "PATCH 3", "POST"]);
});

test.each([
  { what: "note", over: { note: "memory above target" } },
  { what: "type", over: { type: "Warning" as const } },
  { what: "action", over: { action: "Decide" } },
])("another $what is another event", async ({ over }) => {
  const { writer, told } = start();
  await writer.emit(anEvent());
  await writer.emit(anEvent(over));
  expect(told()).toEqual(["POST", "POST"]);
});

test("an event that expired is made anew", async () => {
  const transport = scripted(({ method }) => (method === "PATCH" ? answered(404) : answered(201, EVENT)));
  const { writer, told } = start(transport);
  await writer.emit(anEvent());
  expect(await writer.emit(anEvent())).toMatchObject({ kind: "written" });
  expect(told()).toEqual(["POST", "PATCH 2", "POST"]);
});

test("an event that was not written is not counted", async () => {
  const transport = scripted((_, nth) => (nth === 1 ? answered(503) : answered(201, EVENT)));
  const { writer, told } = start(transport);
  expect(await writer.emit(anEvent())).toMatchObject({ kind: "failed" });
  await writer.emit(anEvent());
  expect(told()).toEqual(["POST", "POST"]);
});

test("notes, names and instances fit what the API accepts", async () => {
  const transport = scripted(() => answered(201, EVENT));
  const writer = createEventWriter(transport, { instance: "p".repeat(200), random: seededRandom(1) });
  const name = `${"a".repeat(199)}.${"b".repeat(53)}`;
  await writer.emit(anEvent({ policy: aMeta({ name }), note: "→".repeat(1000) }));
  const body = transport.asked[0]?.body as {
    note: string;
    reportingInstance: string;
    metadata: { name: string };
  };
  expect(Buffer.byteLength(body.note)).toBeLessThanOrEqual(1024);
  expect(body.note).toMatch(/^→+…$/);
  expect(body.reportingInstance).toHaveLength(128);
  expect(body.metadata.name).toMatch(/^a{199}\.[0-9a-f]{12}$/);
});
