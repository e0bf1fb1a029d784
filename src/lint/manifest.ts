/**
 * Manifests as the rules look at them: what scales, and what is scaled. Every autoscaler is looked at as the
 * ScalePolicy that `plimsoll import` makes of it, so that a rule is written once.
 */
import type { ObjectKey } from "../base/ids.ts";
import { readAmount } from "../base/quantity.ts";
import type { Amounts, ResourceName } from "../base/units.ts";
import { targetKey, type TargetReference } from "../cluster/workload.ts";
import { convertObjects } from "../import/convert.ts";
import type { Draft, Note, Source } from "../import/draft.ts";
import { Fields, isRecord } from "../import/fields.ts";
import { parsePolicy } from "../policy/parse.ts";
import type { HorizontalSpec, MetricSpec } from "../policy/policy.ts";

/** Anything that moves replicas or requests of a target. */
export type Autoscaler = Readonly<{
  source: Source;
  apiVersion: string;
  target: TargetReference;
  key: ObjectKey;
  /** Shadow and Paused policies, and VPAs that only recommend, write nothing. */
  writes: boolean;
  /** undefined: it moves no replicas, or what it says about them is not valid. */
  horizontal: HorizontalSpec | undefined;
  /** Whose requests it may change. */
  changesRequestsOf: readonly ResourceName[];
}>;

export type ContainerManifest = Readonly<{ name: string; requests: Amounts; limits: Amounts }>;

/** Anything with a pod template. */
export type WorkloadManifest = Readonly<{
  source: Source;
  key: ObjectKey;
  /** Main containers and sidecars: what a pod's utilization is counted over. */
  containers: readonly ContainerManifest[];
  /** spec.replicas, where it is written. */
  replicas: number | undefined;
  /** The annotation `plimsoll.dev/requests` of the template, where it is written. */
  requestsAnnotation: string | undefined;
}>;

export type Manifests = Readonly<{
  autoscalers: readonly Autoscaler[];
  workloads: readonly WorkloadManifest[];
  /** What the operator would say of a ScalePolicy, or of one made from another autoscaler. */
  problems: readonly Readonly<{ source: Source; field: string; message: string }>[];
}>;

const POLICY_GROUP = "plimsoll.dev/";

/** Objects as `readManifests` gives them; Lists are opened. */
export function readObjects(objects: readonly unknown[]): Manifests {
  const flat = objects.flatMap(openList);
  const read = flat.map(readObject);
  return {
    autoscalers: read.flatMap(({ autoscaler }) => autoscaler ?? []),
    workloads: read.flatMap(({ workload }) => workload ?? []),
    problems: read.flatMap(({ problems }) => problems ?? []),
  };
}

type ReadObject = Readonly<{
  autoscaler?: Autoscaler | undefined;
  workload?: WorkloadManifest | undefined;
  problems?: Manifests["problems"];
}>;

function openList(value: unknown): readonly unknown[] {
  const items = isRecord(value) && Array.isArray(value["items"]) ? value["items"] : undefined;
  return items === undefined ? [value] : items.flatMap(openList);
}

function readObject(value: unknown): ReadObject {
  if (!isRecord(value) || typeof value["apiVersion"] !== "string") return {};
  if (value["kind"] === "ScalePolicy" && value["apiVersion"].startsWith(POLICY_GROUP))
    return readPolicy(value);
  const [converted] = convertObjects(value);
  if (converted?.kind !== "converted") return { workload: readWorkload(value) };
  const { draft, notes, source } = converted.conversion;
  const refusals = notes.filter(({ kind }) => kind === "refused").filter(isMistake);
  const problems = refusals.map(({ field, message }) => ({ source, field, message }));
  if (draft === undefined) return { problems };
  const read = readDraft(draft, value);
  return { autoscaler: read.autoscaler, problems: [...problems, ...read.problems] };
}

/** What has no equivalent in a ScalePolicy is no mistake in an HPA. */
const isMistake = ({ field }: Note): boolean => /(Ref(\.apiVersion)?|name)$/.test(field);

type ReadAutoscaler = Readonly<{ autoscaler: Autoscaler | undefined; problems: Manifests["problems"] }>;

