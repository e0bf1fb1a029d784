import { describe, expect, test } from "vitest";
import { nodeName, uid } from "../../src/base/ids.ts";
import { epochMillis, monoMillis } from "../../src/base/units.ts";
import type { Pod } from "../../src/cluster/pod.ts";
import { Ingestion } from "../../src/scrape/ingestion.ts";
import type { Ingested } from "../../src/scrape/ingestion.ts";
import { REQUESTED_AT, newDecoder, print } from "./answers.ts";
import type { PrintedContainer } from "./answers.ts";
import { aRunningPod, aShape } from "./nodes.ts";

const ARRIVAL = { node: nodeName("node-1"), arrivedAt: monoMillis(5_000), wall: REQUESTED_AT };
const CREATED = 1_700_000_000;
const MINUTE = 60_000;

function ingest(containers: readonly PrintedContainer[], pods: readonly Pod[], node = ""): Ingested {
  const ingestion = new Ingestion((namespace, name) =>
    pods.find(({ meta }) => meta.namespace === namespace && meta.name === name),
  );
  return ingestion.ingest(newDecoder().decode(Buffer.from(print(containers) + node), REQUESTED_AT), ARRIVAL);
}

const web = (over: Partial<PrintedContainer> = {}): PrintedContainer => ({
  pod: "web",
  cpu: 2,
  memory: 4096,
  at: REQUESTED_AT - 7_000,
  start: CREATED + 10,
  ...over,
});

describe("what the store is given", () => {
  test("is a pod's samples by the uid that the API server knows", () => {
    expect(ingest([web()], [aRunningPod("web")])).toEqual({
      batch: {
        node: "node-1",
        arrivedAt: 5_000,
        nodeSample: undefined,
        pods: [
          {
            pod: "uid-of-web",
            expected: ["app"],
            samples: [{ container: "app", cpu: 2e9, memory: 4096, at: REQUESTED_AT - 7_000, start: (CREATED + 10) * 1e9 }],
            unusable: [],
          },
        ],
      },
      refused: new Map(),
      skew: -7_000,
    });
  }); // prettier-ignore

  test("expects main containers and sidecars, and takes others that run, but no init container", () => {
    const shape = aShape({ prep: "init", proxy: "sidecar", app: "main" });
    const named = ["prep", "proxy", "app", "debugger"].map((container) => web({ container }));
    const { batch, refused } = ingest(named, [aRunningPod("web", { shape })]);
    expect(batch.pods[0]?.expected).toEqual(["proxy", "app"]);
    expect(batch.pods[0]?.samples.map(({ container }) => container)).toEqual(["app", "debugger", "proxy"]);
    expect(refused).toEqual(new Map([["init-container", 1]]));
  });

  test("shares one list of expected containers between pods of one template", () => {
    const shape = aShape();
    const pods = ["a", "b"].map((name) => aRunningPod(name, { shape }));
    const { batch } = ingest([web({ pod: "a" }), web({ pod: "b" })], pods);
    expect(batch.pods[0]?.expected).toBe(batch.pods[1]?.expected);
  });

  test("includes the node's own sample", () => {
    const node = "node_cpu_usage_seconds_total 9\nnode_memory_working_set_bytes 7\n";
    expect(ingest([], [], node).batch.nodeSample).toEqual({ cpu: 9e9, memory: 7, at: REQUESTED_AT });
  });

  test("is not the node's sample when its stamp is an hour off", () => {
    const at = REQUESTED_AT - 60 * MINUTE;
    const node = `node_cpu_usage_seconds_total 9 ${at}\nnode_memory_working_set_bytes 7 ${at}\n`;
    expect(ingest([], [], node).batch.nodeSample).toBeUndefined();
  });
});

