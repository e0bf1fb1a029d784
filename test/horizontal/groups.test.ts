/**
 * Which pods' usage counts: upstream's own cases (A5), with an initialization period of 120 s and a delay of 10 s.
 */
import { expect, test } from "vitest";
import { later, seconds } from "../../src/base/units.ts";
import { groupPods } from "../../src/horizontal/groups.ts";
import type { PodEvidence } from "../../src/usage/evidence.ts";
import { T0 } from "../builders.ts";
import { ago, aPod, cpuUtilization, SETTINGS, usageOf } from "./pods.ts";

const settings = { ...SETTINGS, cpuInitializationPeriod: seconds(120), initialReadinessDelay: seconds(10) };
const sample = (age: number, window: number) =>
  usageOf({ app: { cpu: 500, memory: 1024 } }, { at: ago(age), window: seconds(window) });
const readyFor = (age: number) => ({ status: "True", since: ago(age) }) as const;
const unreadySince = (start: number, offset: number) =>
  ({ status: "False", since: later(ago(start), seconds(offset)) }) as const;

test.each<{ when: string; group: string; resource?: "cpu" | "memory"; pod: Partial<PodEvidence> }>([
  { when: "without a Ready condition", group: "unready", pod: { readiness: undefined } },
  { when: "without a start time", group: "unready", pod: { startTime: undefined } },
  {
    when: "young, ready for 30 s, sampled over the last 30 s",
    group: "measured",
    pod: { startTime: ago(60), readiness: readyFor(30), usage: sample(0, 30) },
  },
  {
    when: "young, ready for 30 s, sampled over the last 60 s",
    group: "unready",
    pod: { startTime: ago(60), readiness: readyFor(30), usage: sample(0, 60) },
  },
  {
    when: "young and not ready",
    group: "unready",
    pod: { startTime: ago(60), readiness: unreadySince(60, 50), usage: sample(0, 5) },
  },
  {
    when: "old, not ready since 6 s after its start",
    group: "unready",
    pod: { startTime: ago(600), readiness: unreadySince(600, 6) },
  },
  {
    when: "old, not ready since exactly the delay after its start",
    group: "measured",
    pod: { startTime: ago(600), readiness: unreadySince(600, 10) },
  },
  {
    when: "old, not ready since 60 s after its start",
    group: "measured",
    pod: { startTime: ago(600), readiness: unreadySince(600, 60) },
  },
  {
    when: "old, of unknown readiness since its start",
    group: "measured",
    pod: { startTime: ago(600), readiness: { status: "Unknown", since: ago(600) } },
  },
  {
    when: "started exactly the period ago",
    group: "measured",
    pod: { startTime: ago(120), readiness: readyFor(1) },
  },
  {
    when: "ready, with a sample of 2 min ago",
    group: "measured",
    pod: { startTime: ago(180), readiness: readyFor(170), usage: sample(120, 30) },
  },
  { when: "Pending", group: "unready", pod: { phase: "Pending" } },
  { when: "Pending without a sample", group: "unready", pod: { phase: "Pending", usage: undefined } },
  { when: "being deleted, with a sample", group: "ignored", pod: { deleting: true } },
  { when: "Failed, with a sample", group: "ignored", pod: { phase: "Failed" } },
  { when: "Succeeded, memory", group: "measured", resource: "memory", pod: { phase: "Succeeded" } },
  {
    when: "young and not ready, memory",
    group: "measured",
    resource: "memory",
    pod: { startTime: ago(10), readiness: unreadySince(10, 0) },
  },
  { when: "without a sample", group: "missing", pod: { usage: undefined } },
])("a pod $when is $group", ({ group, resource = "cpu", pod }) => {
  const evidence = aPod({ usage: sample(0, 30), ...pod });
  const metric = { ...cpuUtilization(60), resource };
  const groups = groupPods([evidence], metric, { now: T0, settings });
  const found = Object.entries(groups).filter(([, members]) => members.length > 0);
  expect(found.map(([name]) => name)).toEqual([group]);
});
