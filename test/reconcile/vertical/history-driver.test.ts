/**
 * What is remembered of whom.
 */
import { afterEach, describe, expect, test } from "vitest";
import { nodeName, objectKey, uid } from "../../../src/base/ids.ts";
import { milliUnits, minutes } from "../../../src/base/units.ts";
import type { Pod } from "../../../src/cluster/pod.ts";
import { aNode } from "../../scrape/nodes.ts";
import { aReplicaSet, changed, listing, ownedBy } from "../../view/objects.ts";
import { container, kill, podOf, Stand, WEB } from "./stand.ts";

let stand: Stand;
const standing = (...pods: readonly Pod[]): Stand => (stand = new Stand(pods));
afterEach(() => stand.end());

const HOUR = 3_600_000;

describe("a workload's history", () => {
  test("takes one sample of each pod a minute, however often kubelets answer", async () => {
    const pods = [podOf("a"), podOf("b")];
    standing(...pods);
    await stand.pass(minutes(10), pods);
    const count = stand.snapshot()?.sampleCount ?? 0;
    expect(count).toBeGreaterThanOrEqual(18);
    expect(count).toBeLessThanOrEqual(22);
  });

  test("is kept without a policy, and across revisions and restarts of pods", async () => {
    const [old, young] = [podOf("a"), podOf("b", { version: 2 })];
    standing(old);
    await stand.pass(minutes(5), [old]);
    const before = stand.snapshot()?.sampleCount ?? 0;
    stand.put(young);
    stand.remove("a");
    await stand.pass(minutes(5), [young]);
    expect(stand.snapshot()?.sampleCount).toBeGreaterThanOrEqual(before + 4);
    expect(stand.keeper.member(WEB)).toMatchObject({ podCount: 1, newest: { meta: { name: "b" } } });
  });

  test("leaves out init containers and whatever the spec does not list", async () => {
    const containers = [container(), container("mesh", "sidecar"), container("migrate", "init")];
    const pod = podOf("a", { shape: { containers, podRequests: undefined, overhead: {} } });
    standing(pod);
    await stand.pass(minutes(3), [pod], { app: [1, 1], mesh: [1, 1], migrate: [1, 1], debugger: [1, 1] });
    expect([...stand.histories.snapshots(stand.keeper.member(WEB)!.uid).keys()].toSorted()).toEqual([
      "app",
      "mesh",
    ]);
  });

  test("does not believe a container that uses more than its node has", async () => {
    const node = aNode({ name: "n1", capacity: { cpu: milliUnits(4000) } });
    const pod = podOf("a", { node: nodeName("n1") });
    standing(pod);
    for (const event of listing("2", [node])) stand.cluster.pen("nodes").apply(event);
    await stand.pass(minutes(3), [pod], { app: [1_000_000, 100] });
    const buckets = stand.snapshot()?.cpu.buckets ?? [];
    // Bucket 62 ends at 4.1 cores: the largest that 4 cores can be in.
    expect(buckets.map(([bucket]) => bucket).every((bucket) => bucket <= 63)).toBe(true);
  });

  test("goes on while there are no pods, and is dropped eight days after the last", async () => {
    const pod = podOf("a");
    standing(pod);
    await stand.pass(minutes(5), [pod]);
    stand.remove("a");
    await stand.pass(7 * 24 * HOUR);
    expect(stand.keeper.member(WEB)).toMatchObject({ podCount: 0 });
    expect(stand.snapshot()).toBeDefined();
    await stand.pass(1.1 * 24 * HOUR);
    expect(stand.keeper.member(WEB)).toBeUndefined();
    expect(stand.snapshot()).toBeUndefined();
  }, 60_000);

  test("of something that is run once is dropped an hour after its end", async () => {
    const once = podOf("a", { owner: { ...ownedBy("Job", "migrate"), apiVersion: "batch/v1" } });
    standing(once);
    await stand.pass(minutes(5), [once]);
    const key = objectKey("shop", "batch/Job/migrate");
    expect(stand.keeper.member(key)).toBeDefined();
    stand.remove("a");
    await stand.pass(minutes(62));
    expect(stand.keeper.member(key)).toBeUndefined();
    expect([...stand.histories.workloads()]).toEqual([]);
  });

  test("of a namesake is none of the new one's", async () => {
    const first = podOf("db-0", { owner: ownedBy("StatefulSet", "db") });
    const second = podOf("db-0", {
      owner: { ...ownedBy("StatefulSet", "db"), uid: uid("another") },
      version: 2,
    });
    standing(first);
    await stand.pass(minutes(5), [first]);
    stand.remove("db-0");
    stand.put(second);
    await stand.pass(minutes(1));
    expect(stand.keeper.member(objectKey("shop", "apps/StatefulSet/db"))?.uid).toBe("another");
    expect([...stand.histories.workloads()]).not.toContain("uid-of-db");
  });

  test("is counted, workload by workload", async () => {
    const pods = [
      podOf("a"),
      podOf("db-0", { owner: ownedBy("StatefulSet", "db") }),
      podOf("x", { owner: ownedBy("Node", "n1") }),
    ];
    standing(...pods);
    await stand.pass(minutes(1), pods);
    expect(stand.gauges.get("plimsoll_history_workloads")).toBe(2);
  });
});

