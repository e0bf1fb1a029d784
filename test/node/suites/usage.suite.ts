/** What is shown of pods whose usage is known: right figures of what runs, and none of what does not. */
import { beforeAll, test } from "vitest";
import { WAIT } from "../../cluster/manifests.ts";
import { aPod } from "../loads.ts";
import { type PodFigures, watchMetrics, type Witness } from "../witness.ts";
import type { Lane } from "./lane-of.ts";
import { type Amounts, expectNoMore, isNear } from "./near.ts";

const INIT_SECONDS = 30;
/** By when the kubelet has measured a container twice by itself; before, it looks when it is asked. */
const SETTLED_WINDOW_SECONDS = 60;
const PATIENT = { ...WAIT, timeout: 110_000 };

/** What each container of a pod burns: thousandths of a core, MiB. */
type Known = Readonly<Record<string, Amounts>>;
const NOTHING = { cpu: 0, memory: 0 };
const STEADY: Known = { busy: { cpu: 200, memory: 96 }, calm: { cpu: 80, memory: 160 } };
const MESHED: Known = { main: { cpu: 40, memory: 32 }, proxy: { cpu: 60, memory: 48 } };
const STEADY_SUM = { cpu: 280, memory: 256 };

export function describeUsage(lane: () => Lane): void {
  let namespace: string;
  let watched: Witness<readonly PodFigures[]>;

  beforeAll(async () => {
    const { node } = lane();
    namespace = await node.namespace("usage");
    const place = (name: string) => ({ namespace, name });
    const burning = (name: string, { cpu, memory }: Amounts) => ({
      name,
      args: ["--cpu", `${cpu}`, "--memory", `${memory}`],
    });
    await node.apply([
      aPod(place("steady"), {
        containers: Object.entries(STEADY).map(([name, amounts]) => burning(name, amounts)),
      }),
      aPod(place("prepared"), {
        initContainers: [
          { name: "prepare", args: ["--cpu", "150", "--memory", "48", "--exit-after", `${INIT_SECONDS}s`] },
        ],
        containers: [burning("main", { cpu: 40, memory: 24 })],
      }),
      aPod(place("meshed"), {
        initContainers: [{ ...burning("proxy", MESHED["proxy"] ?? NOTHING), restartPolicy: "Always" }],
        containers: [burning("main", MESHED["main"] ?? NOTHING)],
      }),
    ]);
    watched = watchMetrics(node, namespace);
    return async () => {
      await watched.stop();
    };
  });

  /** Every measurement of one pod that was shown, once. */
  const shown = (pod: string): PodFigures[] => {
    const all = watched.seen.flat().filter(({ name }) => name === pod);
    return [...new Map(all.map((figures) => [JSON.stringify(figures), figures])).values()];
  };

  /** Whether the last two measurements of a pod show what each container is known to use. */
  const isShownAs = (pod: string, known: Known): boolean => {
    const last = shown(pod).slice(-2);
    const isRight = ({ containers }: PodFigures) =>
      containers.every((figures) => isNear(figures, known[figures.name] ?? NOTHING));
    return last.length === 2 && last.every(isRight);
  };
  const expectNeverMore = (pod: string, known: Known): void => {
    for (const { containers } of shown(pod))
      for (const figures of containers) expectNoMore(figures, known[figures.name] ?? NOTHING, figures.name);
  };

  test("kubectl top shows CPU and memory that are known, container by container, within 5 %", async ({
    expect,
  }) => {
    const { node } = lane();
    await expect.poll(() => isShownAs("steady", STEADY), PATIENT).toBe(true);
    expectNeverMore("steady", STEADY);
    for (const { containers, window } of shown("steady")) {
      expect(window).toBeLessThan(SETTLED_WINDOW_SECONDS);
      expect(containers.map(({ name }) => name)).toEqual(Object.keys(STEADY));
    }
    const top = (...args: string[]) =>
      rowsOf(node.kubectl("top", "pod", "steady", "-n", namespace, "--no-headers", ...args));
    const isPrinted = async () => {
      const [[, ...sum] = [], ...others] = [...(await top()), ...(await top("--containers"))];
      console.log(
        `kubectl top: steady ${sum.join(" ")}; ${others.map(([, ...words]) => words.join(" ")).join(", ")}`,
      );
      return (
        isNear(amountsOf(sum), STEADY_SUM) &&
        others.length === 2 &&
        others.every(([, name = "", ...amounts]) => isNear(amountsOf(amounts), STEADY[name] ?? NOTHING))
      );
    };
    await expect.poll(isPrinted, { ...PATIENT, interval: 3000 }).toBe(true);
  });

  test("kubectl top node shows at least what is burnt there, and no more than there is", async ({
    expect,
  }) => {
    const { node } = lane();
    await expect.poll(() => shown("steady").length, PATIENT).toBeGreaterThanOrEqual(2);
    const [[name, cpu = "", , memory = ""] = []] = await rowsOf(node.kubectl("top", "node", "--no-headers"));
    const { cpu: milli, memory: mebibytes } = amountsOf([cpu, memory]);
    const { body } = await node.request("GET", `/api/v1/nodes/${node.name}`);
    const { capacity } = (body as { status: { capacity: Readonly<{ cpu: string; memory: string }> } }).status;
    expect(name).toBe(node.name);
    expect(milli).toBeGreaterThan(STEADY_SUM.cpu * 0.95);
    expect(milli).toBeLessThanOrEqual(Number(capacity.cpu) * 1050);
    expect(mebibytes).toBeGreaterThan(STEADY_SUM.memory * 0.95);
    expect(mebibytes).toBeLessThan(Number.parseInt(capacity.memory) / 1024);
  });

  test("an init container is measured by the kubelet, and never shown: the pod is shown once its own containers run", async ({
    expect,
  }) => {
    const { node } = lane();
    const said = async () => String((await node.kubelet("GET", "/metrics/resource")).body);
    await expect.poll(said, WAIT).toMatch(/container="prepare",namespace="[^"]+",pod="prepared"/);
    await expect.poll(() => shown("prepared").length, PATIENT).toBeGreaterThanOrEqual(1);
    for (const { containers } of shown("prepared")) {
      expect(containers.map(({ name }) => name)).toEqual(["main"]);
      // the init container's 150 are nowhere in it
      expect(containers[0]?.cpu).toBeLessThan(60);
    }
  });

  test("a native sidecar counts as the pod's, beside the main container, within 5 %", async ({ expect }) => {
    await expect.poll(() => isShownAs("meshed", MESHED), PATIENT).toBe(true);
    expectNeverMore("meshed", MESHED);
    for (const { containers } of shown("meshed"))
      expect(containers.map(({ name }) => name)).toEqual(Object.keys(MESHED));
  });
}

/** `200m`, `96Mi`. */
const amountsOf = ([cpu = "", memory = ""]: readonly string[]): Amounts => ({
  cpu: Number.parseInt(cpu),
  memory: Number.parseInt(memory),
});

/** What kubectl prints, in words. */
async function rowsOf(printed: Promise<string>): Promise<string[][]> {
  const lines = (await printed).split("\n").filter((line) => line.trim() !== "");
  return lines.map((line) => line.trim().split(/\s+/));
}