describe("a series is refused", () => {
  const elsewhere = aRunningPod("web", { node: nodeName("node-2") });
  const mirror = aRunningPod("web", {
    meta: { owner: { apiVersion: "v1", kind: "Node", name: "node-1", uid: uid("n") } },
  });

  test.each<{ when: string; pod?: Pod; given?: Partial<PrintedContainer>; refusal: string | undefined; isUnusable?: boolean }>([
    { when: "the API server knows no such pod", pod: aRunningPod("other"), refusal: "unknown-pod" },
    { when: "the pod is in another namespace", pod: aRunningPod("web", { meta: { namespace: "other" } }), refusal: "unknown-pod" },
    { when: "the pod runs on another node", pod: elsewhere, refusal: "foreign-pod" },
    { when: "the pod is not scheduled", pod: aRunningPod("web", { node: undefined }), refusal: "foreign-pod" },
    { when: "its container began long before the pod was made", given: { start: CREATED - 600 }, refusal: "earlier-pod" },
    { when: "its container began a moment before, by another clock", given: { start: CREATED - 59 }, refusal: undefined },
    { when: "its pod is a static one, whose mirror is younger", pod: mirror, given: { start: CREATED - 600 }, refusal: undefined },
    { when: "its start is an age, as kwok's", given: { start: 75 }, refusal: undefined },
    { when: "CPU is 0", given: { cpu: 0 }, refusal: "incomplete", isUnusable: true },
    { when: "CPU is below a nanosecond", given: { cpu: 1e-10 }, refusal: "incomplete", isUnusable: true },
    { when: "memory is 0", given: { memory: 0 }, refusal: "incomplete", isUnusable: true },
    { when: "it is dying, with both 0", given: { cpu: 0, memory: 0 }, refusal: "incomplete", isUnusable: true },
    { when: "CPU was lost as malformed", given: { cpu: "NaN" }, refusal: "incomplete", isUnusable: true },
    { when: "its stamp is 10 minutes old", given: { at: REQUESTED_AT - 10 * MINUTE }, refusal: undefined },
    { when: "its stamp is older", given: { at: REQUESTED_AT - 10 * MINUTE - 1 }, refusal: "clock-skew", isUnusable: true },
    { when: "its stamp is in 10 minutes", given: { at: REQUESTED_AT + 10 * MINUTE }, refusal: undefined },
    { when: "its stamp is further ahead", given: { at: REQUESTED_AT + 10 * MINUTE + 1 }, refusal: "clock-skew", isUnusable: true },
    { when: "its stamp is 100 days ahead", given: { at: REQUESTED_AT + 144_000 * MINUTE }, refusal: "clock-skew", isUnusable: true },
  ])("as $refusal when $when", ({ pod = aRunningPod("web"), given, refusal, isUnusable = false }) => {
    const { batch, refused } = ingest([web(given)], [pod]);
    expect([...refused]).toEqual(refusal === undefined ? [] : [[refusal, 1]]);
    expect(batch.pods.flatMap(({ samples }) => samples)).toHaveLength(refusal === undefined ? 1 : 0);
    expect(batch.pods.flatMap(({ unusable }) => unusable)).toEqual(isUnusable ? ["app"] : []);
  }); // prettier-ignore

  test("S04 one by one: a thousand claims to pods of other nodes change nothing and hide nothing", () => {
    const claimed = Array.from({ length: 1000 }, (_, n) => `claimed-${n}`);
    const pods = claimed.map((name) => aRunningPod(name, { node: nodeName("node-2") }));
    const { batch, refused } = ingest([...claimed.map((pod) => web({ pod })), web()], [...pods, aRunningPod("web")]);
    expect(refused).toEqual(new Map([["foreign-pod", 1000]]));
    expect(batch.pods.map(({ pod }) => pod)).toEqual(["uid-of-web"]);
  }); // prettier-ignore
});

describe("the distance of clocks", () => {
  test("is that of the newest sample", () => {
    const given = [web({ at: REQUESTED_AT + 90_000 }), web({ container: "b", at: REQUESTED_AT - 5_000 })];
    expect(ingest(given, [aRunningPod("web")]).skew).toBe(90_000);
  });

  test("is not known without a sample", () => {
    expect(ingest([], []).skew).toBeUndefined();
  });

  test("is taken into account when a container seems older than its pod", () => {
    const given = web({ start: CREATED - 150, at: REQUESTED_AT - 2 * MINUTE });
    expect(ingest([given], [aRunningPod("web")]).refused).toEqual(new Map());
  });
});

test("a stamp that is missing is when we asked", () => {
  const { batch } = ingest([web({ at: undefined })], [aRunningPod("web")]);
  expect(batch.pods[0]?.samples[0]?.at).toBe(epochMillis(REQUESTED_AT));
});
