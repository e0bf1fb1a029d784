/**
 * Plimsoll as it is shipped, on a real kubelet: installed by the manifest, run from its image, scraping real containers. What
 * waits for containers waits side by side; what changes the node or the installation comes after, one by one.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, test } from "vitest";
import { NAME, NAMESPACE } from "../../generate/rbac.ts";
import { aPolicy, inNamespace, WAIT } from "../cluster/manifests.ts";
import { type Installed, install } from "./installed.ts";
import { aDeployment } from "./loads.ts";
import { NEXT_TAG } from "./machine/images.ts";
import { type RealNode, startNode } from "./start.ts";
import { describeRestarts } from "./suites/restarts.suite.ts";
import { describeRights } from "./suites/rights.suite.ts";
import { describeScaling } from "./suites/scaling.suite.ts";
import { describeUsage } from "./suites/usage.suite.ts";
import { figuresOf } from "./witness.ts";

const FIRST_DECISION_SECONDS = 120;

let node: RealNode;
let installed: Installed;
let first: string;
const lane = () => ({ node, installed });

beforeAll(async () => {
  node = await startNode();
  installed = await install(node);
  first = await node.namespace("first");
  await node.apply([
    aDeployment(
      { namespace: first, name: "web" },
      { replicas: 2, containers: [{ name: "app", args: ["--cpu", "60", "--memory", "16"] }] },
    ),
    aPolicy({ namespace: first, name: "web" }, { window: 0 }),
  ]);
});
afterAll(() => node.stop());

/** The first one that rests on what the pods use. */
async function firstDecision(): Promise<Readonly<{ time: string; summary: string }> | undefined> {
  const { lastDecision } = await inNamespace(node, first).status("web");
  return lastDecision?.summary.startsWith("cpu ") === true ? lastDecision : undefined;
}

describe.concurrent("a node", () => {
  describeRights(lane);
  describeUsage(lane);
  describeRestarts(lane);
  describeScaling(lane);

  describe("the shipped manifest", () => {
    test("decides within two minutes of its installation", async ({ expect }) => {
      await expect.poll(firstDecision, { ...WAIT, timeout: 150_000 }).toBeDefined();
      const { time = "", summary } = (await firstDecision()) ?? {};
      const took = (Date.parse(time) - installed.began) / 1000;
      console.log(`from kubectl apply to the first decision: ${took.toFixed(1)} s (${summary})`);
      expect(took).toBeLessThanOrEqual(FIRST_DECISION_SECONDS);
    });

    test("serves both versions of metrics.k8s.io through the aggregation layer, by its own Service", async ({
      expect,
    }) => {
      const conditions = "jsonpath={.items[?(@.spec.group=='metrics.k8s.io')].status.conditions[*].status}";
      await expect.poll(() => node.kubectl("get", "apiservices", "-o", conditions), WAIT).toBe("True True");
    });
  });
});

describe("a kubelet that restarts", () => {
  test("costs no figures, no container and no replica", async ({ expect }) => {
    const restarts = () => node.kubectl("get", "pods", "-n", first, "-o", "jsonpath={..restartCount}");
    const stamps = async () => ((await figuresOf(node, first)) ?? []).map(({ timestamp }) => timestamp);
    const [before, stampsBefore, decided] = [await restarts(), await stamps(), await installed.decisions()];
    await node.restartKubelet();
    const isNewer = async () => (await stamps()).filter((stamp) => !stampsBefore.includes(stamp)).length;
    await expect.poll(isNewer, WAIT).toBe(2);
    await expect.poll(installed.decisions, WAIT).toBeGreaterThan(decided);
    for (const { containers } of (await figuresOf(node, first)) ?? []) {
      expect(containers[0]?.cpu).toBeGreaterThan(50);
      expect(containers[0]?.cpu).toBeLessThan(70);
    }
    expect(await restarts()).toBe(before);
    expect(await inNamespace(node, first).replicas("deployment/web")).toBe(2);
  });
});

describe("an upgrade", () => {
  test("runs the other image, and goes on deciding where it was", async ({ expect }) => {
    await installed.upgrade(NEXT_TAG);
    const images = await node.kubectl(
      "get",
      "pods",
      "-n",
      NAMESPACE,
      "-o",
      "jsonpath={..containers[*].image}",
    );
    expect(images).toMatch(new RegExp(`^[^ ]+:${NEXT_TAG}$`));
    await expect.poll(installed.decisions, WAIT).toBeGreaterThan(0);
    expect(await inNamespace(node, first).replicas("deployment/web")).toBe(2);
  });
});

describe("the manifest's removal", () => {
  test("leaves no object, no API and no container", async ({ expect }) => {
    await installed.uninstall();
    const apis = () => node.kubectl("get", "apiservices", "-o", "name");
    await expect.poll(apis, WAIT).not.toContain("metrics.k8s.io");
    // what kubectl remembers of discovery is older
    rmSync(join(node.folder, "kubectl-cache"), { recursive: true, force: true });
    const kinds = (await node.kubectl("api-resources", "--verbs=list", "-o", "name")).trim().split("\n");
    expect(kinds.filter((kind) => /plimsoll|metrics.k8s.io/.test(kind))).toEqual([]);
    const labelled = ["-A", "-l", `app.kubernetes.io/name=${NAME}`, "-o", "name"];
    expect(await node.kubectl("get", kinds.join(","), ...labelled)).toBe("");
    const containers = async () => (await node.ctr("containers", "list")).includes("plimsoll:");
    await expect.poll(containers, WAIT).toBe(false);
    expect(await node.kubectl("get", "pods", "-n", first, "-o", "jsonpath={..phase}")).toBe(
      "Running Running",
    );
  });
});
