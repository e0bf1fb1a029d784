/**
 * Both sides, each measured at rest and under steps: the three programs that others run, then ours.
 *
 * Invariant: only one side runs at a time, every program by its defaults but for the resolution, and what was told to one
 * side is gone before the other begins.
 */
import { setTimeout as wait } from "node:timers/promises";
import { startOperator } from "../../cluster/operator-process.ts";
import { startHpaController, startMetricsServer, startVpaRecommender } from "../../control-plane/peers.ts";
import { productEnvironment } from "../../control-plane/product.ts";
import { accountFor, type Bed, putAtRest, tell, untell } from "./bed.ts";
import { type Cost, startCosting } from "./process-cost.ts";
import { bucketQuantile } from "./histogram.ts";
import { type Lags, runSteps } from "./steps.ts";

export type Program = Readonly<{ name: string; cost: Cost; requestsPerSecond: number }>;
export type Side = Readonly<{ programs: readonly Program[]; apiServer: Cost; lags: Lags }>;
export type Theirs = Side & Readonly<{ idleController: Cost }>;
/** `written`: upper end of the 95th percentile, seconds from stored samples to the accepted count. */
export type Ours = Side & Readonly<{ resolution: string; written: number }>;

export type Spans = Readonly<{
  /** Of each measurement. */
  seconds: number;
  /** How many of each program. */
  replicas: number;
}>;

/** Caches filled, rates known, compilers nearly done. */
const WARM_SECONDS = 150;
const IDLE_SECONDS = 30;
/** A Deployment's second step must not meet its first. */
const STEPS_SECONDS_MIN = 120;
const RESOLUTION = "15s";

export async function measureTheirs(bed: Bed, { seconds, replicas }: Spans): Promise<Theirs> {
  const accounts = {
    "metrics-server": await accountFor(bed, "metrics-server"),
    "HPA controller": await accountFor(bed, "hpa-controller"),
    "VPA recommender": await accountFor(bed, "vpa-recommender"),
  };
  // A controller-manager elects a leader unless it is told not to; the recommender only when it is told to.
  const electing = ["--leader-elect=true", "--leader-elect-resource-name=hpa-controller"];
  const elect = replicas > 1 ? ["--leader-elect=true"] : [];
  const indices = Array.from({ length: replicas }, (_, index) => index);
  const { plane } = bed;
  const of = (name: keyof typeof accounts) => accounts[name].kubeconfig;
  const hpa = await each(indices, () =>
    startHpaController(plane, { kubeconfig: of("HPA controller"), args: electing }),
  );
  await wait(IDLE_SECONDS * 1000);
  const stopIdle = startCosting(hpa.map(({ pid }) => pid));
  await wait(IDLE_SECONDS * 1000);
  const idleController = stopIdle();
  const metrics = await each(indices, (index) =>
    startMetricsServer(plane, {
      resolution: RESOLUTION,
      kubeconfig: of("metrics-server"),
      standby: index > 0,
    }),
  );
  const vpa = await each(indices, () =>
    startVpaRecommender(plane, { kubeconfig: of("VPA recommender"), args: elect }),
  );
  await tell(bed, "vpa");
  await tell(bed, "hpa");
  const started = { "metrics-server": metrics, "HPA controller": hpa, "VPA recommender": vpa };
  try {
    const programs = Object.entries(started).map(([name, peers]) => ({
      name,
      pids: peers.map(({ pid }) => pid),
      user: accounts[name as keyof typeof accounts].user,
    }));
    return { ...(await measure(bed, programs, seconds)), idleController };
  } finally {
    await untell(bed, "hpa");
    await untell(bed, "vpa");
    for (const peer of [...vpa, ...hpa, ...metrics.toReversed()]) await peer.stop();
  }
}

export async function measureOurs(bed: Bed, resolution: string, { seconds, replicas }: Spans): Promise<Ours> {
  const account = await accountFor(bed, `plimsoll-${resolution}`);
  await tell(bed, "policy");
  const operators = await each(Array.from({ length: replicas }), () =>
    startOperator(bed.plane, {
      kubeconfig: account.kubeconfig,
      env: productEnvironment(),
      args: [`--metric-resolution=${resolution}`],
    }),
  );
  try {
    const pids = operators.map(({ pid }) => pid);
    const side = await measure(bed, [{ name: `Plimsoll, ${resolution}`, pids, user: account.user }], seconds);
    const texts = await each(operators, async ({ get }) => (await get("/metrics")).text);
    return { ...side, resolution, written: bucketQuantile(texts, "plimsoll_samples_to_scale_seconds", 0.95) };
  } finally {
    await untell(bed, "policy");
    for (const operator of operators) await operator.stop();
  }
}

type Measured = Readonly<{ name: string; pids: readonly number[]; user: string }>;

async function measure(bed: Bed, programs: readonly Measured[], seconds: number): Promise<Side> {
  const { plane, transport, places } = bed;
  await putAtRest(bed);
  await wait(WARM_SECONDS * 1000);
  const since = Date.now();
  const costings = programs.map(({ pids }) => startCosting(pids));
  const stopApiServer = startCosting([plane.pids["kube-apiserver"] ?? 0]);
  await wait(seconds * 1000);
  const costs = costings.map((stop) => stop());
  const apiServer = stopApiServer();
  const rates = programs.map(({ user }) => plane.auditFor(user, since).length / seconds);
  const lags = await runSteps({ transport, places, seconds: Math.max(seconds, STEPS_SECONDS_MIN) });
  const measured = programs.map(({ name }, index) => ({
    name,
    cost: costs[index] as Cost,
    requestsPerSecond: rates[index] ?? 0,
  }));
  return { programs: measured, apiServer, lags };
}

/** One after the other. */
async function each<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}
