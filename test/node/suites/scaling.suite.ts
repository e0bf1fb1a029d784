/** A Deployment that is really busy, and a policy that does something about it. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, test } from "vitest";
import { aPolicy, inNamespace, WAIT } from "../../cluster/manifests.ts";
import { aDeployment } from "../loads.ts";
import type { Lane } from "./lane-of.ts";

const PATIENT = { ...WAIT, timeout: 110_000 };

export function describeScaling(lane: () => Lane): void {
  describe("a Deployment whose pods really work", { concurrent: false }, () => {
    let here: ReturnType<typeof inNamespace>;
    /** Of every pod, in thousandths of a core; each asks for 100. */
    let work: (milli: number) => void;

    beforeAll(async () => {
      const { node } = lane();
      const namespace = await node.namespace("scaling");
      const place = { namespace, name: "web" };
      const load = mkdtempSync(join(node.folder, "load-"));
      work = (milli) => writeFileSync(join(load, "web"), `${milli}`);
      work(85);
      await node.apply([
        aDeployment(place, {
          replicas: 2,
          load,
          containers: [{ name: "app", args: ["--cpu-file", "/load/web", "--memory", "16"] }],
        }),
        aPolicy(place, { max: 3 }),
      ]);
      here = inNamespace(node, namespace);
    });

    test("gets more of them, and the status says why", async ({ expect }) => {
      await expect.poll(() => here.replicas("deployment/web"), PATIENT).toBe(3);
      const acts = async () =>
        (await here.status("web")).recentActs?.map(({ what, why }) => `${what}: ${why}`) ?? [];
      const why = expect.stringMatching(/^replicas 2 → 3: cpu 8\d % of request, mark 60 %: 2 → 3/);
      await expect.poll(acts, WAIT).toContainEqual(why);
      await here.rolledOut("deployment/web");
    });

    test("and less when they have nothing to do", async ({ expect }) => {
      work(5);
      await expect.poll(() => here.replicas("deployment/web"), PATIENT).toBe(2);
    });
  });
}
