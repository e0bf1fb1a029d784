/**
 * What a simulated workload is made of: its object, its containers, its load, and how its pods start.
 *
 * Invariant: shares of the containers add up to what the load asks for; nothing here changes while running
 * except by a roll-out or a new load.
 */
import type { Amounts, Bytes, Millis } from "../../base/units.ts";
import { bytes, milliUnits, seconds } from "../../base/units.ts";
import type { ContainerRole, PodShape } from "../../cluster/pod.ts";
import type { TargetReference } from "../../cluster/workload.ts";
import type { Shape } from "../kubelet/load.ts";

export type ContainerBlueprint = Readonly<{
  name: string;
  /** Default: main. An `init` container has ended before its pod is seen, and is never measured. */
  role?: ContainerRole;
  requests: Amounts;
  limits: Amounts;
  /** The part of the pod's demand that this container serves, a fraction. */
  share: number;
}>;

export type Load = Readonly<{
  /** In cores. */
  cpu: Shape;
  /** In bytes, beside what each pod needs anyway; undefined when memory does not depend on the load. */
  memory: Shape | undefined;
  /** Memory of a pod that does nothing, and per core that it uses. */
  memoryBase: Bytes;
  memoryPerCore: Bytes;
}>;

export type WorkloadBlueprint = Readonly<{
  namespace: string;
  target: TargetReference;
  replicas: number;
  containers: readonly ContainerBlueprint[];
  /** From a started container to a ready pod. */
  startup: Millis;
  /** Pods of this template start and never become ready: a bad release. */
  neverReady: boolean;
  /** The value of the pods' label `app`, where it is not the workload's own name. */
  app: string | undefined;
  /** Requests of the pod as a whole. */
  podRequests: Amounts | undefined;
  /** A StatefulSet replaces only pods from this number up; undefined replaces all. */
  partition: number | undefined;
  /** Who keeps the workload in step with Git. */
  gitOps: string | undefined;
  load: Load;
}>;

/** A Deployment of one container, of which everything but name and load may be left out. */
export function workload(
  of: Readonly<{
    namespace?: string;
    name: string;
    cpu: Shape;
    target?: TargetReference;
    request?: Amounts;
  }> &
    Partial<Omit<WorkloadBlueprint, "namespace" | "target" | "load">> &
    Partial<Omit<Load, "cpu">>,
): WorkloadBlueprint {
  const requests = of.request ?? { cpu: milliUnits(500), memory: milliUnits(256 * MEBI * 1000) };
  return {
    namespace: of.namespace ?? "default",
    target: of.target ?? { apiVersion: "apps/v1", kind: "Deployment", name: of.name },
    replicas: of.replicas ?? 1,
    containers: of.containers ?? [{ name: "app", requests, limits: {}, share: 1 }],
    startup: of.startup ?? seconds(10),
    neverReady: of.neverReady ?? false,
    app: of.app,
    podRequests: of.podRequests,
    partition: of.partition,
    gitOps: of.gitOps,
    load: {
      cpu: of.cpu,
      memory: of.memory,
      memoryBase: of.memoryBase ?? bytes(128 * MEBI),
      memoryPerCore: of.memoryPerCore ?? bytes(64 * MEBI),
    },
  };
}

export const MEBI = 1_048_576;

export function podShapeOf({
  containers,
  podRequests,
}: Pick<WorkloadBlueprint, "containers" | "podRequests">): PodShape {
  return {
    containers: containers.map(({ name, role = "main", requests, limits }) => ({
      name,
      role,
      requests,
      limits,
    })),
    podRequests,
    overhead: {},
  };
}
