/**
 * Two replicas behind an API server that picks endpoints itself (`--enable-aggregator-routing`), each on an address of its
 * own: both are ended, then killed and replaced, one after the other, while people ask for `kubectl top`. Run in a network
 * namespace that has the two addresses (namespace.ts); prints what it saw as one line of JSON.
 */
import { setTimeout as wait } from "node:timers/promises";
import { NAME, NAMESPACE } from "../../generate/rbac.ts";
import { MANIFEST, until } from "../cluster/installation.ts";
import { aWorkload } from "../cluster/manifests.ts";
import { type OperatorProcess, startOperator } from "../cluster/operator-process.ts";
import { findControlPlane } from "../control-plane/build.ts";
import type { ControlPlane } from "../control-plane/connection.ts";
import { startControlPlane } from "../control-plane/start.ts";
import { serveCrd } from "../soak/fleet.ts";
import { type Endpoints, followReadiness } from "./endpoints.ts";
import { ADDRESSES, type Seen } from "./namespace.ts";

const PORT = 10250;
const SIGNALS = ["SIGTERM", "SIGKILL"] as const;

const found = await findControlPlane();
if (found.kind === "missing") throw new Error(found.reason);
const plane = await startControlPlane(found.binaries, { apiserver: { "enable-aggregator-routing": "true" } });
try {
  console.log(JSON.stringify(await killEither(plane)));
} finally {
  await plane.stop();
}

async function killEither(plane: ControlPlane): Promise<readonly Seen[]> {
  await plane.addKwokNodes(1);
  await install(plane);
  const endpoints = await followReadiness(plane, { namespace: NAMESPACE, service: NAME, port: PORT });
  const replicas = new Map<string, OperatorProcess>();
  try {
    for (const address of ADDRESSES) await begin(plane, { address, replicas, endpoints });
    await until("figures of both", () => answersAlways(plane));
    const seen: Seen[] = [];
    for (const signal of SIGNALS)
      for (const address of ADDRESSES)
        seen.push(await replace(plane, { address, replicas, endpoints, signal }));
    return seen;
  } finally {
    await endpoints.stop();
    for (const operator of replicas.values()) await operator.stop();
  }
}

/** The shipped manifest, whose Service leads to what the test says in place of the pods that kwok pretends to run. */
async function install(plane: ControlPlane): Promise<void> {
  await serveCrd(plane);
  await plane.apply(MANIFEST);
  await plane.kubectl("scale", `deployment/${NAME}`, "-n", NAMESPACE, "--replicas=0");
  await plane.kubectl("patch", "service", NAME, "-n", NAMESPACE, "--type=json", "-p", '[{"op":"remove","path":"/spec/selector"}]');
  await plane.kubectl("delete", "endpointslices", "-n", NAMESPACE, "-l", `kubernetes.io/service-name=${NAME}`);
  await plane.kubectl("delete", "lease", "--all", "-n", NAMESPACE);
  await plane.apply(aWorkload({ namespace: "default", name: "busy" }, "Deployment", { replicas: 4, cpu: "20m" }));
} // prettier-ignore

type Beginning = Readonly<{ address: string; replicas: Map<string, OperatorProcess>; endpoints: Endpoints }>;

async function begin(plane: ControlPlane, { address, replicas, endpoints }: Beginning): Promise<void> {
  const { kubeconfig } = await plane.serviceAccountKubeconfig(NAMESPACE, NAME);
  const operator = await startOperator(plane, {
    kubeconfig,
    args: [
      "--metrics-api=Auto", `--leader-elect-resource-namespace=${NAMESPACE}`, `--bind-address=${address}`, `--secure-port=${PORT}`,
      "--shutdown-delay-duration=3s",
    ],
  }); // prettier-ignore
  replicas.set(address, operator);
  endpoints.put({ address, operator });
  await until(`${address} is ready`, async () => {
    const slices = await plane.kubectl("get", "endpointslices", "-n", NAMESPACE, "-o", "json");
    return (JSON.parse(slices) as { items: { endpoints: { addresses: string[]; conditions: { ready?: boolean } }[] | null }[] }).items
      .flatMap((slice) => slice.endpoints ?? [])
      .some(({ addresses, conditions }) => addresses.includes(address) && conditions.ready === true);
  }); // prettier-ignore
}

async function replace(
  plane: ControlPlane,
  beginning: Beginning & Readonly<{ signal: Seen["signal"] }>,
): Promise<Seen> {
  const { address, replicas, signal } = beginning;
  const state = { tops: 0, failed: [] as string[], isOver: false };
  const ask = async (): Promise<void> => {
    while (!state.isOver) {
      const printed = await top(plane);
      if (!/^kwok/m.test(printed)) state.failed.push(printed);
      state.tops++;
    }
  };
  await until("figures of both", () => answersAlways(plane));
  const asking = Promise.all([ask(), ask()]);
  await wait(1000);
  await replicas.get(address)?.stop(signal);
  await begin(plane, beginning);
  await wait(1000);
  state.isOver = true;
  await asking;
  return { address, signal, tops: state.tops, failed: state.failed };
}

/** The aggregator takes any of the replicas each time: so many answers in a row are of both. */
async function answersAlways(plane: ControlPlane): Promise<boolean> {
  for (let n = 0; n < 16; n++) if (!/^kwok/m.test(await top(plane))) return false;
  return true;
}

function top(plane: ControlPlane): Promise<string> {
  return plane.kubectl("top", "nodes", "--no-headers").catch(String);
}
