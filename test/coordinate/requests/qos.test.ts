import { expect, test } from "vitest";
import { qosOf } from "../../../src/coordinate/requests/qos.ts";
import { amounts, resources } from "./questions.ts";

const full = resources(amounts(100, 64), amounts(100, 64));
test.each([
  { pod: [full], qos: "Guaranteed" },
  { pod: [full, full], qos: "Guaranteed" },
  { pod: [resources({}, amounts(100, 64))], qos: "Guaranteed" },
  { pod: [full, resources({})], qos: "Burstable" },
  { pod: [resources(amounts(100, 64), amounts(100))], qos: "Burstable" },
  { pod: [resources(amounts(50, 64), amounts(100, 64))], qos: "Burstable" },
  { pod: [resources(amounts(100))], qos: "Burstable" },
  { pod: [resources({}), resources({})], qos: "BestEffort" },
  { pod: [], qos: "BestEffort" },
])("$pod is $qos", ({ pod, qos }) => {
  expect(qosOf(pod)).toBe(qos);
});
