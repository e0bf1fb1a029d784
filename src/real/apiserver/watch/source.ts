/**
 * The API server as a source of the cluster's objects: one reflector for each kind that is followed.
 */
import type { ClusterSource } from "../../../cluster/port.ts";
import { Pacer } from "./pacer.ts";
import { type ReflectorPorts, runReflector } from "./reflector.ts";
import { RESOURCES } from "./resources.ts";
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
