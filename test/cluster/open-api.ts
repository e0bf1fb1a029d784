/**
 * The adapters of src/real/apiserver over a kubeconfig of the lane.
 */
import { createApi } from "../../src/real/apiserver/api.ts";
import { loadConnection } from "../../src/real/apiserver/connection/connection.ts";
import { createTransport } from "../../src/real/apiserver/http-transport.ts";
import type { ApiTransport } from "../../src/real/apiserver/transport.ts";
import { createClock } from "../../src/real/clock.ts";
import { createRandom } from "../../src/real/random.ts";

export async function openTransport(kubeconfig: string): Promise<ApiTransport> {
  const ports = { clock: createClock(), log: () => undefined };
  const outcome = await loadConnection({ kubeconfig, environment: process.env, ports });
  if (outcome.kind === "unusable") throw new Error(outcome.message);
  return createTransport(outcome.connection, { userAgent: "plimsoll/test" });
}

/** One candidate's view of the lease `plimsoll` in `leaseNamespace`, and of everything else. */
export async function openApi(kubeconfig: string, leaseNamespace: string) {
  const transport = await openTransport(kubeconfig);
  const api = createApi(transport, {
    identity: "test-pod_1",
    leaseName: "plimsoll",
    leaseNamespace,
    clock: createClock(),
    random: createRandom(),
  });
  return { api, transport };
}
