/**
 * What the kubelet and the endpoints' controller do for a Service, for processes of a test: an EndpointSlice that follows
 * who is ready.
 */
import { setTimeout as wait } from "node:timers/promises";
import type { OperatorProcess } from "../cluster/operator-process.ts";
import { succeed } from "../control-plane/api-request.ts";
import type { ControlPlane } from "../control-plane/connection.ts";

export type Replica = Readonly<{ address: string; operator: OperatorProcess }>;
export type Place = Readonly<{ namespace: string; service: string; port: number }>;
export type Endpoints = Readonly<{
  /** Takes the address over from whoever had it. */
  put(replica: Replica): void;
  stop(): Promise<void>;
}>;

const SLICES = (namespace: string) => `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
/** A kubelet is told of a container's end, and probes the others every few seconds. */
const LOOK_EVERY_MILLIS = 50;

export async function followReadiness(
  { request }: ControlPlane,
  { namespace, service, port }: Place,
): Promise<Endpoints> {
  const name = `${service}-replicas`;
  const replicas = new Map<string, OperatorProcess>();
  let [isStopped, told] = [false, ""];
  await succeed(request, "POST", SLICES(namespace), {
    body: {
      metadata: { name, labels: { "kubernetes.io/service-name": service } },
      addressType: "IPv4",
      ports: [{ name: "https", port, protocol: "TCP" }],
      endpoints: [],
    },
  });
  const look = async (): Promise<void> => {
    const endpoints = await Promise.all(
      [...replicas].map(async ([address, operator]) => ({
        addresses: [address],
        conditions: { ready: await isReady(operator) },
      })),
    );
    const text = JSON.stringify(endpoints);
    if (text === told) return;
    told = text;
    await succeed(request, "PATCH", `${SLICES(namespace)}/${name}`, { body: { endpoints } });
  };
  const looking = (async () => {
    while (!isStopped) {
      await look();
      await wait(LOOK_EVERY_MILLIS);
    }
  })();
  return {
    put: ({ address, operator }) => void replicas.set(address, operator),
    async stop() {
      isStopped = true;
      await looking;
    },
  };
}

const isReady = (operator: OperatorProcess): Promise<boolean> =>
  operator.get("/readyz").then(({ status }) => status === 200, () => false); // prettier-ignore
