/**
 * Plimsoll as it is shipped, on a real kubelet: installed by the manifest, run from its image, scraping real containers. What
 * waits for containers waits side by side; what changes the node or the installation comes after, one by one.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, test } from "vitest";
import { NAME, NAMESPACE } from "../../generate/rbac.ts";
import { succeed } from "../control-plane/api-request.ts";
import { aPolicy, inNamespace, WAIT } from "../cluster/manifests.ts";
import { type Installed, install } from "./installed.ts";
import { aDeployment } from "./loads.ts";
import { NEXT_TAG } from "./machine/images.ts";
import { type RealNode, startNode } from "./start.ts";
import { isNear } from "./suites/near.ts";
import { describeRestarts } from "./suites/restarts.suite.ts";
import { describeRights } from "./suites/rights.suite.ts";
import { describeScaling } from "./suites/scaling.suite.ts";
import { describeUsage } from "./suites/usage.suite.ts";
import { figuresOf, watchAgain, type Witness } from "./witness.ts";

const FIRST_DECISION_SECONDS = 120;
/** What each pod of the first workload uses: just its mark. */
const FIRST = { cpu: 60, memory: 16 };

type Decision = Readonly<{ time: string; summary: string }>;

let node: RealNode;
let installed: Installed;
let first: string;
/** Every decision about the first workload that its policy's status showed. */
let decided: Witness<Decision>;
const lane = () => ({ node, installed });

beforeAll(async () => {
  node = await startNode();
  installed = await install(node);
  first = await node.namespace("first");
  await node.apply([
    aDeployment(
      { namespace: first, name: "web" },
      {
        replicas: 2,
        containers: [{ name: "app", args: ["--cpu", `${FIRST.cpu}`, "--memory", `${FIRST.memory}`] }],
      },
    ),
    aPolicy({ namespace: first, name: "web" }, { window: 0 }),
  ]);
  decided = watchAgain(async () => (await inNamespace(node, first).status("web")).lastDecision);
});
afterAll(async () => {
  await decided.stop();
  await node.stop();
});

async function createdAt(path: string): Promise<number> {
  const { metadata } = (await succeed(node.request, "GET", path)) as {
    metadata: { creationTimestamp: string };
  };
  return Date.parse(metadata.creationTimestamp);
}

describe.concurrent("a node", () => {
  describeRights(lane);
  describeUsage(lane);
  describeRestarts(lane);
  describeScaling(lane);

  describe("the shipped manifest", () => {
    test("decides within two minutes of its installation", async ({ expect }) => {
      // the first that rests on what the pods use
      const found = () => decided.seen.find(({ summary }) => summary.startsWith("cpu "));
      await expect.poll(found, { ...WAIT, timeout: 150_000 }).toBeDefined();
      const { time = "", summary } = found() ?? {};
      const began = Math.max(
        await createdAt(`/apis/apps/v1/namespaces/${NAMESPACE}/deployments/${NAME}`),
        await createdAt(`/apis/plimsoll.dev/v1alpha1/namespaces/${first}/scalepolicies/web`),
      );
      const took = (Date.parse(time) - began) / 1000;
      console.log(`from the manifest and a policy to the first decision: ${took.toFixed(0)} s (${summary})`);
      expect(took).toBeLessThanOrEqual(FIRST_DECISION_SECONDS);
    });

    test("serves both versions of metrics.k8s.io through the aggregation layer, by its own Service", async ({
      expect,
    }) => {
      for (const version of ["v1", "v1beta1"]) {
        const answer = () => node.request("GET", `/apis/metrics.k8s.io/${version}/nodes`);
        await expect.poll(answer, WAIT).toMatchObject({ status: 200, body: { items: [{}] } });
      }
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
    const areRight = async () =>
      ((await figuresOf(node, first)) ?? []).every(({ containers }) =>
        containers.every((each) => isNear(each, FIRST)),
      );
    await expect.poll(areRight, WAIT).toBe(true);
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
