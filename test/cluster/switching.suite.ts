/**
 * From a real HPA to a policy and back, as a user does it, with the kubectl commands of docs/switching.md. Both
 * autoscalers talk through recording proxies of their own, so that it is known who wrote a replica count. In a file of
 * its own, for the tests that call it have something to wait for meanwhile.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Exchange, RecordingProxy } from "../agreement/recording-proxy.ts";
import { startRecordingProxy } from "../agreement/recording-proxy.ts";
import { type Peer, startHpaController, startMetricsServer } from "../control-plane/peers.ts";
import { controlPlane, type ControlPlane } from "./control-plane.ts";
import { establishCrds } from "./crds.ts";
import { aPolicy, aWorkload, inNamespace, WAIT } from "./manifests.ts";
import { type OperatorProcess, startOperator } from "./operator-process.ts";
import { counterOf, decisions } from "./rounds.ts";

/** The scale-down window of the policies, in seconds; both decide more often. */
const WINDOW = 10;
const HPA_SYNC_SECONDS = 2;
const NAMES = ["flat", "rising", "fallen"];

type Side = Readonly<{ proxy: RecordingProxy; exchanges: readonly Exchange[] }>;

export function describeSwitching(): void {
  let plane: ControlPlane;
  let namespace: string;
  let here: ReturnType<typeof inNamespace>;
  let metrics: Peer;
  let hpa: Peer;
  let operator: OperatorProcess;
  let theirs: Side;
  let ours: Side;

  beforeAll(async () => {
    plane = await controlPlane();
    namespace = await plane.namespace("switching");
    here = inNamespace(plane, namespace);
    await plane.addKwokNodes(2);
    await establishCrds(plane);
    metrics = await startMetricsServer(plane);
    [theirs, ours] = [await listen(), await listen()];
    hpa = await startHpaController(plane, {
      kubeconfig: theirs.proxy.kubeconfig,
      args: [
        `--horizontal-pod-autoscaler-sync-period=${HPA_SYNC_SECONDS}s`,
        "--kube-api-content-type=application/json",
      ],
    });
    operator = await startOperator(plane, { kubeconfig: ours.proxy.kubeconfig });
    for (const name of NAMES) {
      const place = { namespace, name };
      await plane.apply([
        aWorkload(place, "Deployment", { replicas: 4, cpu: "60m" }),
        anHpa(name),
        aPolicy(place, { mode: "Shadow", window: WINDOW }),
      ]);
    }
  });
  afterAll(async () => {
    await operator.stop();
    await hpa.stop();
    await metrics.stop();
    for (const { proxy } of [theirs, ours]) proxy.close();
    await plane.kubectl("delete", "sp", "--all", "-n", namespace);
    await plane.kubectl("delete", "namespace", namespace, "--wait=false");
  });

  async function listen(): Promise<Side> {
    const exchanges: Exchange[] = [];
    const proxy = await startRecordingProxy(plane, {
      exchange: (exchange) => void exchanges.push(exchange),
      watch: () => undefined,
    });
    return { proxy, exchanges };
  }

  /** With the default scale-down window of 5 min. */
  const anHpa = (name: string) => ({
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name, namespace },
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
      minReplicas: 2,
      maxReplicas: 8,
      metrics: aPolicy({ namespace, name }).spec.horizontal.metrics,
    },
  });

  async function hpaCondition(name: string): Promise<string | undefined> {
    const path = `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers/${name}`;
    const { status } = (await plane.request("GET", path)).body as {
      status?: { conditions?: { type: string; status: string }[] };
    };
    return status?.conditions?.find(({ type }) => type === "ScalingActive")?.status;
  }

  /** Waits until our operator has decided on this many fresh rounds of samples: one a second. */
  const rounds = (count: number) => decisions(operator, count * NAMES.length);
  const counter = (series: string) => counterOf(operator, series);

  const isScale = (name: string, method: string) => (exchange: Exchange) =>
    exchange.method === method &&
    exchange.path.endsWith(`/namespaces/${namespace}/deployments/${name}/scale`);

  /** The counts that one side wrote, in order. */
  const writes = ({ exchanges }: Side, name: string): number[] =>
    exchanges
      .filter(isScale(name, "PUT"))
      .filter(({ status }) => status === 200)
      .map(({ sent }) => (JSON.parse(sent) as { spec: { replicas: number } }).spec.replicas);

  /** Waits for further syncs of the real HPA on this target. */
  async function syncs(name: string, count: number): Promise<void> {
    const done = () => theirs.exchanges.filter(isScale(name, "GET")).length;
    const start = done();
    await expect.poll(() => done() - start, WAIT).toBeGreaterThanOrEqual(count);
  }

  const sp = (name: string, mode: string) =>
    plane.kubectl("patch", "sp", name, "-n", namespace, "--type=merge", "-p", `{"spec":{"mode":"${mode}"}}`);
  const generation = (name: string) =>
    plane.kubectl("get", "deployment", name, "-n", namespace, "-o", "jsonpath={.metadata.generation}");

  test("beside an HPA, a Shadow policy wants what the HPA wants, and writes nothing", async () => {
    for (const name of NAMES) {
      await expect.poll(() => hpaCondition(name), WAIT).toBe("True");
      await expect.poll(async () => (await here.condition(name, "ScalingActive"))?.status, WAIT).toBe("True");
    }
    await rounds(WINDOW + 2); // from here on the policies know their windows in full
    for (const name of NAMES) {
      expect(await here.status(name)).toMatchObject({
        horizontal: { currentReplicas: 4, desiredReplicas: 4 },
      });
      expect([...writes(theirs, name), ...writes(ours, name)]).toEqual([]);
    }
  });

  describe("at flat load", () => {
    test("from an HPA to an Active policy: nobody writes a replica count within one window", async () => {
      await plane.kubectl("delete", "hpa", "flat", "-n", namespace);
      await sp("flat", "Active");
      await expect
        .poll(() => plane.kubectl("get", "sp", "flat", "-n", namespace), WAIT)
        .toMatch(/ Active .* 4 +4 /);
      await rounds(WINDOW + 2);
      expect([...writes(theirs, "flat"), ...writes(ours, "flat")]).toEqual([]);
      expect(await generation("flat")).toBe("1");
    });

    test("and it is the policy that scales now: load rises, and ours is the only write", async () => {
      await here.load("flat", "90m");
      await expect.poll(() => here.replicas("deployment/flat"), WAIT).toBeGreaterThan(4);
      expect(writes(ours, "flat").length).toBeGreaterThan(0);
      expect(writes(theirs, "flat")).toEqual([]);
      await here.load("flat", "60m");
    });

    test("back to an HPA: nobody writes a replica count within one window", async () => {
      await rounds(WINDOW + 2); // all pods use 60m again, so the count stays wherever it got to
      const [before, version] = [writes(ours, "flat").length, await generation("flat")];
      await sp("flat", "Shadow");
      await plane.apply(anHpa("flat"));
      await expect.poll(() => hpaCondition("flat"), WAIT).toBe("True");
      await syncs("flat", Math.ceil(WINDOW / HPA_SYNC_SECONDS) + 1);
      expect(writes(theirs, "flat")).toEqual([]);
      expect(writes(ours, "flat")).toHaveLength(before);
      expect(await generation("flat")).toBe(version);
    });
  });

  describe("under load", () => {
    test("that rises at the moment of switching, the first write of the policy goes up", async () => {
      await plane.kubectl("delete", "hpa", "rising", "-n", namespace);
      await here.load("rising", "95m");
      await sp("rising", "Active");
      await expect.poll(() => writes(ours, "rising").length, WAIT).toBeGreaterThan(0);
      expect(writes(ours, "rising")[0]).toBeGreaterThan(4);
      expect(writes(theirs, "rising")).toEqual([]);
    });

    test("that has fallen while the HPA still waited, the first decision does not go down, a later one does", async () => {
      await here.load("fallen", "10m");
      await expect.poll(async () => (await here.status("fallen")).horizontal?.desiredReplicas, WAIT).toBe(2);
      const held = await counter('plimsoll_rails_moved_total{rail="memory-of-windows"}');
      await plane.kubectl("delete", "hpa", "fallen", "-n", namespace);
      await sp("fallen", "Active");
      await expect.poll(() => here.replicas("deployment/fallen"), WAIT).toBe(2);
      expect(await counter('plimsoll_rails_moved_total{rail="memory-of-windows"}')).toBeGreaterThan(held);
      expect(writes(ours, "fallen")).toEqual([2]);
    });
  });
}
