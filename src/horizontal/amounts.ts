/**
 * What one pod asks for and uses of a metric's resource, read as the HPA of Kubernetes
 * 1.37 reads it.
 *
 * Invariant: an amount is a whole number of milli-units, and an amount that is not known is a reason or
 * undefined, never 0.
 *
 *   containers 100m + 50m                              150
 *   pod-level request 800m, one container without      800
 *   metric names a container of 100m, pod-level set    100
 *   init 20m + sidecar 50m + main 100m                 150
 *   one container without a request                    lacking
 */
import { bytes, cpuInMilli, memoryInMilli, type ResourceName } from "../base/units.ts";
import type { MetricSpec } from "../policy/policy.ts";
import type { PodEvidence } from "../usage/evidence.ts";
import { wholeAmount } from "./arithmetic.ts";

type Shape = PodEvidence["shape"];
type Container = Shape["containers"][number];
type Usage = NonNullable<PodEvidence["usage"]>["containers"][number];
type Followed = Pick<MetricSpec, "resource" | "container">;

export type Request =
  Readonly<{ kind: "request"; amount: number }> | Readonly<{ kind: "lacking"; message: string }>;

/** The denominator of a utilization. */
export function requestOf(shape: Shape, { resource, container }: Followed): Request {
  if (container !== undefined) return namedRequest(shape, resource, container);
  if (Object.keys(shape.podRequests ?? {}).length > 0) return podLevelRequest(shape, resource);
  let amount = 0;
  for (const counted of countedContainers(shape)) {
    const request = counted.requests[resource];
    if (request === undefined) return lacking(`container ${counted.name} has no ${resource} request`);
    amount += wholeAmount(request);
  }
  return { kind: "request", amount: wholeAmount(amount) };
}

/** The limits of the counted containers together; undefined when one of them has none. */
export function limitOf(shape: Shape, { resource, container }: Followed): number | undefined {
  const counted = countedContainers(shape).filter(
    ({ name }) => container === undefined || name === container,
  );
  const limits = counted.map(({ limits: { [resource]: limit } }) => limit);
  if (limits.length === 0 || limits.includes(undefined)) return undefined;
  return wholeAmount(limits.reduce<number>((sum, limit) => sum + (limit ?? 0), 0));
}

/** What a pod uses; undefined without a sample of it. Each container is rounded up by itself, before summing. */
export function usageOf({ usage }: PodEvidence, { resource, container }: Followed): number | undefined {
  if (usage === undefined) return undefined;
  const counted =
    container === undefined
      ? usage.containers
      : usage.containers.filter((one) => one.container === container);
  if (counted.length === 0) return undefined;
  return wholeAmount(counted.reduce((sum, one) => sum + inMilli(one, resource), 0));
}

/** A sum of memory stays finite: 2^53 / 1000 bytes saturate the milli-unit. */
const BYTES_MAX = Math.ceil(Number.MAX_SAFE_INTEGER / 1000);
const inMilli = ({ cpu, memory }: Usage, resource: ResourceName): number =>
  wholeAmount(resource === "cpu" ? cpuInMilli(cpu) : memoryInMilli(bytes(Math.min(memory, BYTES_MAX))));

/** Sidecars (init containers that always restart) run beside the main containers and count with them. */
const countedContainers = ({ containers }: Shape): readonly Container[] =>
  containers.filter(({ role }) => role !== "init");

function namedRequest(shape: Shape, resource: ResourceName, name: string): Request {
  const named =
    shape.containers.find((one) => one.role === "main" && one.name === name) ??
    shape.containers.find((one) => one.role === "sidecar" && one.name === name);
  if (named === undefined) return lacking(`no container is named ${name}`);
  const request = named.requests[resource];
  if (request === undefined) return lacking(`container ${name} has no ${resource} request`);
  return { kind: "request", amount: wholeAmount(request) };
}

/**
 * Pod-level requests overrule what the containers add up to, and the pod's overhead is added; where neither
 * names the resource, the overhead alone is the request (as upstream).
 */
function podLevelRequest(shape: Shape, resource: ResourceName): Request {
  const amount = shape.podRequests?.[resource] ?? containerAggregate(shape, resource);
  const overhead = shape.overhead[resource];
  if (amount === undefined && overhead === undefined)
    return lacking(`neither the pod nor a container has a ${resource} request`);
  return { kind: "request", amount: wholeAmount((amount ?? 0) + (overhead ?? 0)) };
}

/**
 * What the scheduler reserves for the containers: main and sidecars together, or more while an init
 * container runs beside the sidecars that were started before it.
 */
function containerAggregate({ containers }: Shape, resource: ResourceName): number | undefined {
  if (containers.every(({ requests }) => requests[resource] === undefined)) return undefined;
  let together = 0;
  for (const { role, requests } of containers) if (role === "main") together += requests[resource] ?? 0;
  let sidecars = 0;
  let peak = 0;
  for (const { role, requests } of containers) {
    const request = requests[resource] ?? 0;
    if (role === "sidecar") sidecars += request;
    if (role === "init") peak = Math.max(peak, sidecars + request);
  }
  return Math.max(together + sidecars, peak);
}

const lacking = (message: string): Request => ({ kind: "lacking", message });
