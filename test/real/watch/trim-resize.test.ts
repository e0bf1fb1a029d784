/** What is kept of a kubelet's word about a resize. */
import { describe, expect, test } from "vitest";
import { createShared } from "../../../src/real/apiserver/watch/trim/meta.ts";
import { trimPod } from "../../../src/real/apiserver/watch/trim/pod.ts";

const small = { requests: { cpu: "200m", memory: "64Mi" }, limits: { cpu: "400m" } };
const large = { requests: { cpu: "300m", memory: "64Mi" }, limits: { cpu: "600m" } };
const CREATED = "2026-11-25T10:00:00Z";
const SINCE = "2026-11-25T11:00:00Z";

/** `granted` is undefined for a kubelet that does not tell. */
function aPod(granted: typeof small | undefined, conditions: object[] = [], managedFields: object[] = []) {
  const told = granted && { resources: granted, allocatedResources: granted.requests };
  return trimPod(
    {
      metadata: { name: "web-0", uid: "u", resourceVersion: "1", creationTimestamp: CREATED, managedFields },
      spec: { containers: [{ name: "app", resources: large }] },
      status: { phase: "Running", conditions, containerStatuses: [{ name: "app", ...told }] },
    },
    createShared(),
  )!;
}

const condition = (type: string, reason?: string, status = "True") => ({
  type, reason, status, message: "says the kubelet", lastTransitionTime: SINCE,
}); // prettier-ignore

test("a pod whose requests are in force carries nothing", () => {
  expect(aPod(large)).not.toHaveProperty("resize");
  expect(aPod(undefined)).not.toHaveProperty("resize");
  expect(aPod(large)).not.toHaveProperty("resizedAt");
  expect(aPod(large, [condition("PodResizePending", "Deferred", "False")])).not.toHaveProperty("resize");
});

describe("a resize that is under way", () => {
  const allocated = [
    { name: "app", role: "main", requests: { cpu: 200, memory: 67_108_864_000 }, limits: { cpu: 400 } },
  ];
  test.each([
    { conditions: [], state: "proposed", since: CREATED, message: "" },
    { conditions: [condition("PodResizePending", "Deferred")], state: "deferred" },
    { conditions: [condition("PodResizePending", "Infeasible")], state: "infeasible" },
    { conditions: [condition("PodResizeInProgress")], state: "in-progress" },
    { conditions: [condition("PodResizeInProgress", "Error")], state: "error" },
    {
      conditions: [condition("PodResizeInProgress"), condition("PodResizePending", "Deferred")],
      state: "deferred",
    },
  ])("$conditions: $state", ({ conditions, state, since = SINCE, message = "says the kubelet" }) => {
    expect(aPod(small, conditions).resize).toEqual({ state, since: Date.parse(since), message, allocated });
  });

  test("that is granted and not in force yet has nothing else granted", () => {
    expect(aPod(large, [condition("PodResizeInProgress")]).resize).toMatchObject({
      state: "in-progress",
      allocated: [],
    });
  });
});

test("who resized it last is known from the field managers", () => {
  const fields = [
    { manager: "kubelet", subresource: "status", time: CREATED },
    { manager: "plimsoll", subresource: "resize", time: SINCE },
  ];
  expect(aPod(large, [], fields).resizedAt).toBe(Date.parse(SINCE));
  expect(aPod(large, [], [{ manager: "kubectl", subresource: "resize", time: SINCE }])).not.toHaveProperty(
    "resizedAt",
  );
});
