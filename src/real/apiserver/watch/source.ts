/**
 * The API server as a source of the cluster's objects: one reflector for each kind that is followed.
 */
import type { Pod } from "../../../cluster/pod.ts";
import type { ClusterSource, Listener, PodFailureSource } from "../../../cluster/port.ts";
import { Pacer } from "./pacer.ts";
import { type ReflectorPorts, runReflector } from "./reflector.ts";
import { FAILED_PODS, RESOURCES } from "./resources.ts";
import { createShared } from "./trim/meta.ts";

/** As client-go pages. */
const PAGE_SIZE = 500;

/** `pageSize` counts where the server does not list by WatchList. */
export function createClusterSource(ports: ReflectorPorts, { pageSize = PAGE_SIZE } = {}): ClusterSource {
  const [shared, pacer] = [createShared(), new Pacer(ports.clock)];
  return {
    follow: (kind, listener, signal) =>
      runReflector(ports, { kind, resource: RESOURCES[kind], shared, pacer, pageSize, listener }, signal),
  };
}

/** A reflector of its own, for nothing is kept of failed pods and no decision waits for them. */
export function createPodFailureSource(
  ports: ReflectorPorts,
  { pageSize = PAGE_SIZE } = {},
): PodFailureSource {
  const common = { kind: "pods", resource: FAILED_PODS, shared: createShared(), pageSize } as const;
  return {
    follow: (tell, signal) => {
      const listener: Listener<Pod> = {
        apply(event) {
          if (event.kind === "listed" || event.kind === "changed") tell(event.object);
        },
        hear: () => undefined,
        trouble({ problem, message }) {
          ports.log("warn", "failed pods cannot be followed; kills that ended a pod are not seen", {
            problem,
            detail: message,
          });
        },
      };
      return runReflector(ports, { ...common, pacer: new Pacer(ports.clock), listener }, signal);
    },
  };
}
