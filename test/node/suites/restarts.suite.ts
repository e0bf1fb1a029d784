/** Containers that end and begin again: what is shown meanwhile, and that nothing is decided from what is missing. */
import { beforeAll, describe, test } from "vitest";
import { aPolicy, inNamespace, WAIT } from "../../cluster/manifests.ts";
import { aDeployment } from "../loads.ts";
import { type PodFigures, watchAgain, watchMetrics, type Witness } from "../witness.ts";
import type { Lane } from "./lane-of.ts";

const PATIENT = { ...WAIT, timeout: 110_000 };
const OOM_LIMIT = 64;
const CRASHING = 3;
/** Just at the mark of 60 % of a request of 100m: one pod less would be too few, and a pod that looked idle would be one too many. */
const AT_MARK = "60";

export function describeRestarts(lane: () => Lane): void {
  let namespace: string;
  let figures: Witness<readonly PodFigures[]>;
  let counts: Witness<number>;

  beforeAll(async () => {
    const { node } = lane();
    namespace = await node.namespace("restarts");
    const place = (name: string) => ({ namespace, name });
    await node.apply([
      aDeployment(place("crashing"), {
        replicas: CRASHING,
        containers: [
          {
            name: "app",
            args: ["--cpu", AT_MARK, "--memory", "24", "--exit-after", "40s", "--exit-code", "3"],
          },
        ],
      }),
      aPolicy(place("crashing"), { window: 0 }),
      aDeployment(place("killed"), {
        replicas: 1,
        containers: [
          {
            name: "app",
            args: ["--cpu", "50", "--memory", "24,@35s=200"],
            limits: { memory: `${OOM_LIMIT}Mi` },
          },
          { name: "quiet", args: ["--cpu", "20", "--memory", "12"] },
        ],
      }),
    ]);
    figures = watchMetrics(node, namespace);
    counts = watchAgain(() => inNamespace(node, namespace).replicas("deployment/crashing"));
    return async () => {
      await Promise.all([figures.stop(), counts.stop()]);
    };
  });

  const of = (pods: readonly PodFigures[], app: string) =>
    pods.filter(({ name }) => name.startsWith(`${app}-`));
  const shown = (app: string): PodFigures[] => of(figures.seen.flat(), app);
  const states = async (app: string): Promise<ContainerState[]> => {
    const path = `/api/v1/namespaces/${namespace}/pods?labelSelector=app%3D${app}`;
    const { items } = (await lane().node.request("GET", path)).body as { items: readonly PodState[] };
    return items.flatMap(({ status }) => status.containerStatuses ?? []);
  };

  describe("containers that crash again and again", () => {
    test("are shown with what they use or not at all, and never with what a counter that begins anew would say", async ({
      expect,
    }) => {
      const restarts = async () =>
        Math.min(...(await states("crashing")).map(({ restartCount }) => restartCount));
      await expect.poll(restarts, PATIENT).toBeGreaterThanOrEqual(1);
      await expect.poll(() => shown("crashing").length, PATIENT).toBeGreaterThan(0);
      const all = shown("crashing").flatMap(({ containers }) => containers);
      for (const { cpu, memory } of all) {
        expect(cpu).toBeGreaterThan(0);
        expect(cpu).toBeLessThanOrEqual(Number(AT_MARK) * 1.3);
        expect(memory).toBeGreaterThan(0);
      }
      // It may be dead, or not have been measured since: how often that was is chance.
      const lacking = figures.seen.filter((pods) => of(pods, "crashing").length < CRASHING).length;
      console.log(`crash loops: ${figures.seen.length} answers, ${lacking} without one of the pods`);
    });

    test("lower nothing: what is missing is held, and said", async ({ expect }) => {
      const { status, replicas } = inNamespace(lane().node, namespace);
      const said = async () => JSON.stringify((await status("crashing")).conditions ?? []);
      await expect.poll(said, PATIENT).toMatch(/without a sample|no pod has a usable sample|no sample/);
      expect(await replicas("deployment/crashing")).toBe(CRASHING);
      expect(new Set(counts.seen)).toEqual(new Set([CRASHING]));
    });
  });

  describe("a container that is killed for its memory", () => {
    test("is never shown beyond its limit, nor the rest of its pod without it", async ({ expect }) => {
      const killed = async () =>
        (await states("killed")).find(({ name }) => name === "app")?.lastState.terminated?.reason;
      await expect.poll(killed, PATIENT).toBe("OOMKilled");
      const again = async () => (await states("killed")).every(({ state }) => state.running !== undefined);
      await expect.poll(again, PATIENT).toBe(true);
      const before = shown("killed").length;
      expect(before).toBeGreaterThan(0);
      await expect.poll(() => shown("killed").length, PATIENT).toBeGreaterThan(before);
      for (const { containers } of shown("killed")) {
        expect(containers.map(({ name }) => name)).toEqual(["app", "quiet"]);
        for (const { cpu, memory } of containers) {
          expect(cpu).toBeGreaterThan(0);
          expect(cpu).toBeLessThanOrEqual(100);
          expect(memory).toBeLessThanOrEqual(OOM_LIMIT);
        }
      }
    });
  });
}

type ContainerState = Readonly<{
  name: string;
  restartCount: number;
  state: Readonly<{ running?: object; terminated?: object }>;
  lastState: Readonly<{ terminated?: { reason: string } }>;
}>;
type PodState = Readonly<{ status: { containerStatuses?: readonly ContainerState[] } }>;