describe("a kill for want of memory", () => {
  const killed = (version: number): Pod => podOf("a", { version, oomKills: [kill(256 * 2 ** 20 * 1000)] });

  test("is remembered at once, and its workload named", async () => {
    standing(podOf("a"));
    await stand.pass(minutes(1));
    stand.put(killed(2));
    expect(stand.killed.at(-1)).toBe(WEB);
    expect(stand.histories.lastOom(stand.keeper.member(WEB)!.uid, "app")).toMatchObject({
      needed: 356 * 2 ** 20,
    });
    expect(stand.counted).toEqual(["plimsoll_oom_kills_total"]);
  });

  test("counts once, however often its pod is told", async () => {
    standing(podOf("a"));
    await stand.pass(minutes(1));
    stand.put(killed(2));
    stand.put(killed(3));
    await stand.pass(minutes(2));
    expect(stand.killed.filter((workload) => workload !== undefined)).toEqual([WEB]);
    expect(stand.counted).toEqual(["plimsoll_oom_kills_total"]);
  });

  test("before this process began counts too: there may be no other history", async () => {
    standing(killed(1));
    await stand.pass(minutes(1));
    expect(stand.snapshot()?.memory.buckets.length).toBe(1);
    expect(stand.snapshot()?.sampleCount).toBe(0);
  });

  test("is made up for when the pod's ReplicaSet was not known yet", async () => {
    const stray = podOf("a", { owner: ownedBy("ReplicaSet", "web-2"), oomKills: [kill(undefined)] });
    standing(stray);
    expect(stand.killed).toEqual([undefined]);
    stand.cluster
      .pen("replicasets")
      .apply(changed(aReplicaSet({ name: "web-2", owner: ownedBy("Deployment", "web") })));
    await stand.pass(minutes(1));
    expect(stand.counted).toEqual(["plimsoll_oom_kills_total"]);
  });

  test("of more than a day ago is let be", async () => {
    standing(podOf("a", { oomKills: [kill(undefined, minutes(24 * 60 + 1))] }));
    await stand.pass(minutes(1));
    expect(stand.counted).toEqual([]);
  });
});

describe("a pod that failed for want of memory", () => {
  const run = (name: string) =>
    podOf(name, {
      owner: { ...ownedBy("Job", "backup-29381760"), apiVersion: "batch/v1" },
      phase: "Failed",
      oomKills: [kill(512 * 2 ** 20 * 1000)],
    });
  const BACKUP = objectKey("shop", "batch/CronJob/backup");

  test("counts although it was never seen running, and makes its workload known", () => {
    standing();
    expect(stand.keeper.sawFailed(run("a"))).toBe(BACKUP);
    const member = stand.keeper.member(BACKUP);
    expect(member).toMatchObject({ podCount: 0 });
    expect(stand.histories.snapshots(member!.uid).get("app")?.memory.buckets).toHaveLength(1);
  });

  test("counts once, however often and however late it is told again", async () => {
    standing();
    expect(stand.keeper.sawFailed(run("a"))).toBe(BACKUP);
    await stand.pass(minutes(30));
    expect(stand.keeper.sawFailed(run("a"))).toBeUndefined();
    expect(stand.counted).toEqual(["plimsoll_oom_kills_total"]);
    expect(stand.keeper.sawFailed(run("b"))).toBe(BACKUP);
  });

  test("that ended for another reason is passed over", () => {
    standing();
    expect(stand.keeper.sawFailed({ ...run("a"), oomKills: [] })).toBeUndefined();
    expect(stand.keeper.member(BACKUP)).toBeUndefined();
  });
});
