/**
 * Which workload a pod belongs to.
 */
import { describe, expect, test } from "vitest";
import { objectKey, uid } from "../../src/base/ids.ts";
import type { Owner } from "../../src/cluster/object.ts";
import type { ReplicaSet } from "../../src/cluster/workload.ts";
import { cronJobOf, workloadOf } from "../../src/usage/workload-of.ts";
import { aPod, aReplicaSet, ownedBy } from "../view/objects.ts";

const job = (name: string): Owner => ({ ...ownedBy("Job", name), apiVersion: "batch/v1" });
const rollout: Owner = { ...ownedBy("Rollout", "canary"), apiVersion: "argoproj.io/v1alpha1" };

const SETS: readonly ReplicaSet[] = [
  aReplicaSet({ name: "web-1", owner: ownedBy("Deployment", "web") }),
  aReplicaSet({ name: "web-2", owner: ownedBy("Deployment", "web") }),
  aReplicaSet({ name: "canary-1", owner: rollout }),
  aReplicaSet({ name: "alone" }),
];
const replicaSets = { get: (key: string) => SETS.find(({ meta }) => objectKey("shop", meta.name) === key) };
const of = (owner: Owner | undefined) => workloadOf(aPod({ name: "p", owner }), replicaSets);

describe("a pod belongs to", () => {
  test.each([
    ["the Deployment of its ReplicaSet", ownedBy("ReplicaSet", "web-1"), "shop/apps/Deployment/web", "uid-of-web"],
    ["the same one in the next revision", ownedBy("ReplicaSet", "web-2"), "shop/apps/Deployment/web", "uid-of-web"],
    ["whoever else owns its ReplicaSet", ownedBy("ReplicaSet", "canary-1"), "shop/argoproj.io/Rollout/canary", "uid-of-canary"],
    ["a ReplicaSet of its own", ownedBy("ReplicaSet", "alone"), "shop/apps/ReplicaSet/alone", "uid-of-alone"],
    ["its StatefulSet", ownedBy("StatefulSet", "db"), "shop/apps/StatefulSet/db", "uid-of-db"],
    ["its DaemonSet", ownedBy("DaemonSet", "agent"), "shop/apps/DaemonSet/agent", "uid-of-agent"],
    ["its Job", job("migrate"), "shop/batch/Job/migrate", "uid-of-migrate"],
    ["the CronJob whose run it is", job("backup-29381760"), "shop/batch/CronJob/backup", "shop/batch/CronJob/backup"],
  ] as const)("%s", (_, owner, key, id) => {
    expect(of(owner)).toMatchObject({ key, uid: id });
  }); // prettier-ignore

  test("no workload without an owner, on a node alone, or while its ReplicaSet is not known", () => {
    expect(of(undefined)).toBeUndefined();
    expect(of({ ...ownedBy("Node", "n1"), apiVersion: "v1" })).toBeUndefined();
    expect(of(ownedBy("ReplicaSet", "web-3"))).toBeUndefined();
    expect(
      of({ ...ownedBy("ReplicaSet", "web-1"), uid: uid("an-earlier-one") }),
      "a namesake",
    ).toBeUndefined();
  });
});

describe("a Job's name", () => {
  test.each([
    ["backup-29381760", "backup"],
    ["nightly-report-28000000", "nightly-report"],
    ["backup", undefined],
    ["migrate-20240101", undefined],
    ["backup-2938176", undefined],
    ["-29381760", undefined],
  ])("%s tells CronJob %s", (name, cronJob) => {
    expect(cronJobOf({ apiVersion: "batch/v1", kind: "Job", name })).toBe(cronJob);
    expect(cronJobOf({ apiVersion: "example.com/v1", kind: "Job", name })).toBeUndefined();
  });
});
