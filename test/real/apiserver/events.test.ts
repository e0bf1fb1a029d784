import { expect, test } from "vitest";
import { seededRandom } from "../../../src/base/random.ts";
import { later, minutes } from "../../../src/base/units.ts";
import { createEventWriter } from "../../../src/real/apiserver/events.ts";
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

test("what is told of a node is an event about it, where those of nodes are", async () => {
  const { writer, transport } = start();
  const { policy: _, ...telling } = anEvent({ reason: "ForeignPods" });
  const node = aMeta({ namespace: "", name: "node-1" });
  expect(await writer.emit({ ...telling, node })).toMatchObject({ kind: "written" });
  const [asked] = transport.asked;
  expect(asked?.path).toBe("/apis/events.k8s.io/v1/namespaces/default/events");
  expect(asked?.body).toMatchObject({
    metadata: { namespace: "default", name: expect.stringMatching(/^node-1\./) },
    regarding: { apiVersion: "v1", kind: "Node", name: "node-1", uid: node.uid },
    reason: "ForeignPods",
  });
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

test("what is remembered is bounded: the oldest of thousands is forgotten and told anew", async () => {
  const { writer, transport, told } = start();
  for (let n = 0; n <= 4096; n += 1) await writer.emit(anEvent({ note: `note ${n}` }));
  await writer.emit(anEvent({ note: "note 4096" }));
  await writer.emit(anEvent({ note: "note 0" }));
  expect(transport.asked).toHaveLength(4099);
  expect(told().slice(-2)).toEqual(["PATCH 2", "POST"]);
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