function readDraft(draft: Draft, object: Readonly<Record<string, unknown>>): ReadAutoscaler {
  const { source, target, horizontal, vertical } = draft;
  const parsed = parsePolicy({ targetRef: target, ...(horizontal === undefined ? {} : { horizontal }) });
  const mode = new Fields("", object).object("spec").object("updatePolicy").text("updateMode");
  const autoscaler: Autoscaler = {
    source,
    apiVersion: String(object["apiVersion"]),
    target,
    key: targetKey(source.namespace ?? "", target),
    writes: draft.mode === "Active" && (vertical === undefined || mode !== "Off"),
    horizontal: parsed.kind === "valid" ? parsed.spec.horizontal : undefined,
    changesRequestsOf: vertical === undefined || mode === "Off" ? [] : controlledOf(vertical),
  };
  return { autoscaler, problems: problemsOf(source, parsed) };
}

/** Resources that at least one container's policy leaves to the autoscaler; without policies, both. */
function controlledOf(vertical: Readonly<Record<string, unknown>>): readonly ResourceName[] {
  const policies = new Fields("", vertical).object("resourcePolicy").list("containerPolicies");
  const changing = policies.filter((policy) => policy.text("mode") !== "Off");
  if (policies.length === 0 || !policies.some((policy) => policy.text("containerName") === "*"))
    return ["cpu", "memory"];
  const named = changing.map((policy) => policy.take("controlledResources"));
  return (["cpu", "memory"] as const).filter((resource) =>
    named.some((list) => !Array.isArray(list) || list.includes(resource)),
  );
}

function readPolicy(object: Readonly<Record<string, unknown>>): ReadAutoscaler {
  const metadata = new Fields("metadata", object["metadata"]);
  const source: Source = {
    kind: "ScalePolicy",
    namespace: metadata.text("namespace"),
    name: metadata.text("name") ?? "",
  };
  const parsed = parsePolicy(object["spec"]);
  const problems = problemsOf(source, parsed);
  if (parsed.kind !== "valid") return { autoscaler: undefined, problems };
  const { target, mode, horizontal } = parsed.spec;
  const key = targetKey(source.namespace ?? "", target);
  const apiVersion = String(object["apiVersion"]);
  const writes = mode === "Active";
  return {
    autoscaler: { source, apiVersion, target, key, writes, horizontal, changesRequestsOf: [] },
    problems,
  };
}

function problemsOf(source: Source, parsed: ReturnType<typeof parsePolicy>): Manifests["problems"] {
  if (parsed.kind === "valid") return [];
  if (parsed.kind === "invalid") return parsed.problems.map((problem) => ({ source, ...problem }));
  return parsed.fields.map((field) => ({ source, field, message: "is not a field of a ScalePolicy" }));
}

function readWorkload(object: Readonly<Record<string, unknown>>): WorkloadManifest | undefined {
  const whole = new Fields("", object);
  const spec = whole.object("spec");
  const template = spec.object("template");
  const pod = template.object("spec");
  const containers = pod.list("containers");
  const kind = whole.text("kind");
  const metadata = whole.object("metadata");
  const name = metadata.text("name");
  if (kind === undefined || name === undefined || containers.length === 0) return undefined;
  const namespace = metadata.text("namespace");
  const apiVersion = String(object["apiVersion"]);
  const sidecars = pod.list("initContainers").filter((init) => init.text("restartPolicy") === "Always");
  return {
    source: { kind, namespace, name },
    key: targetKey(namespace ?? "", { apiVersion, kind, name }),
    containers: [...containers, ...sidecars].map(readContainer),
    replicas: spec.number("replicas"),
    requestsAnnotation: template.object("metadata").object("annotations").text("plimsoll.dev/requests"),
  };
}

function readContainer(container: Fields): ContainerManifest {
  const resources = container.object("resources");
  return {
    name: container.text("name") ?? "",
    requests: amountsOf(resources.object("requests")),
    limits: amountsOf(resources.object("limits")),
  };
}

function amountsOf(list: Fields): Amounts {
  const read = (["cpu", "memory"] as const).map((name) => [name, readAmount(list.take(name))] as const);
  return Object.fromEntries(read.filter(([, amount]) => amount !== undefined)) as Amounts;
}

/** A request that the API server fills in from the limit counts as one. */
export const requestOf = (
  { requests, limits }: ContainerManifest,
  resource: ResourceName,
): number | undefined => requests[resource] ?? limits[resource];

/** The containers that a metric counts. */
export const countedBy = (metric: MetricSpec, workload: WorkloadManifest): readonly ContainerManifest[] =>
  metric.container === undefined
    ? workload.containers
    : workload.containers.filter(({ name }) => name === metric.container);
