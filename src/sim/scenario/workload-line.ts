/**
 * `workload NAME …`: what is there to be scaled, without its load.
 *
 *   workload web    replicas=3 cpu=500m memory=256Mi start=10s
 *   workload db     kind=StatefulSet replicas=2 cpu-limit=1
 *   workload game   kind=example.com/v1/Fleet
 *   workload fresh  replicas=2 starting
 *   workload batch  replicas=2 app=web        its pods carry the label app=web
 *   workload slim   memory-base=16Mi          of a pod that does nothing
 *   workload odd    no-requests | pod-cpu=2 (of the pod as a whole) | partition=3 (of a StatefulSet)
 *   container web proxy  cpu=100m share=0.1 sidecar    a further container, which serves a tenth of the load
 *
 * Invariant: without settings, a Deployment of one replica that asks for 500m and 256Mi.
 */
import type { Amounts } from "../../base/units.ts";
import { bytes, milliUnits, seconds } from "../../base/units.ts";
import type { TargetReference } from "../../cluster/workload.ts";
import type { ContainerBlueprint, WorkloadBlueprint } from "../model/blueprint.ts";
import { MEBI, workload } from "../model/blueprint.ts";
import type { Line } from "./line.ts";

export type StagedWorkload = Readonly<{ blueprint: WorkloadBlueprint; how: "settled" | "starting" }>;

export function workloadOf(line: Line): StagedWorkload {
  const { namespace, name } = nameOf(line);
  const requests = line.takes("no-requests") ? {} : requestsOf(line);
  const limits = amountsOf(line.amount("cpu-limit"), line.amount("memory-limit"));
  const how = line.takes("starting") ? "starting" : "settled";
  const podCpu = line.amount("pod-cpu");
  const memoryBase = line.amount("memory-base");
  const blueprint = workload({
    app: line.text("app"),
    podRequests: podCpu === undefined ? undefined : amountsOf(podCpu, undefined),
    partition: line.count("partition"),
    namespace,
    name,
    target: targetOf(line.text("kind") ?? "Deployment", name),
    replicas: line.count("replicas") ?? 1,
    containers: [{ name: "app", requests, limits, share: 1 }],
    startup: line.duration("start") ?? seconds(10),
    cpu: { kind: "steady", level: 0 },
    ...(memoryBase === undefined ? {} : { memoryBase: bytes(memoryBase) }),
  });
  return { blueprint, how };
}

/** A further container of a workload that a line above describes. */
export function containerOf(line: Line): ContainerBlueprint {
  const name = line.word("a container's name");
  const role = ROLES.find((each) => line.takes(each)) ?? "main";
  const requests = line.takes("no-requests") ? {} : requestsOf(line);
  return { name, role, requests, limits: {}, share: line.amount("share") ?? 0 };
}

/** The one container of a workload without further ones. */
export function appOf({ cpu }: Readonly<{ cpu: number }>): ContainerBlueprint {
  return { name: "app", requests: amountsOf(cpu, 256 * MEBI), limits: {}, share: 1 };
}

/** With a further container, which takes its share from the first. */
export function withContainer(
  { blueprint, how }: StagedWorkload,
  container: ContainerBlueprint,
): StagedWorkload {
  const [first, ...others] = blueprint.containers;
  const left = first === undefined ? [] : [{ ...first, share: first.share - container.share }];
  return { how, blueprint: { ...blueprint, containers: [...left, ...others, container] } };
}

const ROLES = ["sidecar", "init"] as const;

const requestsOf = (line: Line): Amounts =>
  amountsOf(line.amount("cpu") ?? 0.5, line.amount("memory") ?? 256 * MEBI);

/** `web` is in the default namespace, `shop/web` in shop. */
export function nameOf(line: Line): Readonly<{ namespace: string; name: string }> {
  return splitName(line.word("a name"));
}

export function splitName(text: string): Readonly<{ namespace: string; name: string }> {
  const slash = text.indexOf("/");
  if (slash === -1) return { namespace: "default", name: text };
  return { namespace: text.slice(0, slash), name: text.slice(slash + 1) };
}

/** `Deployment`, `StatefulSet`, or a custom kind with its group and version: `example.com/v1/Fleet`. */
export function targetOf(kind: string, name: string): TargetReference {
  const slash = kind.lastIndexOf("/");
  if (slash === -1) return { apiVersion: "apps/v1", kind, name };
  return { apiVersion: kind.slice(0, slash), kind: kind.slice(slash + 1), name };
}

function amountsOf(cpu: number | undefined, memory: number | undefined): Amounts {
  return {
    ...(cpu === undefined ? {} : { cpu: milliUnits(Math.round(cpu * 1000)) }),
    ...(memory === undefined ? {} : { memory: milliUnits(Math.round(memory * 1000)) }),
  };
}
